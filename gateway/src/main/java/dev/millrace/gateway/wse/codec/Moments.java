package dev.millrace.gateway.wse.codec;

import java.util.OptionalLong;

/// Reads the moments that clients and publishers write: `2026-02-20T15:30:00Z` with or without a
/// fraction of any length, with `Z` or an offset. Where clocks of the world disagree about the
/// letter of the law it is lenient: a blank or a small letter for `T`, `±hhmm` for an offset, and
/// no offset at all for UTC. Source: RFC 3339, section 5.6.
public final class Moments {
  private static final int SHORTEST = 19; // without fraction and offset
  private static final int[] DAYS = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  private static final int NO_NUMBER = -1;

  private Moments() {}

  /// Milliseconds since the epoch, fractions of them cut off; empty when the text is no moment. A
  /// leap second counts as the second after it.
  public static OptionalLong parse(String text) {
    if (text.length() < SHORTEST || !isPunctuated(text)) {
      return OptionalLong.empty();
    }
    int year = digits(text, 0, 4);
    int month = digits(text, 5, 2);
    int day = digits(text, 8, 2);
    int hour = digits(text, 11, 2);
    int minute = digits(text, 14, 2);
    int second = digits(text, 17, 2);
    boolean dated = year >= 0 && month >= 1 && month <= 12 && day >= 1;
    if (!dated || day > daysOf(year, month) || !isTime(hour, minute) || !isSecond(second)) {
      return OptionalLong.empty();
    }
    int at = SHORTEST;
    int millis = 0;
    if (at < text.length() && (text.charAt(at) == '.' || text.charAt(at) == ',')) {
      int from = ++at;
      while (at < text.length() && isDigit(text.charAt(at))) {
        at++;
      }
      if (at == from) {
        return OptionalLong.empty();
      }
      for (int i = from; i < from + 3; i++) {
        millis = millis * 10 + (i < at ? text.charAt(i) - '0' : 0);
      }
    }
    var offset = offsetMinutes(text, at);
    if (offset.isEmpty()) {
      return OptionalLong.empty();
    }
    long minutes = (dayNumber(year, month, day) * 24L + hour) * 60 + minute - offset.getAsLong();
    return OptionalLong.of((minutes * 60 + second) * 1_000 + millis);
  }

  private static boolean isPunctuated(String text) {
    char between = text.charAt(10);
    return text.charAt(4) == '-'
        && text.charAt(7) == '-'
        && (between == 'T' || between == 't' || between == ' ')
        && text.charAt(13) == ':'
        && text.charAt(16) == ':';
  }

  private static OptionalLong offsetMinutes(String text, int at) {
    int left = text.length() - at;
    if (left == 0) {
      return OptionalLong.of(0);
    }
    char sign = text.charAt(at);
    if (sign == 'Z' || sign == 'z') {
      return left == 1 ? OptionalLong.of(0) : OptionalLong.empty();
    }
    boolean colon = left == 6 && text.charAt(at + 3) == ':';
    if ((sign != '+' && sign != '-') || !(colon || left == 5)) {
      return OptionalLong.empty();
    }
    int hours = digits(text, at + 1, 2);
    int minutes = digits(text, at + (colon ? 4 : 3), 2);
    if (!isTime(hours, minutes)) {
      return OptionalLong.empty();
    }
    long offset = hours * 60L + minutes;
    return OptionalLong.of(sign == '-' ? -offset : offset);
  }

  private static boolean isTime(int hour, int minute) {
    return hour >= 0 && hour <= 23 && minute >= 0 && minute <= 59;
  }

  private static boolean isSecond(int second) {
    return second >= 0 && second <= 60;
  }

  private static int daysOf(int year, int month) {
    boolean leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return month == 2 && leap ? 29 : DAYS[month - 1];
  }

  /// Days since the epoch, by eras of 400 years that begin in March, as [Timestamps] the other way.
  private static long dayNumber(int year, int month, int day) {
    long shifted = month <= 2 ? year - 1 : year;
    long era = Math.floorDiv(shifted, 400L);
    long ofEra = shifted - era * 400;
    int ofYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    return era * 146_097 + ofEra * 365 + ofEra / 4 - ofEra / 100 + ofYear - 719_468;
  }

  private static int digits(String text, int from, int count) {
    int number = 0;
    for (int i = from; i < from + count; i++) {
      if (!isDigit(text.charAt(i))) {
        return NO_NUMBER;
      }
      number = number * 10 + text.charAt(i) - '0';
    }
    return number;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }
}
