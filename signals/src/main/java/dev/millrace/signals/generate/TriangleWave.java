package dev.millrace.signals.generate;

import dev.millrace.core.spec.About;
import dev.millrace.core.spec.Alias;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.Hint;
import dev.millrace.core.spec.SameLevel;
import dev.millrace.signals.process.Positive;

/// From 0 up to the amplitude, down to its negative and back, in straight lines.
final class TriangleWave implements Waveform {
  private static final long QUARTER = 1L << 62;

  private final double amplitude;
  private final long step;
  private final long turnsOfFrame;
  private long phase;

  /// The keys of a `Triangle`.
  public record Config(
      @About("Periods a second; above 0.")
          @Default("440.0")
          @Alias("freq")
          @Hint(min = 20, max = 20_000, warns = false)
          double frequency,
      @About("Where in its period the signal starts: 0 at the beginning, others anywhere.")
          @Default("0")
          long seed,
      @SameLevel FrameShape shape) {
    public Config {
      Positive.require("frequency", frequency);
    }
  }

  TriangleWave(Config config) {
    var shape = config.shape();
    this.amplitude = shape.amplitude();
    this.step = Turns.of(config.frequency(), shape.sampleRate(), 1);
    this.turnsOfFrame = Turns.of(config.frequency(), shape.sampleRate(), shape.frameSize());
    this.phase = Turns.start(config.seed());
  }

  @Override
  public void fill(double[] out) {
    // Seen from the top of the triangle, its height falls with the distance to both sides.
    long fromTop = phase - QUARTER;
    double slope = amplitude * 0x1.0p-62;
    for (int i = 0; i < out.length; i++) {
      out[i] = amplitude - slope * Math.abs((double) (fromTop + i * step));
    }
    phase += turnsOfFrame;
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
