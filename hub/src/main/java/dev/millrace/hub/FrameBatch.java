package dev.millrace.hub;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Frames in the order they are to be written, each with a hold on its chunk's memory. Passed from
/// loop to loop, owned by one at a time.
final class FrameBatch {
  private static final @Nullable Chunk[] NO_CHUNKS = {};
  private static final int[] NO_FRAMES = {};

  private @Nullable Chunk[] chunks = NO_CHUNKS;
  private int[] frames = NO_FRAMES;
  private int head;
  private int end;

  boolean isEmpty() {
    return head == end;
  }

  int size() {
    return end - head;
  }

  /// Adds a frame that is held for this batch.
  void add(Chunk held, int frame) {
    if (end == frames.length) {
      makeRoom();
    }
    chunks[end] = held;
    frames[end++] = frame;
  }

  /// Takes over all frames of another batch.
  void addAll(FrameBatch other) {
    for (; !other.isEmpty(); other.removeFirst()) {
      add(other.chunk(), other.frame());
    }
  }

  /// The chunk of the first frame.
  Chunk chunk() {
    var first = chunks[head];
    if (first == null) {
      throw new IllegalStateException("the batch is empty");
    }
    return first;
  }

  /// The first frame's number in its chunk.
  int frame() {
    return frames[head];
  }

  /// Takes the first frame out; its hold is the caller's.
  void removeFirst() {
    chunks[head++] = null;
    if (head == end) {
      head = 0;
      end = 0;
    }
  }

  /// Moves the first frames into `ranges`, up to its limits; of each stretch one hold remains,
  /// which is the caller's.
  void collect(Ranges ranges, int byteLimit) {
    ranges.clear();
    while (!isEmpty() && !ranges.isFull()) {
      var chunk = chunk();
      int from = frame();
      int to = from;
      int start = chunk.start(from);
      boolean full = false;
      while (!isEmpty() && chunk() == chunk && frame() == to && !full) {
        full = ranges.bytes() + chunk.start(to + 1) - start > byteLimit;
        if (!full || (ranges.count() == 0 && to == from)) {
          removeFirst();
          if (to++ > from) {
            chunk.unhold();
          }
        }
      }
      if (to > from) {
        ranges.add(chunk, from, to, start, chunk.start(to));
      }
      if (full) {
        break;
      }
    }
  }

  void release() {
    for (; !isEmpty(); removeFirst()) {
      chunk().unhold();
    }
  }

  private void makeRoom() {
    int size = size();
    boolean shift = head > 0 && head >= end / 2;
    var newChunks = shift ? chunks : Arrays.copyOf(chunks, Math.max(8, end * 2));
    var newFrames = shift ? frames : Arrays.copyOf(frames, newChunks.length);
    System.arraycopy(chunks, head, newChunks, 0, size);
    System.arraycopy(frames, head, newFrames, 0, size);
    Arrays.fill(newChunks, size, end, null);
    chunks = newChunks;
    frames = newFrames;
    head = 0;
    end = size;
  }
}
