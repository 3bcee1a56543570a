package dev.millrace.gateway.wse.codec;

import java.nio.charset.StandardCharsets;

/// Moments as the wire has them: UTC with exactly three decimals and `Z`, as in
/// `2026-02-20T15:30:00.123Z`. Source: RFC 3339, section 5.6.
public final class Timestamps {
  /// Characters of every timestamp.
  public static final int LENGTH = 24;

  private static final long LAST = 253_402_300_799_999L; // the end of the year 9999
  private static final int DAY = 86_400_000;

  private Timestamps() {}

  /// ASCII of a moment; moments outside the years 1970 to 9999 are moved to the nearest end.
  public static byte[] bytes(long epochMillis) {
    long millis = Math.clamp(epochMillis, 0, LAST);
    long days = millis / DAY;
    int ofDay = (int) (millis % DAY);
    // Days to a date by eras of 400 years that begin in March, as Howard Hinnant describes it.
    long shifted = days + 719_468;
    long era = shifted / 146_097;
    int ofEra = (int) (shifted - era * 146_097);
    int year = (ofEra - ofEra / 1_460 + ofEra / 36_524 - ofEra / 146_096) / 365;
    int ofYear = ofEra - (365 * year + year / 4 - year / 100);
    int month = (5 * ofYear + 2) / 153;
    int day = ofYear - (153 * month + 2) / 5 + 1;
    int calendarMonth = month < 10 ? month + 3 : month - 9;
    int calendarYear = (int) (year + era * 400) + (calendarMonth <= 2 ? 1 : 0);

    var text = new byte[LENGTH];
    digits(text, 0, 4, calendarYear);
    text[4] = '-';
    digits(text, 5, 2, calendarMonth);
    text[7] = '-';
    digits(text, 8, 2, day);
    text[10] = 'T';
    digits(text, 11, 2, ofDay / 3_600_000);
    text[13] = ':';
    digits(text, 14, 2, ofDay / 60_000 % 60);
    text[16] = ':';
    digits(text, 17, 2, ofDay / 1_000 % 60);
    text[19] = '.';
    digits(text, 20, 3, ofDay % 1_000);
    text[23] = 'Z';
    return text;
  }

  public static String text(long epochMillis) {
    return new String(bytes(epochMillis), StandardCharsets.US_ASCII);
  }

  private static void digits(byte[] text, int from, int count, int number) {
    int rest = number;
    for (int i = from + count - 1; i >= from; i--) {
      text[i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
  }
}
