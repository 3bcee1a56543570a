package dev.millrace.bench.graph;

import java.util.Locale;

/// What a figure has to be: at least, or at most, `limit`. `what` names the figure with its unit.
record Bar(String what, double value, Kind kind, double limit) {
  enum Kind {
    AT_LEAST("≥"),
    AT_MOST("≤");

    private final String sign;

    Kind(String sign) {
      this.sign = sign;
    }
  }

  static Bar atLeast(String what, double value, double limit) {
    return new Bar(what, value, Kind.AT_LEAST, limit);
  }

  static Bar atMost(String what, double value, double limit) {
    return new Bar(what, value, Kind.AT_MOST, limit);
  }

  boolean met() {
    return switch (kind) {
      case AT_LEAST -> value >= limit;
      case AT_MOST -> value <= limit;
    };
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%s %.2f, bar %s %s: %s",
        what,
        value,
        kind.sign,
        limit % 1 == 0 ? Long.toString((long) limit) : Double.toString(limit),
        met() ? "met" : "missed");
  }
}
