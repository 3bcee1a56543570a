package dev.millrace.signals.generate;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/// Phases as fixed-point fractions of a turn: a `long` counts 2^-64 of one, so that adding wraps by
/// itself, exactly, and nothing drifts however long a generator runs.
final class Turns {
  private static final double RADIANS = 2 * Math.PI * 0x1.0p-64;
  private static final BigDecimal UNITS = new BigDecimal(2).pow(64);
  private static final MathContext DIGITS = new MathContext(40);

  private Turns() {}

  /// How far an oscillator turns in `samples` samples, whole turns left out; off by at most half a
  /// unit.
  static long of(double frequency, double sampleRate, long samples) {
    var rate = new BigDecimal(sampleRate);
    var rest = new BigDecimal(frequency).multiply(BigDecimal.valueOf(samples)).remainder(rate);
    return rest.multiply(UNITS)
        .divide(rate, DIGITS)
        .setScale(0, RoundingMode.HALF_EVEN)
        .toBigInteger()
        .longValue();
  }

  /// The angle, from -π to π.
  static double radians(long turns) {
    return turns * RADIANS;
  }

  /// Where an oscillator with this seed starts: at 0 for seed 0, anywhere for another.
  static long start(long seed) {
    return seed == 0 ? 0 : NoiseWave.random(seed, 0);
  }
}
