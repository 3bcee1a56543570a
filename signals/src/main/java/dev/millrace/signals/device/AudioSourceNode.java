package dev.millrace.signals.device;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.SampleLender;
import dev.millrace.core.frame.Samples;
import dev.millrace.core.node.NodeContext;
import dev.millrace.core.node.Outlet;
import dev.millrace.core.node.Processor;
import dev.millrace.core.node.Stateful;
import dev.millrace.core.spec.About;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.Hint;
import dev.millrace.core.spec.Range;
import dev.millrace.core.spec.SameLevel;
import dev.millrace.signals.process.AddedMetadata;
import dev.millrace.signals.process.SampleRate;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// For each frame that comes in, the next packet of a device as a frame, or silence if there is no
/// device or no packet: one channel of zeros with the timestamp that came in.
///
/// Frames are numbered anew, silence from 1 and packets from 0; where both come, no number is less
/// than the one before.
final class AudioSourceNode implements Processor, Stateful {
  private static final String SILENT_CHANNEL = "main_channel";

  private final Config config;
  private final AudioDevices devices;
  private final PacketReader reader;
  private final Samples silence;
  private final AddedMetadata rate;
  private final PacketCounters counters = new PacketCounters();
  private @Nullable SampleLender lender; // set by open, before any frame

  /// The keys of an `AudioSourceNode`.
  record Config(
      @About("Samples a second of silence; packets bring their own.")
          @Default("48000")
          @Range(min = 1)
          @Hint(min = 8_000, max = 192_000)
          int sampleRate,
      @About("Samples in a frame of silence; packets bring their own number.")
          @Default("1024")
          @Range(min = 1, max = 16_777_216)
          @Hint(min = 64, max = 8_192)
          int bufferSize,
      @About("How many channels the device has, 1 to 32.")
          @Default("1")
          @Hint(min = 1, max = 32, warns = false)
          int numChannels,
      @About("The device to read from; without one there is silence.") @Default("")
          String deviceProfileId,
      @SameLevel PacketReader.Config packets) {
    Config {
      DeviceTypes.checkChannels(numChannels);
    }
  }

  AudioSourceNode(Config config, AudioDevices devices) {
    this.config = config;
    this.devices = devices;
    this.reader = new PacketReader(config.packets());
    this.silence = Samples.of(SILENT_CHANNEL, new double[config.bufferSize()]);
    this.rate =
        AddedMetadata.ifAbsent(Map.of(SampleRate.KEY, Integer.toString(config.sampleRate())));
  }

  @Override
  public void open(NodeContext context) {
    lender = context.samples();
  }

  @Override
  public void process(Frame frame, Outlet outlet) {
    if (lender == null) {
      throw new IllegalStateException("a frame came before open");
    }
    // Looked for each time, since devices come and go while a graph runs.
    var packet = devices.find(config.deviceProfileId()).map(AudioDevice::read).orElse(null);
    long number = counters.next();
    if (packet == null) {
      outlet.emit(
          new Frame(frame.timestampMicros(), number + 1, silence, rate.to(frame.metadata())));
    } else {
      outlet.emit(reader.frame(packet, counters.nextPacket(), number, frame.metadata(), lender));
    }
  }

  @Override
  public void save(DataOutput out) throws IOException {
    counters.save(out);
  }

  @Override
  public void restore(DataInput in) throws IOException {
    counters.restore(in);
  }
}
