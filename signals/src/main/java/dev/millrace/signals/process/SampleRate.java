package dev.millrace.signals.process;

import dev.millrace.core.frame.Metadata;

/// How many samples a second a frame has: its metadata `sample_rate`, else a fallback. Confined to
/// one thread: it remembers the metadata it last read, which frames of one stream mostly share.
public final class SampleRate {
  public static final String KEY = "sample_rate";

  private final double fallback;
  private Metadata lastRead = Metadata.NONE;
  private double lastRate;

  public SampleRate(double fallback) {
    this.fallback = fallback;
    this.lastRate = fallback;
  }

  /// Samples a second, above 0.
  ///
  /// @throws IllegalArgumentException if the metadata say something else
  @SuppressWarnings("ReferenceEquality") // another object with the same entries is read again
  public double of(Metadata metadata) {
    if (metadata != lastRead) {
      var given = metadata.entries().get(KEY);
      lastRate = given == null ? fallback : parse(given);
      lastRead = metadata;
    }
    return lastRate;
  }

  /// A rate, or another number of Hz, as metadata write it: without a fraction where there is none.
  public static String text(double rate) {
    return rate == Math.rint(rate) && Math.abs(rate) < 1e15
        ? Long.toString((long) rate)
        : Double.toString(rate);
  }

  private static double parse(String given) {
    try {
      double rate = Double.parseDouble(given);
      if (rate > 0 && rate < Double.POSITIVE_INFINITY) {
        return rate;
      }
    } catch (NumberFormatException notANumber) {
      throw unusable(given, notANumber);
    }
    throw unusable(given, null);
  }

  private static IllegalArgumentException unusable(
      String given, @org.jspecify.annotations.Nullable Throwable cause) {
    return new IllegalArgumentException(
        "the metadata sample_rate is \"" + given + "\", which is no number above 0", cause);
  }
}
