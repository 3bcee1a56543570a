package dev.millrace.core.spec;

import dev.millrace.core.document.Tree;
import dev.millrace.core.problem.Problems;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// The words for numbers and their limits, and the warning about numbers beyond a [Hint].
final class Bounds {
  private Bounds() {}

  static String describe(double min, double max) {
    if (max == Double.POSITIVE_INFINITY) {
      return "at least " + number(min);
    }
    return min == Double.NEGATIVE_INFINITY
        ? "at most " + number(max)
        : "from " + number(min) + " to " + number(max);
  }

  static String number(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? String.valueOf((long) value)
        : String.valueOf(value);
  }

  static void warnBeyondHint(Spec.Key key, Tree given, @Nullable Object value, Problems problems) {
    var hint = key.hint();
    if (hint == null || !hint.warns() || value == null) {
      return;
    }
    double number =
        switch (value) {
          case Number plain -> plain.doubleValue();
          case Duration span -> span.toMillis() / 1e3;
          case ByteSize size -> size.bytes();
          default -> Double.NaN;
        };
    if (number < hint.min() || number > hint.max()) {
      problems.warning(
          "W_RANGE",
          given.location(),
          key.name()
              + (key.secret() ? "" : " is " + number(number) + ", which")
              + " is beyond what usually makes sense",
          "Usual is " + describe(hint.min(), hint.max()) + ".");
    }
  }
}
