package dev.millrace.engine.flow;

import java.util.concurrent.atomic.AtomicLong;

/// Adds up the time between starts and stops. One thread starts and stops it; anybody reads it,
/// also while it runs: a single number tells what has passed and whether it runs, so no reader sees
/// half of a change. Nanoseconds count from any origin that keeps them below 2^62.
final class Stopwatch {
  // Twice the nanoseconds of past runs; while it runs, twice those less the start, plus one.
  private final AtomicLong state = new AtomicLong();

  void start(long nowNanos) {
    state.setRelease(((state.getPlain() >> 1) - nowNanos) << 1 | 1);
  }

  void stop(long nowNanos) {
    state.setRelease(((state.getPlain() >> 1) + nowNanos) << 1);
  }

  boolean runs() {
    return (state.getAcquire() & 1) == 1;
  }

  /// Nanoseconds of all runs, the one that is on included.
  long elapsed(long nowNanos) {
    long now = state.getAcquire();
    return (now & 1) == 0 ? now >> 1 : (now >> 1) + nowNanos;
  }
}
