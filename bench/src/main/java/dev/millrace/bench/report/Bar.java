package dev.millrace.bench.report;

import java.util.Collection;
import java.util.Locale;
import tools.jackson.databind.node.ArrayNode;

/// What a figure has to be: at least, or at most, `limit`. `what` names the figure with its unit.
public record Bar(String what, double value, Kind kind, double limit) {
  /// Which side of the limit is the good one.
  public enum Kind {
    AT_LEAST("≥"),
    AT_MOST("≤");

    private final String sign;

    Kind(String sign) {
      this.sign = sign;
    }
  }

  public static Bar atLeast(String what, double value, double limit) {
    return new Bar(what, value, Kind.AT_LEAST, limit);
  }

  public static Bar atMost(String what, double value, double limit) {
    return new Bar(what, value, Kind.AT_MOST, limit);
  }

  public boolean met() {
    return switch (kind) {
      case AT_LEAST -> value >= limit;
      case AT_MOST -> value <= limit;
    };
  }

  /// Appends `bars` to a document.
  public static void list(Collection<Bar> bars, ArrayNode list) {
    for (var bar : bars) {
      list.addObject()
          .put("what", bar.what)
          .put("value", bar.value)
          .put(bar.kind == Kind.AT_LEAST ? "at_least" : "at_most", bar.limit)
          .put("met", bar.met());
    }
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
