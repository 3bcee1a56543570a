package dev.millrace.connect.replay;

import java.util.Locale;

/// How fast a recording is played.
sealed interface Pace {

  /// As fast as whoever reads can take it.
  record Unpaced() implements Pace {}

  /// So many events a second, whenever they were recorded.
  record PerSecond(double events) implements Pace {}

  /// As recorded, `factor` times as fast.
  record Recorded(double factor) implements Pace {}

  /// Reads `max`, `500` or `2x`.
  ///
  /// @throws IllegalArgumentException with a sentence for whoever wrote the configuration
  static Pace parse(String text) {
    var word = text.strip().toLowerCase(Locale.ROOT);
    if (word.equals("max")) {
      return new Unpaced();
    }
    boolean recorded = word.endsWith("x");
    try {
      double number = Double.parseDouble(recorded ? word.substring(0, word.length() - 1) : word);
      if (number > 0 && number <= 1e9) {
        return recorded ? new Recorded(number) : new PerSecond(number);
      }
    } catch (NumberFormatException noNumber) {
      // Falls through to the one sentence that says what can stand here.
    }
    throw new IllegalArgumentException(
        "rate is \""
            + text
            + "\"; write max, a number of events per second such as 500, or a multiple of the"
            + " recorded pace such as 2x");
  }
}
