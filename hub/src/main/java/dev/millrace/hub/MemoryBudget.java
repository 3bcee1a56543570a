package dev.millrace.hub;

import java.util.concurrent.atomic.AtomicLong;

/// Bytes that all chunks of a hub hold together. It never refuses: a loop that finds it overdrawn
/// closes sessions that lag and appends no more until it is not. Safe from any thread.
final class MemoryBudget {
  private final AtomicLong used = new AtomicLong();
  private final long limit;

  MemoryBudget(long limit) {
    this.limit = limit;
  }

  void take(int bytes) {
    used.addAndGet(bytes);
  }

  void giveBack(int bytes) {
    used.addAndGet(-bytes);
  }

  boolean overdrawn() {
    return used.get() > limit;
  }

  long used() {
    return used.get();
  }
}
