package dev.millrace.app.cli;

import java.util.Locale;

/// How figures are written for people.
final class Messages {
  private Messages() {}

  /// `1 error`, `2 errors`.
  static String count(long number, String noun) {
    return String.format(Locale.ROOT, "%,d %s%s", number, noun, number == 1 ? "" : "s");
  }

  static String number(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  /// `1,234/s`, with one decimal while it is small.
  static String rate(double perSecond) {
    return perSecond < 100
        ? String.format(Locale.ROOT, "%.1f/s", perSecond)
        : String.format(Locale.ROOT, "%,.0f/s", perSecond);
  }
}
