package dev.millrace.testkit;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/// Waits for what others bring about, with a deadline.
public final class Await {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final long THREADS_NANOS = 200_000;
  private static final long PROCESSES_NANOS = 10_000_000;

  private Await() {}

  /// Waits for another thread, for twenty seconds at most.
  ///
  /// @throws AssertionError that says it was in vain until `what`
  public static void until(String what, BooleanSupplier condition) {
    until(
        PATIENCE, THREADS_NANOS, condition, () -> "waited " + PATIENCE + " in vain until " + what);
  }

  /// Waits for another process, for `patience` at most: looks less often, since a look may cost.
  ///
  /// @throws AssertionError with the `complaint` of that moment
  public static void until(
      Duration patience, BooleanSupplier condition, Supplier<String> complaint) {
    until(patience, PROCESSES_NANOS, condition, complaint);
  }

  private static void until(
      Duration patience, long pauseNanos, BooleanSupplier condition, Supplier<String> complaint) {
    long deadline = System.nanoTime() + patience.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError(complaint.get());
      }
      LockSupport.parkNanos(pauseNanos);
    }
  }
}
