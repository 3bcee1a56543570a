package dev.millrace.signals.device;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// The newest samples of some channels in a file that other programs map and draw from while it is
/// being written. Confined to one thread.
///
/// Little endian: a header of 4,096 bytes, then the channels one after the other, each as
/// `capacity` binary64.
///
/// | at | what |
/// |---|---|
/// | 0 | `AUDITAB!` |
/// | 8 | version, 1 |
/// | 16 | samples a second |
/// | 24 | channels |
/// | 32 | capacity: samples of each channel |
/// | 40 | how many times something was written |
/// | 48 | how many samples were written; modulo the capacity, where the next one goes |
///
/// The number of writes is written last and in one step: a reader that finds it unchanged after
/// copying has samples of one age.
final class RingFile implements AutoCloseable {
  static final int HEADER_BYTES = 4_096;

  private static final long MOST_BYTES = 1L << 32;
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfDouble DOUBLE =
      ValueLayout.JAVA_DOUBLE.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle NUMBER = LONG.varHandle();
  private static final long WRITES_AT = 40;
  private static final long SAMPLES_AT = 48;

  private final Arena arena = Arena.ofShared();
  private final MemorySegment file;
  private final int channels;
  private final long capacity;
  private long writes;
  private long samples;

  /// Makes the file anew.
  ///
  /// @throws IllegalArgumentException if it would be larger than 4 GiB
  RingFile(Path path, int sampleRate, int channels, int seconds) throws IOException {
    this.channels = channels;
    this.capacity = (long) sampleRate * seconds;
    long bytes = HEADER_BYTES + Math.multiplyExact(capacity, channels * 8L);
    if (bytes > MOST_BYTES) {
      throw new IllegalArgumentException(
          seconds
              + " s of "
              + channels
              + " channels at "
              + sampleRate
              + " Hz take "
              + bytes
              + " bytes; a ring file has at most "
              + MOST_BYTES);
    }
    // Another file of the same name, since programs may still look at the one that was there.
    Files.deleteIfExists(path);
    try (var channel =
        FileChannel.open(
            path,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE)) {
      fill(channel, bytes);
      file = channel.map(FileChannel.MapMode.READ_WRITE, 0, bytes, arena);
    } catch (IOException failure) {
      arena.close();
      Files.deleteIfExists(path); // half of it is of no use, and fills the disk
      throw failure;
    }
    MemorySegment.copy(
        "AUDITAB!".getBytes(StandardCharsets.US_ASCII), 0, file, ValueLayout.JAVA_BYTE, 0, 8);
    file.set(LONG, 8, 1);
    file.set(LONG, 16, sampleRate);
    file.set(LONG, 24, channels);
    file.set(LONG, 32, capacity);
  }

  /// Zeros all through: on a full disk this fails here, and not in the middle of a write.
  private static void fill(FileChannel channel, long bytes) throws IOException {
    var zeros = ByteBuffer.allocate(1 << 16);
    for (long left = bytes; left > 0; left -= zeros.limit()) {
      zeros.clear().limit((int) Math.min(zeros.capacity(), left));
      while (zeros.hasRemaining()) {
        channel.write(zeros);
      }
    }
  }

  /// Appends equally many samples to each channel; of more than the capacity the last are kept.
  void write(double[][] frame) {
    if (frame.length != channels) {
      throw new IllegalArgumentException(frame.length + " channels for a ring file of " + channels);
    }
    int length = frame[0].length;
    int skipped = (int) Math.max(0, length - capacity);
    long at = (samples + skipped) % capacity;
    int first = (int) Math.min(length - skipped, capacity - at);
    for (int i = 0; i < channels; i++) {
      long base = HEADER_BYTES + i * capacity * Double.BYTES;
      MemorySegment.copy(frame[i], skipped, file, DOUBLE, base + at * Double.BYTES, first);
      int rest = length - skipped - first;
      MemorySegment.copy(frame[i], skipped + first, file, DOUBLE, base, rest);
    }
    samples += length;
    writes++;
    NUMBER.setRelease(file, SAMPLES_AT, samples);
    NUMBER.setRelease(file, WRITES_AT, writes);
  }

  @Override
  public void close() {
    arena.close();
  }
}
