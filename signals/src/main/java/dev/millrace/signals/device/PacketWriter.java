package dev.millrace.signals.device;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.Samples;
import dev.millrace.signals.sample.ChannelNames;
import dev.millrace.signals.sample.SampleFormat;
import java.util.OptionalLong;

/// Makes packets of frames whose channels are called `ch0`, `ch1` and so on. Confined to the node's
/// thread.
final class PacketWriter {
  private final SampleFormat format;
  private final ChannelNames names = new ChannelNames();

  PacketWriter(SampleFormat format) {
    this.format = format;
  }

  /// The packet of a frame with at least one channel.
  ///
  /// @throws IllegalArgumentException if a channel is called otherwise, or longer than another
  Packet.Pcm packet(Frame frame, Samples samples, int sampleRate) {
    var channels = names.arrays(samples);
    int stride = format.bytes() * channels.length;
    var data = new byte[Math.multiplyExact(channels[0].length, stride)];
    for (int i = 0; i < channels.length; i++) {
      format.write(channels[i], data, i * format.bytes(), stride);
    }
    long micros = frame.timestampMicros();
    var nanos = // of a time that nanoseconds do not reach nothing is said
        Long.compareUnsigned(micros, Long.MAX_VALUE / 1_000) > 0
            ? OptionalLong.empty()
            : OptionalLong.of(micros * 1_000);
    return new Packet.Pcm(format, sampleRate, channels.length, data, nanos);
  }
}
