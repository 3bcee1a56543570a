package dev.millrace.classify;

import java.nio.charset.StandardCharsets;

/// Writes numbers as short JSON: at most six significant digits, no trailing zeros, `null` for what
/// JSON cannot say. Allocates nothing in the range of ordinary scores.
final class Decimals {
  /// Bytes one number takes at most.
  static final int MAX_BYTES = 24;

  private static final int DIGITS = 6;
  private static final byte[] NULL = "null".getBytes(StandardCharsets.US_ASCII);
  private static final double[] POWERS = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10};

  private Decimals() {}

  /// Writes `value` at `at` and returns where it ended.
  static int write(double value, byte[] out, int at) {
    if (!Double.isFinite(value)) {
      return copy(NULL, out, at);
    }
    double size = Math.abs(value);
    if (size == 0) {
      out[at] = '0';
      return at + 1;
    }
    if (size < 1e-5 || size >= 1e6) {
      var rounded = new java.math.BigDecimal(value).round(new java.math.MathContext(DIGITS));
      var text = rounded.stripTrailingZeros().toString();
      return copy(text.getBytes(StandardCharsets.US_ASCII), out, at);
    }
    int places = DIGITS; // after the point, so that six digits stand from the first that is not 0
    for (int power = 0; power < DIGITS && size >= POWERS[power]; power++) {
      places--;
    }
    while (places >= DIGITS && places < POWERS.length - 1 && size * POWERS[places] < 1e5) {
      places++;
    }
    long scaled = Math.round(size * POWERS[places]);
    while (places > 0 && scaled % 10 == 0) {
      scaled /= 10;
      places--;
    }
    return plain(value < 0, scaled, places, out, at);
  }

  private static int plain(boolean negative, long scaled, int places, byte[] out, int from) {
    int at = from;
    if (negative) {
      out[at++] = '-';
    }
    int digits = Math.max(places + 1, digitsOf(scaled));
    int end = at + digits + (places > 0 ? 1 : 0);
    long rest = scaled;
    int write = end;
    for (int digit = 0; digit < digits; digit++) {
      if (digit == places && places > 0) {
        out[--write] = '.';
      }
      out[--write] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    return end;
  }

  private static int digitsOf(long number) {
    int digits = 1;
    for (long rest = number / 10; rest > 0; rest /= 10) {
      digits++;
    }
    return digits;
  }

  private static int copy(byte[] bytes, byte[] out, int at) {
    System.arraycopy(bytes, 0, out, at, bytes.length);
    return at + bytes.length;
  }
}
