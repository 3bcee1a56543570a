package dev.millrace.systemtest;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/// Waits for a condition of another process, with a deadline.
final class Await {
  private static final long POLL_NANOS = 10_000_000;

  private Await() {}

  static void until(Duration patience, BooleanSupplier condition, Supplier<String> complaint) {
    long deadline = System.nanoTime() + patience.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError(complaint.get());
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
  }
}
