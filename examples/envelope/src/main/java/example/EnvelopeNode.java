package example;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.SampleBuffer;
import dev.millrace.core.frame.SampleLender;
import dev.millrace.core.frame.Samples;
import dev.millrace.core.node.NodeContext;
import dev.millrace.core.node.Outlet;
import dev.millrace.core.node.Processor;
import dev.millrace.core.node.Stateful;
import dev.millrace.core.spec.About;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.Range;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;

/// Follows how loud each channel is: a value that rises quickly towards the samples' magnitude and
/// falls slowly behind it. It remembers each channel from frame to frame, so how a stream is cut
/// into frames makes no difference.
public final class EnvelopeNode implements Processor, Stateful {
  private static final int MOST_CHANNELS = 64; // what a node remembers is bounded

  private final Config config;
  private final Map<String, Double> levels = new TreeMap<>();
  private SampleLender lender;

  /// The node's keys in a graph: `attackMs` is `attack_ms` there. What is wrong with a value is
  /// told by `check`, with its line; what the annotations say also stands in the reference.
  public record Config(
      @About("How fast it rises, in milliseconds.") @Default("5") @Range(min = 0.01, max = 10_000)
          double attackMs,
      @About("How fast it falls, in milliseconds.") @Default("50") @Range(min = 0.01, max = 10_000)
          double releaseMs) {}

  public EnvelopeNode(Config config) {
    this.config = config;
  }

  @Override
  public void open(NodeContext context) {
    lender = context.samples();
  }

  @Override
  public void process(Frame frame, Outlet outlet) {
    if (!(frame.body() instanceof Samples samples)) {
      // The graph says what becomes of a frame that fails: see error_policy.
      throw new IllegalArgumentException("an Envelope takes samples");
    }
    double rate =
        Double.parseDouble(frame.metadata().entries().getOrDefault("sample_rate", "48000"));
    double rise = share(config.attackMs(), rate);
    double fall = share(config.releaseMs(), rate);
    var envelopes = new SampleBuffer[samples.count()];
    for (int i = 0; i < samples.count(); i++) {
      envelopes[i] = follow(samples.name(i), samples.channel(i), rise, fall);
    }
    outlet.emit(frame.withBody(samples.replaced(envelopes)));
  }

  /// A frame's arrays are everybody's: what changes goes into an array that the server lends, and
  /// takes back once nobody looks at it.
  private SampleBuffer follow(String channel, double[] in, double rise, double fall) {
    double level = levels.getOrDefault(channel, 0.0);
    var buffer = lender.take(in.length);
    var out = buffer.array();
    for (int i = 0; i < in.length; i++) {
      double magnitude = Math.abs(in[i]);
      level += (magnitude - level) * (magnitude > level ? rise : fall);
      out[i] = level;
    }
    if (levels.size() < MOST_CHANNELS || levels.containsKey(channel)) {
      levels.put(channel, level);
    }
    return buffer;
  }

  /// How much of the way it goes in one sample, to have gone about two thirds of it in `millis`.
  private static double share(double millis, double rate) {
    return -Math.expm1(-1_000 / (millis * rate));
  }

  /// What a checkpoint keeps: after a restart the node goes on as if nothing had been.
  @Override
  public void save(DataOutput out) throws IOException {
    out.writeInt(levels.size());
    for (var channel : levels.entrySet()) {
      out.writeUTF(channel.getKey());
      out.writeDouble(channel.getValue());
    }
  }

  @Override
  public void restore(DataInput in) throws IOException {
    int count = in.readInt();
    if (count < 0 || count > MOST_CHANNELS) {
      throw new IOException("the state of an Envelope with " + count + " channels");
    }
    levels.clear();
    for (int i = 0; i < count; i++) {
      levels.put(in.readUTF(), in.readDouble());
    }
  }
}
