package dev.millrace.connect.simulated;

/// When each event happens: event n within the n-th of equal steps, at a random place in it, so
/// that times rise strictly and event n's needs no other event's.
final class EventTimes {
  private final long seed;
  private final long startUs;
  private final double stepUs;

  /// `startUs` is the beginning of event 1's step.
  EventTimes(long seed, long startUs, double perSecond) {
    this.seed = seed;
    this.startUs = startUs;
    this.stepUs = 1e6 / perSecond;
  }

  /// Microseconds since the Unix epoch of event `n`, from 1.
  long timeUs(long n) {
    long from = boundary(n - 1);
    long width = Math.max(1, boundary(n) - from);
    return from + Long.remainderUnsigned(CounterRandom.mix(seed ^ (n << 20)), width);
  }

  /// Where the steps after the first `n` begin.
  long boundary(long n) {
    return startUs + (long) (n * stepUs);
  }
}
