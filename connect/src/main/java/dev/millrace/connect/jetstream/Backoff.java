package dev.millrace.connect.jetstream;

import java.time.Duration;
import java.util.random.RandomGenerator;

/// Waits that double from failure to failure, each cut by up to half at random so that clients of
/// one server do not come back together. Confined to one thread.
final class Backoff {
  private final long minNanos;
  private final long maxNanos;
  private final RandomGenerator random;
  private long nextNanos;

  Backoff(Duration min, Duration max, RandomGenerator random) {
    this.minNanos = min.toNanos();
    this.maxNanos = max.toNanos();
    this.random = random;
    this.nextNanos = minNanos;
  }

  /// The wait after one more failure.
  long nextNanos() {
    long whole = nextNanos;
    nextNanos = Math.min(maxNanos, whole * 2);
    return whole / 2 + random.nextLong(whole / 2 + 1);
  }

  void reset() {
    nextNanos = minNanos;
  }
}
