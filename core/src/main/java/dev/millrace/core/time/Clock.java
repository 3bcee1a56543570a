package dev.millrace.core.time;

import java.time.Duration;

/// Time and timers as a constructor argument, so that tests own both.
///
/// Safe for use from any thread. Timer actions run on a thread of the clock and must only hand work
/// on (wake, submit); they never do the work themselves.
public interface Clock {

  /// Monotonic nanoseconds; only differences mean anything.
  long nanoTime();

  /// Microseconds since the Unix epoch; may jump when the machine's clock is set.
  long epochMicros();

  /// Runs `action` once after `delay`, unless cancelled first.
  Timer after(Duration delay, Runnable action);

  /// Runs `action` every `period`, the first time after one period. A late run is not made up for.
  Timer every(Duration period, Runnable action);

  /// Milliseconds since the Unix epoch.
  default long epochMillis() {
    return epochMicros() / 1_000;
  }

  /// A pending action. Cancelling twice, or after it ran, does nothing.
  interface Timer {
    void cancel();
  }
}
