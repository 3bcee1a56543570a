package dev.millrace.signals.control;

/// How strong samples are. All answers are 0 without samples, and NaN if one of them is.
public final class Levels {
  private Levels() {}

  public static double mean(double[] samples) {
    double sum = 0;
    for (double sample : samples) {
      sum += sample;
    }
    return samples.length == 0 ? 0 : sum / samples.length;
  }

  /// The square root of the mean of the squares.
  public static double rms(double[] samples) {
    return samples.length == 0 ? 0 : Math.sqrt(squares(samples) / samples.length);
  }

  /// The largest absolute value.
  public static double peak(double[] samples) {
    double peak = 0;
    for (double sample : samples) {
      peak = Math.max(peak, Math.abs(sample));
    }
    return peak;
  }

  static double squares(double[] samples) {
    double sum = 0;
    for (double sample : samples) {
      sum += sample * sample;
    }
    return sum;
  }
}
