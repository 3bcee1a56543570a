package dev.millrace.signals.control;

/// How two numbers are compared. NaN is neither less, equal nor greater, but different.
enum Comparison {
  GREATER(">", "gt"),
  AT_LEAST(">=", "ge"),
  LESS("<", "lt"),
  AT_MOST("<=", "le"),
  EQUAL("==", "eq"),
  DIFFERENT("!=", "ne");

  private final String sign;
  private final String word;

  Comparison(String sign, String word) {
    this.sign = sign;
    this.word = word;
  }

  /// The comparison that `text` names.
  ///
  /// @throws IllegalArgumentException if it names none
  static Comparison parse(String text) {
    for (var comparison : values()) {
      if (comparison.sign.equals(text) || comparison.word.equalsIgnoreCase(text)) {
        return comparison;
      }
    }
    throw new IllegalArgumentException(
        "op is \""
            + text
            + "\"; it must be one of >, >=, <, <=, ==, != (or gt, ge, lt, le, eq, ne)");
  }

  boolean holds(double value, double threshold) {
    return switch (this) {
      case GREATER -> value > threshold;
      case AT_LEAST -> value >= threshold;
      case LESS -> value < threshold;
      case AT_MOST -> value <= threshold;
      case EQUAL -> value == threshold;
      case DIFFERENT -> value != threshold;
    };
  }
}
