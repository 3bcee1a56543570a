package dev.millrace.signals.file;

import dev.millrace.core.problem.ProblemException;
import dev.millrace.signals.sample.SampleFormat;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// What stands in front of a WAV file's samples, and where they are. `missingBytes` is how much
/// less there is than the header says.
///
/// Source: Multimedia Programming Interface and Data Specifications 1.0 (RIFF WAVE); EBU Tech 3306
/// (RF64).
record WavHeader(
    SampleFormat encoding,
    int channels,
    int sampleRate,
    long dataFrom,
    long blocks,
    long missingBytes) {

  static final int MOST_CHANNELS = 1_024;
  static final int LENGTH = 44; // of what [#write] writes

  private static final int MOST_CHUNKS = 65_536;
  private static final int EXTENSIBLE = 0xFFFE;
  private static final long UNKNOWN = 0xFFFF_FFFFL;

  int blockBytes() {
    return channels * encoding.bytes();
  }

  /// A format chunk, as far as it matters.
  private record Format(SampleFormat encoding, int channels, int sampleRate) {}

  /// A data chunk.
  private record Data(long from, long declared) {}

  static WavHeader read(Path path, RandomAccessFile file) throws IOException, ProblemException {
    long length = file.length();
    var riff = take(file, 0, 12, length);
    boolean large = riff != null && id(riff, 0).equals("RF64");
    if (riff == null || !(large || id(riff, 0).equals("RIFF")) || !id(riff, 8).equals("WAVE")) {
      throw broken(path, "is not a WAV file");
    }
    Format format = null;
    Data data = null;
    long largeData = UNKNOWN;
    long at = 12;
    for (int i = 0; i < MOST_CHUNKS && (format == null || data == null); i++) {
      var head = take(file, at, 8, length);
      if (head == null) {
        break;
      }
      long size = Integer.toUnsignedLong(head.getInt(4));
      long from = at + 8;
      switch (id(head, 0)) {
        case "fmt " -> format = format(path, take(file, from, (int) Math.min(size, 40), length));
        case "ds64" -> {
          var sizes = take(file, from, 16, length);
          largeData = sizes == null ? UNKNOWN : sizes.getLong(8);
        }
        case "data" -> {
          size = size == UNKNOWN ? (large ? largeData : UNKNOWN) : size;
          // A writer that did not know, or one that was killed before it said so.
          boolean unsaid = size == 0 && 8 + Integer.toUnsignedLong(riff.getInt(4)) <= from;
          size = size < 0 || size == UNKNOWN || unsaid ? length - from : size;
          data = new Data(from, size);
        }
        default -> {} // others mean nothing here
      }
      at = from + size + (size & 1);
      if (at < from) {
        break;
      }
    }
    if (format == null) {
      throw broken(path, "says nothing of its format");
    }
    if (data == null) {
      throw broken(path, "has no samples");
    }
    long there = Math.min(data.declared, length - data.from);
    int block = format.channels * format.encoding.bytes();
    return new WavHeader(
        format.encoding,
        format.channels,
        format.sampleRate,
        data.from,
        there / block,
        data.declared - there);
  }

  /// A header for `dataBytes` bytes of samples.
  static byte[] write(SampleFormat encoding, int channels, int sampleRate, long dataBytes) {
    int block = channels * encoding.bytes();
    return ByteBuffer.allocate(LENGTH)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put("RIFF".getBytes(StandardCharsets.US_ASCII))
        .putInt((int) (LENGTH - 8 + dataBytes + (dataBytes & 1)))
        .put("WAVEfmt ".getBytes(StandardCharsets.US_ASCII))
        .putInt(16)
        .putShort((short) tag(encoding))
        .putShort((short) channels)
        .putInt(sampleRate)
        .putInt((int) Math.min(Integer.MAX_VALUE, (long) sampleRate * block))
        .putShort((short) block)
        .putShort((short) (encoding.bytes() * 8))
        .put("data".getBytes(StandardCharsets.US_ASCII))
        .putInt((int) dataBytes)
        .array();
  }

  private static Format format(Path path, @Nullable ByteBuffer chunk) throws ProblemException {
    if (chunk == null || chunk.capacity() < 16) {
      throw broken(path, "has a format that is cut short");
    }
    int tag = chunk.getShort(0) & 0xFFFF;
    if (tag == EXTENSIBLE && chunk.capacity() >= 26) {
      tag = chunk.getShort(24) & 0xFFFF; // the first bytes of the sub-format's GUID
    }
    int channels = chunk.getShort(2) & 0xFFFF;
    int sampleRate = chunk.getInt(4);
    int block = chunk.getShort(12) & 0xFFFF;
    int bits = chunk.getShort(14) & 0xFFFF;
    var encoding = encoding(tag, bits);
    if (encoding == null) {
      throw broken(path, "has samples of format " + tag + " with " + bits + " bits");
    }
    if (channels < 1 || channels > MOST_CHANNELS || sampleRate < 1) {
      throw broken(path, "has " + channels + " channels at " + sampleRate + " Hz");
    }
    if (block != channels * encoding.bytes()) {
      throw broken(
          path,
          "has blocks of " + block + " bytes for " + channels + " channels of " + bits + " bits");
    }
    return new Format(encoding, channels, sampleRate);
  }

  /// What a header calls a format: 1 for whole numbers, 3 for floating point.
  private static int tag(SampleFormat format) {
    return switch (format) {
      case U8, I16, I24, I32 -> 1;
      case F32, F64 -> 3;
    };
  }

  /// The format with this tag and so many bits, null if it is not known.
  private static @Nullable SampleFormat encoding(int tag, int bits) {
    for (var format : SampleFormat.values()) {
      if (tag(format) == tag && format.bytes() * 8 == bits) {
        return format;
      }
    }
    return null;
  }

  private static String id(ByteBuffer chunk, int at) {
    var bytes = new byte[4];
    chunk.get(at, bytes);
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  /// `count` bytes from `from`; null if the file ends before.
  private static @Nullable ByteBuffer take(RandomAccessFile file, long from, int count, long length)
      throws IOException {
    if (from < 0 || from > length - count) {
      return null;
    }
    var bytes = new byte[count];
    file.seek(from);
    file.readFully(bytes);
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static ProblemException broken(Path path, String what) {
    return FileProblems.wrong(
        path,
        what,
        "Give a WAV file with PCM of 8, 16, 24 or 32 bits, or floating point of 32 or 64 bits.");
  }
}
