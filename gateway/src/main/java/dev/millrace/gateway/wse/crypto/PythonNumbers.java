package dev.millrace.gateway.wse.crypto;

import java.math.BigDecimal;
import java.math.BigInteger;

/// Numbers as Python's `repr` prints them: the shortest digits that read back as the same number,
/// with an exponent below 1e-4 and from 1e16 on. Source: the Python language reference, `float`
/// repr style `r`.
final class PythonNumbers {
  private static final int SMALLEST_PLAIN = -4;
  private static final int FIRST_EXPONENT = 16;

  private PythonNumbers() {}

  static String text(double number) {
    if (Double.isNaN(number)) {
      return "NaN";
    }
    if (Double.isInfinite(number)) {
      return number > 0 ? "Infinity" : "-Infinity";
    }
    var sign = Double.doubleToRawLongBits(number) < 0 ? "-" : "";
    if (number == 0) {
      return sign + "0.0";
    }
    var shortest = shortest(Math.abs(number));
    var digits = shortest.unscaledValue().toString();
    int exponent = digits.length() - 1 - shortest.scale(); // of the first digit
    if (exponent < SMALLEST_PLAIN || exponent >= FIRST_EXPONENT) {
      var fraction = digits.length() == 1 ? "" : "." + digits.substring(1);
      var size = Math.abs(exponent) < 10 ? "0" : "";
      return sign
          + digits.charAt(0)
          + fraction
          + (exponent < 0 ? "e-" : "e+")
          + size
          + Math.abs(exponent);
    }
    if (exponent < 0) {
      return sign + "0." + "0".repeat(-exponent - 1) + digits;
    }
    int whole = exponent + 1;
    return digits.length() <= whole
        ? sign + digits + "0".repeat(whole - digits.length()) + ".0"
        : sign + digits.substring(0, whole) + "." + digits.substring(whole);
  }

  /// The shortest decimal that reads back as `number`, without zeros at its end. Java prints two
  /// digits at least, which matters only where one would do and the second is not zero: next to the
  /// smallest numbers there are.
  private static BigDecimal shortest(double number) {
    var decimal = new BigDecimal(Double.toString(number)).stripTrailingZeros();
    if (decimal.precision() != 2) {
      return decimal;
    }
    var tenths = decimal.unscaledValue().divide(BigInteger.TEN);
    for (var candidate : new BigInteger[] {tenths.add(BigInteger.ONE), tenths}) {
      var shorter = new BigDecimal(candidate, decimal.scale() - 1);
      if (shorter.doubleValue() == number) {
        return shorter.stripTrailingZeros();
      }
    }
    return decimal;
  }
}
