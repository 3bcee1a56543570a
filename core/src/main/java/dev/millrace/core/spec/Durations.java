package dev.millrace.core.spec;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;

/// Durations as people write them in configuration: `250ms`, `5s`, `2m`, `36h`, `7d`;
/// at most the 292 years that fit into a `long` of nanoseconds.
public final class Durations {
  private static final Pattern FORM = Pattern.compile("(\\d{1,12})\\s*(us|ms|s|m|h|d)");

  private Durations() {}

  public static Optional<Duration> parse(String text) {
    var match = FORM.matcher(text.strip());
    if (!match.matches()) {
      return text.strip().equals("0") ? Optional.of(Duration.ZERO) : Optional.empty();
    }
    long amount = Long.parseLong(match.group(1));
    long unitNanos =
        switch (match.group(2)) {
          case "us" -> 1_000L;
          case "ms" -> 1_000_000L;
          case "s" -> 1_000_000_000L;
          case "m" -> 60_000_000_000L;
          case "h" -> 3_600_000_000_000L;
          default -> 86_400_000_000_000L;
        };
    return amount > Long.MAX_VALUE / unitNanos
        ? Optional.empty()
        : Optional.of(Duration.ofNanos(amount * unitNanos));
  }

  /// A short form that reads back as the same duration, to the microsecond; hours are the largest
  /// unit.
  public static String format(Duration duration) {
    long micros = duration.toNanos() / 1_000;
    if (micros == 0) {
      return "0s";
    }
    if (micros % 1_000 != 0) {
      return micros + "us";
    }
    long millis = micros / 1_000;
    if (millis % 1_000 != 0) {
      return millis + "ms";
    }
    long seconds = millis / 1_000;
    return seconds % 3_600 == 0
        ? seconds / 3_600 + "h"
        : seconds % 60 == 0 ? seconds / 60 + "m" : seconds + "s";
  }
}
