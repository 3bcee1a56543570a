package dev.millrace.signals.generate;

import dev.millrace.core.spec.About;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.Range;
import dev.millrace.core.spec.SameLevel;
import java.util.Arrays;

/// Zeros, and one sample of the amplitude at equal distances: what a system makes of it is its
/// impulse response.
final class ImpulseTrain implements Waveform {
  private static final long NEVER = -1;

  private final double amplitude;
  private final long period; // samples, 0 for a single impulse
  private long untilNext; // samples before the next impulse, or NEVER

  /// The keys of an `Impulse`.
  public record Config(
      @About("Samples from one impulse to the next; 0 for a single one at the start.")
          @Default("1024")
          @Range(min = 0, max = 1e15)
          long periodSamples,
      @About("When the first impulse comes: 0 at once, others anywhere in the period.")
          @Default("0")
          long seed,
      @SameLevel FrameShape shape) {}

  ImpulseTrain(Config config) {
    this.amplitude = config.shape().amplitude();
    this.period = config.periodSamples();
    this.untilNext = period == 0 ? 0 : Long.remainderUnsigned(Turns.start(config.seed()), period);
  }

  @Override
  public void fill(double[] out) {
    Arrays.fill(out, 0);
    long at = untilNext;
    while (at != NEVER && at < out.length) {
      out[(int) at] = amplitude;
      at = period == 0 ? NEVER : at + period;
    }
    untilNext = at == NEVER ? NEVER : at - out.length;
  }

  @Override
  public long position() {
    return untilNext;
  }

  @Override
  public void moveTo(long position) {
    if (position < NEVER || position >= Math.max(1, period)) {
      throw new IllegalArgumentException(
          position + " samples before the next impulse of a period of " + period);
    }
    untilNext = position;
  }
}
