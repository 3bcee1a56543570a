package dev.millrace.signals.control;

import dev.millrace.core.frame.Body;
import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.Metadata;
import dev.millrace.core.frame.SampleTag;
import dev.millrace.core.frame.Samples;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;

/// Frames in a checkpoint: binary, samples bit for bit. Only what the same version wrote is read.
final class FrameCodec {
  private static final int EMPTY = 0;
  private static final int TEXT = 1;
  private static final int JSON = 2;
  private static final int SAMPLES = 3;
  private static final int MOST_ENTRIES = 1 << 20;
  private static final int MOST_BYTES = 1 << 28;

  private FrameCodec() {}

  static void write(Frame frame, DataOutput out) throws IOException {
    out.writeLong(frame.timestampMicros());
    out.writeLong(frame.sequence());
    switch (frame.body()) {
      case Body.Empty() -> out.writeByte(EMPTY);
      case Body.Text(var text) -> {
        out.writeByte(TEXT);
        writeText(text, out);
      }
      case Body.JsonBytes json -> {
        out.writeByte(JSON);
        writeBytes(json.bytes(), out);
      }
      case Samples samples -> {
        out.writeByte(SAMPLES);
        writeSamples(samples, out);
      }
    }
    var entries = frame.metadata().entries();
    out.writeInt(entries.size());
    for (var entry : entries.entrySet()) {
      writeText(entry.getKey(), out);
      writeText(entry.getValue(), out);
    }
  }

  /// @throws IOException if it is no frame
  static Frame read(DataInput in) throws IOException {
    long timestamp = in.readLong();
    long sequence = in.readLong();
    int kind = in.readByte();
    Body body =
        switch (kind) {
          case EMPTY -> Body.EMPTY;
          case TEXT -> new Body.Text(readText(in));
          case JSON -> new Body.JsonBytes(readBytes(in));
          case SAMPLES -> readSamples(in);
          default -> throw new IOException("there is no body of kind " + kind);
        };
    var entries = new HashMap<String, String>();
    for (int left = size(in, MOST_ENTRIES); left > 0; left--) {
      entries.put(readText(in), readText(in));
    }
    var metadata = entries.isEmpty() ? Metadata.NONE : new Metadata(entries);
    return new Frame(timestamp, sequence, body, metadata);
  }

  /// A number from 0 to `most`.
  static int size(DataInput in, int most) throws IOException {
    int size = in.readInt();
    if (size < 0 || size > most) {
      throw new IOException("a size of " + size + " where at most " + most + " can be");
    }
    return size;
  }

  private static void writeSamples(Samples samples, DataOutput out) throws IOException {
    out.writeInt(samples.count());
    for (int i = 0; i < samples.count(); i++) {
      writeText(samples.name(i), out);
      var values = samples.channel(i);
      var bytes = ByteBuffer.allocate(Math.multiplyExact(values.length, Double.BYTES));
      bytes.asDoubleBuffer().put(values);
      writeBytes(bytes.array(), out);
    }
    out.writeInt(samples.tags().size());
    for (var tag : samples.tags()) {
      out.writeInt(tag.offset());
      writeText(tag.key(), out);
      writeText(tag.value(), out);
    }
  }

  private static Samples readSamples(DataInput in) throws IOException {
    var channels = new HashMap<String, double[]>();
    for (int left = size(in, MOST_ENTRIES); left > 0; left--) {
      var name = readText(in);
      var bytes = readBytes(in);
      var values = new double[bytes.length / Double.BYTES];
      ByteBuffer.wrap(bytes).asDoubleBuffer().get(values);
      channels.put(name, values);
    }
    var tags = readTags(in);
    var samples = Samples.of(channels);
    return tags.isEmpty() ? samples : samples.withTags(tags);
  }

  private static List<SampleTag> readTags(DataInput in) throws IOException {
    var tags = new ArrayList<SampleTag>();
    for (int left = size(in, MOST_ENTRIES); left > 0; left--) {
      tags.add(new SampleTag(size(in, Integer.MAX_VALUE), readText(in), readText(in)));
    }
    return tags;
  }

  private static void writeText(String text, DataOutput out) throws IOException {
    writeBytes(text.getBytes(StandardCharsets.UTF_8), out);
  }

  private static String readText(DataInput in) throws IOException {
    return new String(readBytes(in), StandardCharsets.UTF_8);
  }

  private static void writeBytes(byte[] bytes, DataOutput out) throws IOException {
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private static byte[] readBytes(DataInput in) throws IOException {
    var bytes = new byte[size(in, MOST_BYTES)];
    in.readFully(bytes);
    return bytes;
  }
}
