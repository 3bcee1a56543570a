package dev.millrace.signals.process;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.SampleBuffer;
import dev.millrace.core.frame.SampleLender;
import dev.millrace.core.node.NodeContext;
import dev.millrace.core.node.Outlet;
import dev.millrace.core.node.Processor;
import dev.millrace.core.node.Stateful;
import dev.millrace.core.spec.About;
import dev.millrace.core.spec.Alias;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.Hint;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Filters each channel by a second-order filter, which remembers the channel by its name from
/// frame to frame: how a stream is cut into frames makes no difference. A frame of another sample
/// rate changes the filter, not what it remembers. A channel that brings a value that is not finite
/// starts anew with its next frame.
///
/// Remembers a bounded number of channels; the one that has been away longest is forgotten first.
public final class FilterNode implements Processor, Stateful {
  static final int MOST_CHANNELS = 1_024;

  private static final int STATE_VERSION = 1;
  private static final int LONGEST_NAME = 1 << 20;

  private final Config config;
  private final ChannelChoice channels;
  private final SampleRate rate;

  // By channel, the one that has been away longest first.
  private final LinkedHashMap<String, BiquadMemory> memories = new LinkedHashMap<>(16, 0.75f, true);

  private @Nullable SampleLender lender; // set by open, before any frame
  private @Nullable Biquad biquad; // for designedFor
  private double designedFor;

  /// The keys of a `FilterNode`.
  public record Config(
      @About("What goes through. bandpass peaks at 0 dB.") @Default("lowpass") @Alias("type")
          FilterType filterType,
      @About("The corner, or the middle, in Hz; above 0 and below half of the sample rate.")
          @Default("1000.0")
          @Hint(min = 20, max = 20_000)
          double cutoffHz,
      @About("The quality: how narrow bandpass and notch are, how lowpass and highpass bend.")
          @Default("0.70710678")
          @Hint(min = 0.1, max = 100, warns = false)
          double q,
      @About("The rate of frames without the metadata sample_rate.")
          @Default("48000.0")
          @Hint(min = 8_000, max = 192_000, warns = false)
          double sampleRate,
      @About("The channels that are filtered; all if none is named.") List<String> channels) {
    public Config {
      Positive.require("cutoff_hz", cutoffHz);
      Positive.require("q", q);
      Positive.require("sample_rate", sampleRate);
    }
  }

  public FilterNode(Config config) {
    this.config = config;
    this.channels = new ChannelChoice(config.channels());
    this.rate = new SampleRate(config.sampleRate());
  }

  @Override
  public void open(NodeContext context) {
    lender = context.samples();
  }

  @Override
  public void process(Frame frame, Outlet outlet) {
    var samples = ChannelChoice.samplesOf(frame);
    if (samples.count() == 0) {
      outlet.emit(frame);
      return;
    }
    int filtered = channels.of(samples);
    if (filtered > MOST_CHANNELS) {
      throw new IllegalArgumentException(
          filtered + " channels in a frame; a filter remembers " + MOST_CHANNELS);
    }
    var filter = biquad(rate.of(frame.metadata()));
    outlet.emit(frame.withBody(channels.change(samples, (name, in) -> filtered(filter, name, in))));
  }

  private SampleBuffer filtered(Biquad filter, String name, double[] in) {
    if (lender == null) {
      throw new IllegalStateException("a frame came before open");
    }
    var buffer = lender.take(in.length);
    memory(name).filter(filter, in, buffer.array());
    return buffer;
  }

  private Biquad biquad(double sampleRate) {
    if (biquad == null || designedFor != sampleRate) {
      if (config.cutoffHz() >= sampleRate / 2) {
        throw new IllegalArgumentException(
            "cutoff_hz "
                + SampleRate.text(config.cutoffHz())
                + " is not below half of the sample rate "
                + SampleRate.text(sampleRate));
      }
      var designed = config.filterType().design(config.cutoffHz(), sampleRate, config.q());
      if (!designed.isFinite()) {
        throw new IllegalArgumentException(
            "there is no filter of q " + config.q() + " at " + config.cutoffHz() + " Hz");
      }
      biquad = designed;
      designedFor = sampleRate;
    }
    return biquad;
  }

  private BiquadMemory memory(String channel) {
    var memory = memories.get(channel);
    if (memory == null) {
      if (memories.size() == MOST_CHANNELS) {
        memories.pollFirstEntry();
      }
      memory = new BiquadMemory();
      memories.put(channel, memory);
    }
    return memory;
  }

  @Override
  public void save(DataOutput out) throws IOException {
    out.writeByte(STATE_VERSION);
    out.writeInt(memories.size());
    for (var entry : memories.entrySet()) {
      var name = entry.getKey().getBytes(StandardCharsets.UTF_8);
      out.writeInt(name.length);
      out.write(name);
      entry.getValue().save(out);
    }
  }

  @Override
  public void restore(DataInput in) throws IOException {
    int version = in.readUnsignedByte();
    int count = in.readInt();
    if (version != STATE_VERSION || count < 0 || count > MOST_CHANNELS) {
      throw new IOException(
          "a filter's state of version " + version + " with " + count + " channels");
    }
    memories.clear();
    for (int i = 0; i < count; i++) {
      int length = in.readInt();
      if (length < 0 || length > LONGEST_NAME) {
        throw new IOException("a channel's name of " + length + " bytes in a filter's state");
      }
      var name = new byte[length];
      in.readFully(name);
      memories.put(new String(name, StandardCharsets.UTF_8), BiquadMemory.restored(in));
    }
  }
}
