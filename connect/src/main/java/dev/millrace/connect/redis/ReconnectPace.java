package dev.millrace.connect.redis;

import java.time.Duration;
import java.util.random.RandomGenerator;

/// Waits before connecting again: 1 second, then half as much again each time up to 60 seconds,
/// each longer or shorter by up to a fifth so that instances do not come back together. Confined to
/// one thread.
final class ReconnectPace {
  private static final double FIRST_NANOS = Duration.ofSeconds(1).toNanos();
  private static final double MOST_NANOS = Duration.ofSeconds(60).toNanos();
  private static final double GROWTH = 1.5;
  private static final double JITTER = 0.2;

  private final RandomGenerator random;
  private double nextNanos = FIRST_NANOS;

  ReconnectPace(RandomGenerator random) {
    this.random = random;
  }

  /// The wait after one more failure.
  long nextNanos() {
    double wait = nextNanos * (1 + JITTER * (2 * random.nextDouble() - 1));
    nextNanos = Math.min(MOST_NANOS, nextNanos * GROWTH);
    return (long) wait;
  }

  void reset() {
    nextNanos = FIRST_NANOS;
  }
}
