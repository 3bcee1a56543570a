package dev.millrace.control.telemetry;

import org.jspecify.annotations.Nullable;

/// Differences of counters, and what they are per second.
final class Rates {
  private Rates() {}

  /// What a counter has gone up by. One that went down belongs to something that began anew.
  static long gained(long now, long before) {
    return now >= before ? now - before : now;
  }

  /// With three decimals; null when no time has passed.
  static @Nullable Double perSecond(long count, long nanos) {
    return nanos <= 0 ? null : Math.round(count * 1e12 / nanos) / 1e3;
  }
}
