package dev.millrace.signals.process;

/// A check that configs share.
public final class Positive {
  private Positive() {}

  /// Refuses a value of `key` that is 0, negative or no number.
  ///
  /// @throws IllegalArgumentException unless `value` is above 0
  public static void require(String key, double value) {
    if (!(value > 0)) {
      throw new IllegalArgumentException(key + " is " + value + "; it must be above 0");
    }
  }
}
