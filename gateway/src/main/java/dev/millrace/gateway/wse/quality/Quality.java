package dev.millrace.gateway.wse.quality;

import java.util.List;
import java.util.Locale;

/// What a mean latency means to whoever waits for it.
public enum Quality {
  EXCELLENT(100, "The connection is in good health"),
  GOOD(200, "The connection is in good health"),
  FAIR(500, "Latency is high; fewer or larger messages would help"),
  POOR(
      Double.POSITIVE_INFINITY,
      "Latency is very high; look at the network between you and the server");

  private final double belowMillis;
  private final String suggestion;

  Quality(double belowMillis, String suggestion) {
    this.belowMillis = belowMillis;
    this.suggestion = suggestion;
  }

  /// Of a mean in milliseconds.
  public static Quality of(double meanMillis) {
    for (var quality : values()) {
      if (meanMillis < quality.belowMillis) {
        return quality;
      }
    }
    return POOR;
  }

  /// 1.0 for less than 50 ms, then 0.8, 0.6, 0.4 and 0.2 from 500 ms on.
  public static double score(double meanMillis) {
    if (meanMillis < 50) {
      return 1.0;
    }
    return switch (of(meanMillis)) {
      case EXCELLENT -> 0.8;
      case GOOD -> 0.6;
      case FAIR -> 0.4;
      case POOR -> 0.2;
    };
  }

  /// Whether the client should hear of it.
  public boolean isBad() {
    return this == FAIR || this == POOR;
  }

  /// As it stands on the wire.
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// What to do about it, in sentences; none where all is well.
  public List<String> suggestions() {
    return isBad() ? List.of(suggestion) : List.of();
  }
}
