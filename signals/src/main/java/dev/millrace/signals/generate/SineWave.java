package dev.millrace.signals.generate;

import dev.millrace.core.spec.About;
import dev.millrace.core.spec.Alias;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.Hint;
import dev.millrace.core.spec.SameLevel;
import dev.millrace.signals.process.Positive;

/// A sine. The sines and cosines of j·ω are the same in every frame, so they are computed once; a
/// frame then costs one sine and one cosine, of its start φ, and the sum of angles:
/// sin(φ + jω) = sin φ · cos jω + cos φ · sin jω, a loop that the compiler turns into vectors.
///
/// Frames longer than a block are made block by block, so the tables stay in the nearest cache.
final class SineWave implements Waveform {
  private static final int BLOCK = 1_024;

  private final double amplitude;
  private final double[] sines;
  private final double[] cosines;
  private final long turnsOfBlock;
  private final long turnsOfRest;
  private long phase;

  /// The keys of a `SineGenerator`.
  public record Config(
      @About("Oscillations a second; above 0.")
          @Default("440.0")
          @Alias("freq")
          @Hint(min = 20, max = 20_000, warns = false)
          double frequency,
      @SameLevel FrameShape shape) {
    public Config {
      Positive.require("frequency", frequency);
    }
  }

  SineWave(Config config) {
    double rate = config.shape().sampleRate();
    int size = config.shape().frameSize();
    this.amplitude = config.shape().amplitude();
    this.sines = new double[Math.min(BLOCK, size)];
    this.cosines = new double[sines.length];
    long step = Turns.of(config.frequency(), rate, 1);
    for (int j = 0; j < sines.length; j++) {
      sines[j] = Math.sin(Turns.radians(j * step));
      cosines[j] = Math.cos(Turns.radians(j * step));
    }
    this.turnsOfBlock = Turns.of(config.frequency(), rate, BLOCK);
    this.turnsOfRest = Turns.of(config.frequency(), rate, size % BLOCK);
  }

  @Override
  public void fill(double[] out) {
    for (int from = 0; from < out.length; from += BLOCK) {
      int length = Math.min(BLOCK, out.length - from);
      double angle = Turns.radians(phase);
      block(out, from, length, amplitude * Math.sin(angle), amplitude * Math.cos(angle));
      phase += length == BLOCK ? turnsOfBlock : turnsOfRest;
    }
  }

  private void block(double[] out, int from, int length, double sine, double cosine) {
    var s = sines;
    var c = cosines;
    for (int j = 0; j < length; j++) {
      out[from + j] = sine * c[j] + cosine * s[j];
    }
  }

  @Override
  public long position() {
    return phase;
  }

  @Override
  public void moveTo(long position) {
    phase = position;
  }
}
