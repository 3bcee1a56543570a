package dev.millrace.signals.process;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.SampleBuffer;
import dev.millrace.core.frame.SampleLender;
import dev.millrace.core.node.NodeContext;
import dev.millrace.core.node.Outlet;
import dev.millrace.core.node.Processor;
import dev.millrace.core.spec.About;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.Hint;
import dev.millrace.core.spec.NotWith;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Multiplies samples by a factor. A factor of 1 hands frames on as they are.
public final class GainNode implements Processor {
  private final double factor;
  private final ChannelChoice channels;
  private @Nullable SampleLender lender; // set by open, before any frame

  /// The keys of a `Gain`; at most one of `gain` and `gain_db` is given, and the other one is
  /// neutral.
  public record Config(
      @About("The factor; also 0 or negative.") @Default("1.0") @NotWith("gain_db") double gain,
      @About("The factor in decibels: 6.0206 doubles, -6.0206 halves.")
          @Default("0.0")
          @NotWith("gain")
          @Hint(min = 0, max = 80, warns = false)
          double gainDb,
      @About("The channels that are multiplied; all if none is named.") List<String> channels) {
    public Config {
      if (!Double.isFinite(gain * decibels(gainDb))) {
        throw new IllegalArgumentException(
            "the factor of gain " + gain + " and gain_db " + gainDb + " is not a finite number");
      }
    }

    double factor() {
      return gain * decibels(gainDb);
    }

    private static double decibels(double gainDb) {
      return Math.pow(10, gainDb / 20);
    }
  }

  public GainNode(Config config) {
    this.factor = config.factor();
    this.channels = new ChannelChoice(config.channels());
  }

  @Override
  public void open(NodeContext context) {
    lender = context.samples();
  }

  @Override
  public void process(Frame frame, Outlet outlet) {
    var samples = ChannelChoice.samplesOf(frame);
    if (factor == 1 || samples.count() == 0) {
      outlet.emit(frame);
    } else {
      outlet.emit(frame.withBody(channels.change(samples, this::multiplied)));
    }
  }

  private SampleBuffer multiplied(String name, double[] in) {
    if (lender == null) {
      throw new IllegalStateException("a frame came before open");
    }
    var buffer = lender.take(in.length);
    multiply(in, buffer.array(), factor);
    return buffer;
  }

  private static void multiply(double[] in, double[] out, double by) {
    for (int i = 0; i < in.length; i++) {
      out[i] = in[i] * by;
    }
  }
}
