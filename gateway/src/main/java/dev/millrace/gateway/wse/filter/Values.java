package dev.millrace.gateway.wse.filter;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import tools.jackson.databind.JsonNode;

/// What it means for two JSON values to be equal or ordered. Numbers are compared exactly and
/// whatever they are written like: 1 equals 1.0. Values of different kinds are neither equal nor
/// ordered; a boolean is no number.
final class Values {
  /// Says that two values have no order.
  static final int UNORDERED = Integer.MIN_VALUE;

  private static final BigInteger LEAST_LONG = BigInteger.valueOf(Long.MIN_VALUE);
  private static final BigInteger MOST_LONG = BigInteger.valueOf(Long.MAX_VALUE);

  private enum Nothing {
    NULL
  }

  private Values() {}

  /// A value with `equals` and `hashCode` as filters mean them: a text, a [Long], [BigInteger] or
  /// [Double], a boolean, a list or map of these, or the one that stands for null.
  static Object normal(JsonNode node) {
    return switch (node.getNodeType()) {
      case STRING -> node.stringValue();
      case BOOLEAN -> node.booleanValue();
      case NUMBER -> number(node);
      case ARRAY -> {
        var list = new ArrayList<>(node.size());
        node.forEach(item -> list.add(normal(item)));
        yield list;
      }
      case OBJECT -> {
        var map = new HashMap<String, Object>();
        node.forEachEntry((name, value) -> map.put(name, normal(value)));
        yield map;
      }
      case NULL, MISSING, BINARY, POJO -> Nothing.NULL;
    };
  }

  /// Less than, equal to or greater than zero, or [#UNORDERED]. Numbers are ordered by value and
  /// texts by code points; nothing else has an order.
  static int compare(JsonNode left, Object right) {
    if (left.isNumber() && right instanceof Number number) {
      return compare(number(left), number);
    }
    return left.isString() && right instanceof String text
        ? Integer.signum(compareTexts(left.stringValue(), text))
        : UNORDERED;
  }

  /// The text that string operators look at: of a text itself, of anything else its JSON.
  static String text(JsonNode node) {
    return node.isString() ? node.stringValue() : node.toString();
  }

  private static Number number(JsonNode node) {
    if (node.isIntegralNumber()) {
      return whole(node.bigIntegerValue());
    }
    double value = node.doubleValue();
    boolean isWhole = Double.isFinite(value) && value == Math.rint(value);
    return isWhole ? whole(new BigDecimal(value).toBigInteger()) : (Number) value;
  }

  private static Number whole(BigInteger value) {
    boolean fits = value.compareTo(LEAST_LONG) >= 0 && value.compareTo(MOST_LONG) <= 0;
    return fits ? (Number) value.longValue() : value;
  }

  private static int compare(Number left, Number right) {
    if (left instanceof Long a && right instanceof Long b) {
      return Long.compare(a, b);
    }
    if (isInfinite(left) || isInfinite(right)) {
      return Double.compare(left.doubleValue(), right.doubleValue());
    }
    return decimal(left).compareTo(decimal(right));
  }

  private static boolean isInfinite(Number number) {
    return number instanceof Double value && value.isInfinite();
  }

  private static BigDecimal decimal(Number number) {
    return switch (number) {
      case BigInteger whole -> new BigDecimal(whole);
      case Double value -> new BigDecimal(value);
      default -> BigDecimal.valueOf(number.longValue());
    };
  }

  private static int compareTexts(String left, String right) {
    int i = 0;
    while (i < left.length() && i < right.length()) {
      int a = left.codePointAt(i);
      int b = right.codePointAt(i);
      if (a != b) {
        return a - b;
      }
      i += Character.charCount(a);
    }
    return left.length() - right.length();
  }
}
