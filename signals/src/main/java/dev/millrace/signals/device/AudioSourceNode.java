package dev.millrace.signals.device;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.Samples;
import dev.millrace.core.spec.About;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.Hint;
import dev.millrace.core.spec.Range;
import dev.millrace.core.spec.SameLevel;
import dev.millrace.signals.process.AddedMetadata;
import dev.millrace.signals.process.SampleRate;
import java.util.Map;

/// For each frame that comes in, the next packet of a device as a frame, or silence if there is no
/// device or no packet: one channel of zeros with the timestamp that came in.
///
/// Frames are numbered anew, silence from 1 and packets from 0; where both come, no number is less
/// than the one before.
final class AudioSourceNode extends PacketNode {
  private static final String SILENT_CHANNEL = "main_channel";

  private final Samples silence;
  private final AddedMetadata rate;

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
    super(devices, config.deviceProfileId(), config.packets(), 0);
    this.silence = Samples.of(SILENT_CHANNEL, new double[config.bufferSize()]);
    this.rate =
        AddedMetadata.ifAbsent(Map.of(SampleRate.KEY, Integer.toString(config.sampleRate())));
  }

  @Override
  Frame without(Frame frame, long number) {
    return new Frame(frame.timestampMicros(), number + 1, silence, rate.to(frame.metadata()));
  }
}
