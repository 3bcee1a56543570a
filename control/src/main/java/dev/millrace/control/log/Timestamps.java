package dev.millrace.control.log;

import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/// Writes times; what records of one second share is formatted once. Confined to one thread.
final class Timestamps {
  private final DateTimeFormatter untilSeconds;
  private final int digits; // of the second's fraction
  private final String end;
  private long second = Long.MIN_VALUE;
  private String text = "";

  private Timestamps(String pattern, ZoneId zone, int digits, String end) {
    this.untilSeconds = DateTimeFormatter.ofPattern(pattern, Locale.ROOT).withZone(zone);
    this.digits = digits;
    this.end = end;
  }

  /// `2026-03-01T12:00:00.000000Z` (RFC 3339).
  static Timestamps utc() {
    return new Timestamps("uuuu-MM-dd'T'HH:mm:ss", ZoneOffset.UTC, 6, "Z");
  }

  /// `12:00:00.000`.
  static Timestamps localTimeOfDay() {
    return new Timestamps("HH:mm:ss", ZoneId.systemDefault(), 3, "");
  }

  void write(Instant at, StringBuilder out) {
    long seconds = at.getEpochSecond();
    int nanos = at.getNano();
    if (seconds != second) {
      second = seconds;
      text = untilSeconds.format(at);
    }
    out.append(text).append('.');
    int unit = 100_000_000;
    for (int i = 0; i < digits; i++) {
      out.append((char) ('0' + nanos / unit % 10));
      unit /= 10;
    }
    out.append(end);
  }
}
