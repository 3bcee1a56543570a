package dev.millrace.hub;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// What was read from the frames of this turn, so that the sessions of one loop read a frame once
/// together. Holds a bounded number of frames of bounded size together; what finds no room is read
/// again. Confined to the loop.
final class FrameMemo {
  private static final int SLOTS = 1 << 12;
  private static final long BYTES = 4 << 20; // of what was read

  private @Nullable Chunk @Nullable [] chunks; // once something was read
  private int[] frames = {};
  private @Nullable Object[] readers = {};
  private @Nullable Object[] values = {};
  private long open = BYTES;

  <T> T read(FrameView view, Chunk chunk, int frame, FrameReader<T> reader) {
    var known = chunks;
    if (known == null) {
      known = allocate();
    }
    int hash = (int) (((chunk.firstMessage() + frame) * 0x9E3779B97F4A7C15L) >>> 32);
    int slot = (hash ^ System.identityHashCode(chunk) ^ reader.hashCode()) & (SLOTS - 1);
    var value = values[slot];
    if (value != null
        && known[slot] == chunk
        && frames[slot] == frame
        && reader.equals(readers[slot])) {
      @SuppressWarnings("unchecked") // this reader made it
      T read = (T) value;
      return read;
    }
    T read = reader.read(view);
    int bytes = reader.bytes(read, view);
    if (open >= bytes) {
      open -= bytes;
      known[slot] = chunk;
      frames[slot] = frame;
      readers[slot] = reader;
      values[slot] = read;
    }
    return read;
  }

  /// The turn is over.
  void clear() {
    var known = chunks;
    if (known != null && open < BYTES) {
      open = BYTES;
      Arrays.fill(known, null);
      Arrays.fill(readers, null);
      Arrays.fill(values, null);
    }
  }

  private @Nullable Chunk[] allocate() {
    var fresh = new @Nullable Chunk[SLOTS];
    frames = new int[SLOTS];
    readers = new @Nullable Object[SLOTS];
    values = new @Nullable Object[SLOTS];
    chunks = fresh;
    return fresh;
  }
}
