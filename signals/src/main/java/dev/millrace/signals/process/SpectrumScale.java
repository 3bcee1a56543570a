package dev.millrace.signals.process;

/// What a spectrum says about each bin X.
public enum SpectrumScale {
  /// 20·log₁₀(|X| + 10⁻¹⁰)
  DB,
  /// |X|
  MAGNITUDE,
  /// |X|²
  POWER;

  private static final double FLOOR = 1e-10;

  /// Turns powers into this, in place.
  void apply(double[] powers) {
    switch (this) {
      case DB -> {
        for (int k = 0; k < powers.length; k++) {
          powers[k] = 20 * Math.log10(Math.sqrt(powers[k]) + FLOOR);
        }
      }
      case MAGNITUDE -> {
        for (int k = 0; k < powers.length; k++) {
          powers[k] = Math.sqrt(powers[k]);
        }
      }
      case POWER -> {}
    }
  }
}
