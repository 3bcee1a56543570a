package dev.millrace.app.cli;

import java.util.Locale;

/// How figures are written for people.
public final class Messages {
  private static final int LONGEST = 1_000;

  private Messages() {}

  /// `1 error`, `2 errors`.
  public static String count(long number, String noun) {
    return String.format(Locale.ROOT, "%,d %s%s", number, noun, number == 1 ? "" : "s");
  }

  public static String number(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  /// What somebody else said, fit for a terminal: no control characters, and not without end.
  public static String printable(String text) {
    var shown = new StringBuilder();
    text.codePoints()
        .limit(LONGEST)
        .forEach(
            c ->
                shown.appendCodePoint(
                    Character.isISOControl(c) || Character.getType(c) == Character.FORMAT
                        ? '?'
                        : c));
    return shown.toString();
  }

  /// `1,234/s`, with one decimal while it is small.
  public static String rate(double perSecond) {
    return perSecond < 100
        ? String.format(Locale.ROOT, "%.1f/s", perSecond)
        : String.format(Locale.ROOT, "%,.0f/s", perSecond);
  }
}
