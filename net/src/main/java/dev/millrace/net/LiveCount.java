package dev.millrace.net;

import java.util.concurrent.atomic.AtomicInteger;

/// The answers without an end that all connections together are sending. Safe from any thread.
public final class LiveCount {
  private final AtomicInteger open = new AtomicInteger(); // every loop counts

  LiveCount() {}

  /// Counts one more in, unless there are `limit` already.
  public boolean admit(int limit) {
    if (open.incrementAndGet() <= limit) {
      return true;
    }
    open.decrementAndGet();
    return false;
  }

  /// Counts an admitted one out.
  public void leave() {
    open.decrementAndGet();
  }

  public int open() {
    return open.get();
  }
}
