package dev.millrace.signals.device;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.spec.About;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.Hint;
import dev.millrace.core.spec.Range;
import dev.millrace.core.spec.SameLevel;
import dev.millrace.signals.sample.SampleFormat;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// For each frame that comes in, the next packet of a device as a frame, or an empty frame with
/// timestamp 0 if there is none. Frames are numbered anew, from 1. Never waits for the device.
final class AudioInputNode extends PacketNode {
  private static final Logger log = LoggerFactory.getLogger(AudioInputNode.class);

  private final Config config;
  private boolean surprised; // it has been said that packets are not as configured

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
    super(devices, config.deviceProfileId(), config.packets(), 1);
    this.config = config;
  }

  @Override
  Frame without(Frame frame, long number) {
    return Frame.trigger(0, number + 1);
  }

  @Override
  void look(Packet packet) {
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
          node(),
          config.numChannels(),
          config.format(),
          config.sampleRate());
    }
  }
}
