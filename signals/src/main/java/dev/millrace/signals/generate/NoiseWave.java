package dev.millrace.signals.generate;

import dev.millrace.core.spec.About;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.SameLevel;

/// White noise. Sample n is a function of (seed, n) alone, so that a stream can be entered anywhere
/// and is the same on every machine. Source: SplitMix64 (Steele, Lea, Flood 2014), the numbers of
/// [java.util.SplittableRandom].
final class NoiseWave implements Waveform {
  private static final long GAMMA = 0x9E3779B97F4A7C15L;

  private final long seed;
  private final double amplitude;
  private final Distribution distribution;
  private long sample;

  /// How the values are spread.
  public enum Distribution {
    UNIFORM,
    GAUSSIAN
  }

  /// The keys of a `Noise`.
  public record Config(
      @About("The same seed gives the same noise.") @Default("1") long seed,
      @About(
              "uniform: evenly from -amplitude to amplitude. gaussian: a bell curve whose standard"
                  + " deviation is the amplitude.")
          @Default("uniform")
          Distribution distribution,
      @SameLevel FrameShape shape) {}

  NoiseWave(Config config) {
    this.seed = config.seed();
    this.amplitude = config.shape().amplitude();
    this.distribution = config.distribution();
  }

  /// The number that follows `n` others of this seed.
  static long random(long seed, long n) {
    long z = seed + (n + 1) * GAMMA;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  @Override
  public void fill(double[] out) {
    switch (distribution) {
      case UNIFORM -> uniform(out);
      case GAUSSIAN -> gaussian(out);
    }
    sample += out.length;
  }

  private void uniform(double[] out) {
    double scale = amplitude * 0x1.0p-63;
    long first = sample;
    for (int i = 0; i < out.length; i++) {
      out[i] = random(seed, first + i) * scale;
    }
  }

  /// Box and Muller 1958, each value from two numbers of its own; strict arithmetic, because other
  /// machines' logarithms may differ in the last bit.
  private void gaussian(double[] out) {
    for (int i = 0; i < out.length; i++) {
      long n = 2 * (sample + i);
      double radius = 1 - (random(seed, n) >>> 11) * 0x1.0p-53; // above 0, at most 1
      double angle = Turns.radians(random(seed, n + 1));
      out[i] = amplitude * Math.sqrt(-2 * StrictMath.log(radius)) * StrictMath.cos(angle);
    }
  }

  @Override
  public long position() {
    return sample;
  }

  @Override
  public void moveTo(long position) {
    sample = position;
  }
}
