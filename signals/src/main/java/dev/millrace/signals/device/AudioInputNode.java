package dev.millrace.signals.device;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.SampleLender;
import dev.millrace.core.node.NodeContext;
import dev.millrace.core.node.Outlet;
import dev.millrace.core.node.Processor;
import dev.millrace.core.node.Stateful;
import dev.millrace.core.spec.About;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.Hint;
import dev.millrace.core.spec.Range;
import dev.millrace.core.spec.SameLevel;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// For each frame that comes in, the next packet of a device as a frame, or an empty frame with
/// timestamp 0 if there is none. Frames are numbered anew, from 1. Never waits for the device.
final class AudioInputNode implements Processor, Stateful {
  private static final Logger log = LoggerFactory.getLogger(AudioInputNode.class);

  private final Config config;
  private final AudioDevices devices;
  private final PacketReader reader;
  private final PacketCounters counters = new PacketCounters();
  private boolean surprised; // it has been said that packets are not as configured
  private @Nullable NodeContext context; // set by open, before any frame
  private @Nullable SampleLender lender; // likewise

  /// The keys of an `AudioInputNode`.
  record Config(
      @About("Samples a second that are expected.")
          @Default("48000")
          @Range(min = 1)
          @Hint(min = 8_000, max = 192_000)
          int sampleRate,
      @About("How many channels are expected, 1 to 32.")
          @Default("1")
          @Hint(min = 1, max = 32, warns = false)
          int numChannels,
      @About("The format of samples that is expected. Others are read as well, and said once.")
          @Default("f32")
          SampleFormat format,
      @About("The device to read from; without one there are empty frames.") @Default("")
          String deviceProfileId,
      @SameLevel PacketReader.Config packets) {
    Config {
      DeviceTypes.checkChannels(numChannels);
    }
  }

  AudioInputNode(Config config, AudioDevices devices) {
    this.config = config;
    this.devices = devices;
    this.reader = new PacketReader(config.packets());
  }

  @Override
  public void open(NodeContext opened) {
    context = opened;
    lender = opened.samples();
  }

  @Override
  public void process(Frame frame, Outlet outlet) {
    if (lender == null) {
      throw new IllegalStateException("a frame came before open");
    }
    // Looked for each time, since devices come and go while a graph runs.
    var packet = devices.find(config.deviceProfileId()).map(AudioDevice::read).orElse(null);
    long number = counters.next() + 1;
    if (packet == null) {
      outlet.emit(Frame.trigger(0, number));
    } else {
      expect(packet);
      outlet.emit(reader.frame(packet, counters.nextPacket(), number, frame.metadata(), lender));
    }
  }

  private void expect(Packet packet) {
    if (!surprised
        && packet instanceof Packet.Pcm pcm
        && (pcm.sampleRate() != config.sampleRate()
            || pcm.channels() != config.numChannels()
            || pcm.format() != config.format())) {
      surprised = true;
      log.warn(
          "{} brings {} channels of {} at {} Hz where node {} expects {} of {} at {} Hz;"
              + " they are taken as they are",
          config.deviceProfileId(),
          pcm.channels(),
          pcm.format(),
          pcm.sampleRate(),
          context == null ? "" : context.node(),
          config.numChannels(),
          config.format(),
          config.sampleRate());
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
