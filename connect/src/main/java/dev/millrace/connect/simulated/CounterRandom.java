package dev.millrace.connect.simulated;

/// Random numbers as a function of (seed, n): event n's numbers do not depend on any event before
/// it, so that a stream can be entered anywhere. SplitMix64 (Steele, Lea, Flood 2014). Confined to
/// one thread.
final class CounterRandom {
  private static final long GAMMA = 0x9E3779B97F4A7C15L;

  private long state;

  /// Goes to the first number of event `n`.
  CounterRandom at(long seed, long n) {
    state = mix(mix(seed + GAMMA) ^ (n * 0xD1B54A32D192ED03L));
    return this;
  }

  long next() {
    state += GAMMA;
    return mix(state);
  }

  /// From 0 to `bound` - 1.
  int below(int bound) {
    return (int) (((next() >>> 32) * bound) >>> 32);
  }

  /// From 0 up to, not including, 1.
  double fraction() {
    return (next() >>> 11) * 0x1.0p-53;
  }

  /// True in `percent` of 100 cases.
  boolean percent(int percent) {
    return below(100) < percent;
  }

  static long mix(long value) {
    long z = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
