package dev.millrace.signals.generate;

import dev.millrace.core.spec.About;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.Hint;
import dev.millrace.core.spec.SameLevel;
import dev.millrace.signals.process.Positive;

/// A sine whose frequency moves from one value to another in a given time, and then again.
final class ChirpWave implements Waveform {
  private final Config config;
  private final double amplitude;
  private final double start; // turns
  private final long samplesOfSweep;
  private long sample; // within the sweep

  /// How the frequency moves.
  public enum Sweep {
    LINEAR,
    EXPONENTIAL
  }

  /// The keys of a `Chirp`.
  public record Config(
      @About("The frequency at the beginning of each sweep, in Hz; above 0.")
          @Default("20.0")
          @Hint(min = 20, max = 20_000, warns = false)
          double startHz,
      @About("The frequency at the end of each sweep, in Hz; above 0.")
          @Default("20000.0")
          @Hint(min = 20, max = 20_000, warns = false)
          double endHz,
      @About("How long a sweep takes, in seconds, from one sample up; then it begins anew.")
          @Default("1.0")
          double seconds,
      @About("linear: as many Hz in each second. exponential: as many octaves in each second.")
          @Default("linear")
          Sweep sweep,
      @About("Where in its period each sweep starts: 0 at the beginning, others anywhere.")
          @Default("0")
          long seed,
      @SameLevel FrameShape shape) {
    public Config {
      Positive.require("start_hz", startHz);
      Positive.require("end_hz", endHz);
      Positive.require("seconds", seconds);
    }
  }

  ChirpWave(Config config) {
    this.config = config;
    this.amplitude = config.shape().amplitude();
    this.start = Turns.start(config.seed()) * 0x1.0p-64;
    this.samplesOfSweep = Math.max(1, Math.round(config.seconds() * config.shape().sampleRate()));
  }

  @Override
  public void fill(double[] out) {
    for (int i = 0; i < out.length; i++) {
      double turns = start + turns(sample / config.shape().sampleRate());
      out[i] = amplitude * Math.sin(2 * Math.PI * (turns - Math.rint(turns)));
      sample = sample + 1 == samplesOfSweep ? 0 : sample + 1;
    }
  }

  /// The integral of the frequency from the beginning of the sweep to `seconds` into it.
  private double turns(double seconds) {
    double from = config.startHz();
    double ratio = config.endHz() / from;
    double length = config.seconds();
    if (config.sweep() == Sweep.LINEAR || ratio == 1) {
      return from * seconds + (config.endHz() - from) * seconds * seconds / (2 * length);
    }
    double octaves = Math.log(ratio);
    return from * length / octaves * Math.expm1(octaves * seconds / length);
  }

  @Override
  public long position() {
    return sample;
  }

  @Override
  public void moveTo(long position) {
    if (position < 0 || position >= samplesOfSweep) {
      throw new IllegalArgumentException(
          "sample " + position + " of a sweep of " + samplesOfSweep + " samples");
    }
    sample = position;
  }
}
