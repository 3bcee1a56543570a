package dev.millrace.signals.process;

/// A second-order filter: y₀ = b0·x₀ + b1·x₁ + b2·x₂ − a1·y₁ − a2·y₂.
record Biquad(double b0, double b1, double b2, double a1, double a2) {

  /// Whether all of it are numbers that can be multiplied with.
  boolean isFinite() {
    return Double.isFinite(b0 * 0 + b1 * 0 + b2 * 0 + a1 * 0 + a2 * 0);
  }
}
