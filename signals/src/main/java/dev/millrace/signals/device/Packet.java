package dev.millrace.signals.device;

import dev.millrace.signals.sample.SampleFormat;
import java.util.OptionalLong;

/// What a device hands over at once. Immutable; bytes are shared and must not be written to.
public sealed interface Packet {

  /// Samples of all channels in turn: first sample of channel 0, of channel 1 and so on.
  /// `timestampNanos` is nanoseconds since the Unix epoch, of the first sample, as the device says
  /// it.
  record Pcm(
      SampleFormat format, int sampleRate, int channels, byte[] data, OptionalLong timestampNanos)
      implements Packet {
    public Pcm {
      if (sampleRate < 1) {
        throw new IllegalArgumentException("a packet of sample rate " + sampleRate);
      }
      if (channels < 1) {
        throw new IllegalArgumentException("a packet of " + channels + " channels");
      }
      if (data.length % (format.bytes() * channels) != 0) {
        throw new IllegalArgumentException(
            data.length
                + " bytes are no whole number of samples: "
                + channels
                + " channels of "
                + format
                + " take "
                + format.bytes() * channels
                + " bytes each");
      }
    }

    /// Samples of each channel.
    public int samples() {
      return data.length / (format.bytes() * channels);
    }
  }

  /// Something else of the device's own, such as a coded stream.
  record Opaque(byte[] data) implements Packet {}
}
