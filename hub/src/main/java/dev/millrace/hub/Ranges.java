package dev.millrace.hub;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/// Stretches of published frames that one write takes, in order, and where a reader stands after
/// them. Scratch space of one loop, filled anew for each cohort and each cursor.
final class Ranges {
  /// Stretches in one write; the socket takes 1,024 at once.
  private static final int LIMIT = 512;

  private final @Nullable Chunk[] chunks = new @Nullable Chunk[LIMIT];
  private final int[] from = new int[LIMIT];
  private final int[] length = new int[LIMIT];
  private final int[] firstFrame = new int[LIMIT];
  private final int[] frames = new int[LIMIT];
  private int count;
  private int bytes;
  private int messages;
  private int smaller; // messages whose frames save bytes
  private long saved;
  private @Nullable Chunk endChunk;
  private int endIndex;

  void clear() {
    for (int i = 0; i < count; i++) {
      chunks[i] = null;
    }
    count = 0;
    bytes = 0;
    messages = 0;
    smaller = 0;
    saved = 0;
    endChunk = null;
  }

  int count() {
    return count;
  }

  int bytes() {
    return bytes;
  }

  int messages() {
    return messages;
  }

  /// Messages whose frames are smaller than they would be otherwise.
  int smaller() {
    return smaller;
  }

  /// Bytes by which they are.
  long saved() {
    return saved;
  }

  boolean isFull() {
    return count == LIMIT;
  }

  /// A view of stretch `i` with a reference of its own.
  ByteBuf slice(int i) {
    return chunkOf(chunks[i]).data().retainedSlice(from[i], length[i]);
  }

  Chunk chunk(int i) {
    return chunkOf(chunks[i]);
  }

  int firstByte(int i) {
    return from[i];
  }

  int length(int i) {
    return length[i];
  }

  int firstFrame(int i) {
    return firstFrame[i];
  }

  int frames(int i) {
    return frames[i];
  }

  Chunk endChunk() {
    return chunkOf(endChunk);
  }

  int endIndex() {
    return endIndex;
  }

  /// Takes the frames from `fromFrame` to before `toFrame`, of which there must be one.
  void add(Chunk chunk, int fromFrame, int toFrame, int fromByte, int toByte) {
    chunks[count] = chunk;
    from[count] = fromByte;
    length[count] = toByte - fromByte;
    firstFrame[count] = fromFrame;
    frames[count] = toFrame - fromFrame;
    count++;
    bytes += toByte - fromByte;
    messages += toFrame - fromFrame;
    if (chunk.saves()) {
      for (int frame = fromFrame; frame < toFrame; frame++) {
        int less = chunk.saved(frame);
        smaller += less > 0 ? 1 : 0;
        saved += less;
      }
    }
  }

  void endAt(Chunk chunk, int frame) {
    endChunk = chunk;
    endIndex = frame;
  }

  /// Takes what is published from frame `index` of `start` on, up to the lane's message number
  /// `messageLimit`, in whole stretches of at most `byteLimit` bytes together; the first stretch is
  /// taken whatever its size.
  void collect(Chunk start, int index, long messageLimit, int byteLimit) {
    clear();
    var chunk = start;
    int frame = index;
    while (true) {
      var next = chunk.next();
      long published = chunk.published();
      int frames = Chunk.frames(published);
      int limit = (int) Math.min(frames, messageLimit - chunk.firstMessage());
      if (frame < limit) {
        int begin = chunk.start(frame);
        int end = limit == frames ? Chunk.bytes(published) : chunk.start(limit);
        if (count > 0 && (bytes + end - begin > byteLimit || isFull())) {
          break;
        }
        add(chunk, frame, limit, begin, end);
        frame = limit;
      }
      if (next == null || frame < frames) {
        break;
      }
      chunk = next;
      frame = 0;
    }
    endAt(chunk, frame);
  }

  private static Chunk chunkOf(@Nullable Chunk chunk) {
    if (chunk == null) {
      throw new IllegalStateException("nothing was collected");
    }
    return chunk;
  }
}
