package dev.millrace.hub;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Chunks of one lane that follow one another, so that a place is found without walking from the
/// first. Holds no reference. Confined to the lane's loop.
final class ChunkRow {
  private @Nullable Chunk[] slots = new @Nullable Chunk[4]; // a ring; a power of two
  private int first;
  private int size;

  void add(Chunk chunk) {
    if (size == slots.length) {
      var longer = Arrays.copyOfRange(slots, first, first + 2 * size);
      System.arraycopy(slots, 0, longer, size - first, first);
      slots = longer;
      first = 0;
    }
    slots[(first + size++) & (slots.length - 1)] = chunk;
  }

  void removeFirst() {
    slots[first] = null;
    first = (first + 1) & (slots.length - 1);
    size--;
  }

  /// The first chunk with a message beyond `offset`, or else the last.
  Chunk firstBeyond(long offset) {
    int low = 0;
    int high = size - 1;
    while (low < high) {
      int middle = (low + high) >>> 1;
      int filled = middle; // one without frames ends where the one before it does
      while (filled >= low && at(filled).writtenFrames() == 0) {
        filled--;
      }
      if (filled < low || lastOffset(at(filled)) <= offset) {
        low = middle + 1;
      } else {
        high = filled;
      }
    }
    return at(low);
  }

  private static long lastOffset(Chunk chunk) {
    return chunk.offset(chunk.writtenFrames() - 1);
  }

  private Chunk at(int number) {
    var chunk = slots[(first + number) & (slots.length - 1)];
    if (chunk == null) {
      throw new IllegalStateException("no chunk " + number + " of " + size);
    }
    return chunk;
  }
}
