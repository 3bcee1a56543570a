package dev.millrace.signals.file;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.Samples;
import dev.millrace.signals.sample.SampleFormat;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// What all frames of a WAV file have in common. Channels stand in the order of their names, those
/// that end with a number by that number.
record WavShape(SampleFormat encoding, List<String> channels, int sampleRate) {

  private static final Comparator<String> ORDER =
      Comparator.comparing((String name) -> name.replaceAll("[0-9]+$", ""))
          .thenComparingLong(WavShape::number)
          .thenComparing(Comparator.naturalOrder());

  WavShape {
    channels = List.copyOf(channels);
  }

  static WavShape of(Frame frame, Samples samples, WavSink.Config config) {
    if (samples.count() > WavHeader.MOST_CHANNELS) {
      throw new IllegalArgumentException(
          samples.count() + " channels, and a file takes " + WavHeader.MOST_CHANNELS);
    }
    var names = new ArrayList<>(samples.channels().keySet());
    names.sort(ORDER);
    return new WavShape(config.format(), names, rate(frame, config.sampleRate()));
  }

  int blockBytes() {
    return channels.size() * encoding.bytes();
  }

  byte[] header(long dataBytes) {
    return WavHeader.write(encoding, channels.size(), sampleRate, dataBytes);
  }

  /// How many bytes the samples take.
  ///
  /// @throws IllegalArgumentException if their channels are others, or differ in length
  int encoded(Samples samples) {
    if (samples.count() != channels.size()) {
      throw new IllegalArgumentException(
          "the frame has " + samples.count() + " channels, and the file " + channels.size());
    }
    int length = samples.channel(0).length;
    for (var name : channels) {
      var values = samples.channel(name);
      if (values == null) {
        throw new IllegalArgumentException("the frame has no channel " + name);
      }
      if (values.length != length) {
        throw new IllegalArgumentException(
            "channel " + name + " has " + values.length + " samples, and another " + length);
      }
    }
    return Math.multiplyExact(length, blockBytes());
  }

  /// The samples interleaved, in `into` if there is room.
  byte[] encode(Samples samples, byte[] into) {
    int length = encoded(samples);
    var bytes = into.length < length ? new byte[length] : into;
    for (int c = 0; c < channels.size(); c++) {
      var values = samples.channel(samples.indexOf(channels.get(c)));
      encoding.write(values, bytes, c * encoding.bytes(), blockBytes());
    }
    return bytes;
  }

  void save(DataOutput out) throws IOException {
    out.writeUTF(encoding.name());
    out.writeInt(sampleRate);
    out.writeInt(channels.size());
    for (var channel : channels) {
      out.writeUTF(channel);
    }
  }

  static WavShape restore(DataInput in) throws IOException {
    try {
      var encoding = SampleFormat.valueOf(in.readUTF());
      int rate = in.readInt();
      int count = in.readInt();
      if (rate < 1 || count < 1 || count > WavHeader.MOST_CHANNELS) {
        throw new IOException(count + " channels at " + rate + " Hz in a WAV file's state");
      }
      var names = new ArrayList<String>();
      for (int left = count; left > 0; left--) {
        names.add(in.readUTF());
      }
      return new WavShape(encoding, names, rate);
    } catch (IllegalArgumentException unknown) {
      throw new IOException("an encoding that is not known", unknown);
    }
  }

  private static long number(String name) {
    int from = name.length();
    while (from > 0 && name.length() - from < 18 && Character.isDigit(name.charAt(from - 1))) {
      from--;
    }
    return from == name.length() ? -1 : Long.parseLong(name.substring(from));
  }

  private static int rate(Frame frame, int otherwise) {
    var text = frame.metadata().entries().get("sample_rate");
    try {
      double rate = text == null ? otherwise : Double.parseDouble(text);
      return rate >= 1 && rate <= Integer.MAX_VALUE ? (int) Math.round(rate) : otherwise;
    } catch (NumberFormatException noNumber) {
      return otherwise;
    }
  }
}
