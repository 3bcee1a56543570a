package dev.millrace.signals.process;

/// What a stretch of samples is multiplied with before its spectrum is taken. The symmetric kind:
/// both ends are equal.
public enum Window {
  HANN(0.5, 0.5, 0),
  HAMMING(0.54, 0.46, 0),
  BLACKMAN(0.42, 0.5, 0.08),
  RECT(1, 0, 0);

  private final double constant;
  private final double first;
  private final double second;

  Window(double constant, double first, double second) {
    this.constant = constant;
    this.first = first;
    this.second = second;
  }

  double[] of(int length) {
    var window = new double[length];
    for (int i = 0; i < length; i++) {
      double angle = length == 1 ? 0 : 2 * Math.PI * i / (length - 1);
      window[i] = constant - first * Math.cos(angle) + second * Math.cos(2 * angle);
    }
    if (length == 1) {
      window[0] = 1;
    }
    return window;
  }
}
