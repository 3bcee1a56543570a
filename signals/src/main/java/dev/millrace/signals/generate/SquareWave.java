package dev.millrace.signals.generate;

import dev.millrace.core.spec.About;
import dev.millrace.core.spec.Alias;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.Hint;
import dev.millrace.core.spec.Range;
import dev.millrace.core.spec.SameLevel;
import dev.millrace.signals.process.Positive;

/// Up for the first part of each period and down for the rest; a sample on an edge has the value
/// that follows. Edges are not rounded off, so the signal is not free of aliases.
final class SquareWave implements Waveform {
  private static final double HALF = 0x1.0p63;

  // A sample this near before an edge is taken as on it: rounding must not move whole samples.
  private static final long EDGE = 1L << 32;

  private final double high;
  private final long step;
  private final long turnsOfFrame;
  private final long lastHigh; // the last phase that is up, unsigned
  private final boolean everHigh;
  private long phase;

  /// The keys of a `Square`.
  public record Config(
      @About("Periods a second; above 0.")
          @Default("440.0")
          @Alias("freq")
          @Hint(min = 20, max = 20_000, warns = false)
          double frequency,
      @About("The share of each period that is up.") @Default("0.5") @Range(min = 0, max = 1)
          double duty,
      @About("Where in its period the signal starts: 0 at the beginning, others anywhere.")
          @Default("0")
          long seed,
      @SameLevel FrameShape shape) {
    public Config {
      Positive.require("frequency", frequency);
    }
  }

  SquareWave(Config config) {
    var shape = config.shape();
    this.high = shape.amplitude();
    this.step = Turns.of(config.frequency(), shape.sampleRate(), 1);
    this.turnsOfFrame = Turns.of(config.frequency(), shape.sampleRate(), shape.frameSize());
    long highTurns = 2 * (long) (config.duty() * HALF);
    this.everHigh = highTurns != 0;
    this.lastHigh = config.duty() == 1 ? -1 : highTurns - 1;
    this.phase = Turns.start(config.seed());
  }

  @Override
  public void fill(double[] out) {
    // Unsigned comparison by moving both ends to the signed range.
    long limit = lastHigh ^ Long.MIN_VALUE;
    long at = (phase + EDGE) ^ Long.MIN_VALUE;
    for (int i = 0; i < out.length; i++) {
      out[i] = everHigh && at + i * step <= limit ? high : -high;
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
