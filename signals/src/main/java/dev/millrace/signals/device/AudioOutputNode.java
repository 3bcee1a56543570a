package dev.millrace.signals.device;

import dev.millrace.core.frame.Body;
import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.Samples;
import dev.millrace.core.node.NodeContext;
import dev.millrace.core.node.Outlet;
import dev.millrace.core.node.Processor;
import dev.millrace.core.spec.About;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.Hint;
import dev.millrace.core.spec.Range;
import dev.millrace.signals.process.SampleRate;
import dev.millrace.signals.sample.SampleFormat;
import org.jspecify.annotations.Nullable;

/// Hands frames to a device as packets. A frame for which the device has no room is dropped and
/// counted; one without channels, or without a device, goes on as it is. Never waits for the
/// device.
final class AudioOutputNode implements Processor {
  private final Config config;
  private final AudioDevices devices;
  private final PacketWriter writer;
  private final SampleRate rate;
  private final String noRoom;
  private @Nullable NodeContext context; // set by open, before any frame

  /// The keys of an `AudioOutputNode`.
  record Config(
      @About("The rate of frames without the metadata sample_rate.")
          @Default("48000")
          @Range(min = 1)
          @Hint(min = 8_000, max = 192_000)
          int sampleRate,
      @About("How many channels a frame must have, 1 to 32; without it as many as it has.")
          @Hint(min = 1, max = 32, warns = false)
          @Nullable Integer numChannels,
      @About("How samples stand in packets.") @Default("f32") SampleFormat format,
      @About("The device to write to; without one frames go on.") @Default("")
          String deviceProfileId) {
    Config {
      if (numChannels != null) {
        DeviceTypes.checkChannels(numChannels);
      }
    }
  }

  AudioOutputNode(Config config, AudioDevices devices) {
    this.config = config;
    this.devices = devices;
    this.writer = new PacketWriter(config.format());
    this.rate = new SampleRate(config.sampleRate());
    this.noRoom = "the device " + config.deviceProfileId() + " has no room for a frame";
  }

  @Override
  public void open(NodeContext opened) {
    context = opened;
  }

  @Override
  public void process(Frame frame, Outlet outlet) {
    if (context == null) {
      throw new IllegalStateException("a frame came before open");
    }
    var device = devices.find(config.deviceProfileId());
    if (device.isEmpty() || isEmpty(frame.body())) {
      outlet.emit(frame);
      return;
    }
    if (!(frame.body() instanceof Samples samples)) {
      throw new IllegalArgumentException("the frame carries no samples that a device could take");
    }
    if (config.numChannels() != null && samples.count() != config.numChannels()) {
      throw new IllegalArgumentException(
          "the frame has "
              + samples.count()
              + " channels; num_channels is "
              + config.numChannels());
    }
    int sampleRate = Math.clamp(Math.round(rate.of(frame.metadata())), 0, Integer.MAX_VALUE);
    if (!device.get().write(writer.packet(frame, samples, sampleRate))) {
      context.rejected("device_full", noRoom);
    }
  }

  private static boolean isEmpty(Body body) {
    return switch (body) {
      case Body.Empty() -> true;
      case Samples samples -> samples.count() == 0;
      case Body.Text text -> false;
      case Body.JsonBytes json -> false;
    };
  }
}
