package dev.millrace.signals.process;

/// The shapes of a second-order filter. Source: the bilinear designs of Bristow-Johnson's audio
/// equaliser cookbook.
public enum FilterType {
  LOWPASS,
  HIGHPASS,
  /// Peaks at 0 dB.
  BANDPASS,
  NOTCH;

  /// The filter for a frequency below half of the sample rate.
  Biquad design(double cutoffHz, double sampleRate, double q) {
    double angle = 2 * Math.PI * cutoffHz / sampleRate;
    double cosine = Math.cos(angle);
    double alpha = Math.sin(angle) / (2 * q);
    // 1 - cos and 1 + cos without the digits that a difference of near numbers would lose
    double low = 2 * square(Math.sin(angle / 2));
    double high = 2 * square(Math.cos(angle / 2));
    double scale = 1 / (1 + alpha);
    double a1 = -2 * cosine * scale;
    double a2 = (1 - alpha) * scale;
    return switch (this) {
      case LOWPASS -> new Biquad(low / 2 * scale, low * scale, low / 2 * scale, a1, a2);
      case HIGHPASS -> new Biquad(high / 2 * scale, -high * scale, high / 2 * scale, a1, a2);
      case BANDPASS -> new Biquad(alpha * scale, 0, -alpha * scale, a1, a2);
      case NOTCH -> new Biquad(scale, a1, scale, a1, a2);
    };
  }

  private static double square(double value) {
    return value * value;
  }
}
