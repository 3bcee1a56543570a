package dev.millrace.hub;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// A piece of a lane: frames back to back, with an index. The lane's loop alone appends; any loop
/// reads what has been published. A chunk without frames has no buffer, so that the end of a quiet
/// lane costs next to nothing.
///
/// References are counted per chunk: the lane holds its last chunk, each cohort and each lagging
/// subscription the one it stands in, and each chunk its successor; so whoever holds a chunk can
/// walk to the lane's end. Besides, unfinished writes hold the memory alone, not what follows.
final class Chunk {
  private static final VarHandle REFERENCES;
  private static final VarHandle HOLDS;
  private static final VarHandle PUBLISHED;
  private static final VarHandle NEXT;

  static {
    try {
      var lookup = MethodHandles.lookup();
      REFERENCES = lookup.findVarHandle(Chunk.class, "references", int.class);
      HOLDS = lookup.findVarHandle(Chunk.class, "holds", int.class);
      PUBLISHED = lookup.findVarHandle(Chunk.class, "published", long.class);
      NEXT = lookup.findVarHandle(Chunk.class, "next", Chunk.class);
    } catch (ReflectiveOperationException impossible) {
      throw new ExceptionInInitializerError(impossible);
    }
  }

  private static final long[] NO_INDEX = {};
  private static final int[] NO_TIMES = {};
  private static final int[] NO_SAVINGS = {};

  private final MemoryBudget budget;
  private final long firstMessage;
  private final long firstByte;

  // Written by the lane's loop before it publishes; readers look only at what is published.
  private @Nullable ByteBuf buffer;
  private int count;
  private int epoch; // of the topic
  private long firstOffset; // of the topic; the others follow without a gap
  private long firstMillis; // of the Unix epoch

  // Replaced by the lane's loop as they grow. Volatile for who looks at what was published earlier:
  // it may get the new array, which must not be seen before what was copied into it.
  private volatile long[] index = NO_INDEX;
  private volatile int[] times = NO_TIMES; // of each frame, in milliseconds after the first
  private volatile int[] savings = NO_SAVINGS; // bytes, as far as a frame has any

  // For the lane's loop alone: when the first and the last frame were appended.
  private long firstNanos;
  private long lastNanos;

  // Frames << 32 | bytes that readers may see. Written by the lane's loop with release.
  @SuppressWarnings("UnusedVariable") // through the handle
  private volatile long published;

  // Written once by the lane's loop with release, after the last publication.
  @SuppressWarnings("UnusedVariable") // through the handle
  private volatile @Nullable Chunk next;

  @SuppressWarnings("UnusedVariable") // through the handle; any loop
  private volatile int references = 1;

  // Unfinished writes of these bytes, and one for all references together.
  @SuppressWarnings("UnusedVariable") // through the handle; any loop
  private volatile int holds = 1;

  /// An empty chunk that its creator holds. The arguments count what the lane held before it.
  Chunk(MemoryBudget budget, long firstMessage, long firstByte) {
    this.budget = budget;
    this.firstMessage = firstMessage;
    this.firstByte = firstByte;
  }

  long firstMessage() {
    return firstMessage;
  }

  /// Bytes of the lane before frame `frame` of this chunk.
  long bytesBefore(int frame) {
    return firstByte + start(frame);
  }

  // For the lane's loop.

  boolean hasBuffer() {
    return buffer != null;
  }

  int writtenFrames() {
    return count;
  }

  /// Bytes of memory that it takes. Also for who holds it, on any loop.
  int capacity() {
    return buffer == null ? 0 : buffer.capacity();
  }

  int writtenBytes() {
    return buffer == null ? 0 : buffer.writerIndex();
  }

  long firstByte() {
    return firstByte;
  }

  long firstNanos() {
    return firstNanos;
  }

  long lastNanos() {
    return lastNanos;
  }

  /// Holders of this chunk, its predecessor included.
  int references() {
    return (int) REFERENCES.getAcquire(this);
  }

  /// Whether a message at that place of the topic may come next: frames of one chunk have offsets
  /// of one epoch without gaps.
  boolean continuesAt(int nextEpoch, long offset) {
    return count == 0 || (firstOffset + count == offset && epoch == nextEpoch);
  }

  boolean hasRoomFor(int bytes) {
    return buffer != null && buffer.writableBytes() >= bytes;
  }

  /// Gives the empty chunk a buffer of `capacity` bytes that can never grow, because readers share
  /// its memory.
  void open(int capacity) {
    buffer = PooledByteBufAllocator.DEFAULT.directBuffer(capacity, capacity);
    budget.take(capacity);
  }

  /// Appends one frame, published at `nowMillis`; [#continuesAt] must be true of its offset.
  ///
  /// @throws RuntimeException what the form threw; the chunk is as before
  void append(
      WireForm form, Message message, Stamp stamp, int type, long nowNanos, long nowMillis) {
    var out = data();
    int start = out.writerIndex();
    try {
      int timestampAt = form.encode(message, stamp, out);
      note(start, message, stamp, type, timestampAt, nowNanos, nowMillis);
    } catch (RuntimeException failure) {
      out.writerIndex(start);
      throw failure;
    }
  }

  /// Appends a frame that was made before.
  void append(
      MadeFrame made, Message message, Stamp stamp, int type, long nowNanos, long nowMillis) {
    var out = data();
    int start = out.writerIndex();
    out.writeBytes(made.bytes());
    note(start, message, stamp, type, made.timestampAt(), nowNanos, nowMillis);
  }

  /// That frame, not published yet, is smaller by so many bytes than it would be otherwise.
  void saved(int frame, int bytes) {
    if (frame >= savings.length) {
      savings = Arrays.copyOf(savings, Math.max(index.length, frame + 1));
    }
    savings[frame] = bytes;
  }

  private void note(
      int start,
      Message message,
      Stamp stamp,
      int type,
      int timestampAt,
      long nowNanos,
      long nowMillis) {
    if (count == index.length) {
      index = Arrays.copyOf(index, Math.max(8, count * 2));
      times = Arrays.copyOf(times, index.length);
    }
    if (count == 0) {
      epoch = stamp.epoch();
      firstOffset = stamp.offset();
      firstMillis = nowMillis;
      firstNanos = nowNanos;
    }
    lastNanos = nowNanos;
    times[count] = Math.clamp(nowMillis - firstMillis, Integer.MIN_VALUE, Integer.MAX_VALUE);
    index[count++] = FrameIndex.entry(start, message.priority(), type, timestampAt);
  }

  /// Lets readers see everything appended so far.
  void publish() {
    PUBLISHED.setRelease(this, (long) count << 32 | writtenBytes());
  }

  /// Ends this chunk with a successor, which gains a reference. Publishes first.
  void link(Chunk successor) {
    publish();
    successor.retain();
    NEXT.setRelease(this, successor);
  }

  // For readers on any loop. A reader takes `next` before `published`: then what is published is
  // final if there is a successor.

  @Nullable Chunk next() {
    return (Chunk) NEXT.getAcquire(this);
  }

  long published() {
    return (long) PUBLISHED.getAcquire(this);
  }

  static int frames(long published) {
    return (int) (published >>> 32);
  }

  static int bytes(long published) {
    return (int) published;
  }

  ByteBuf data() {
    if (buffer == null) {
      throw new IllegalStateException("the chunk at message " + firstMessage + " has no data");
    }
    return buffer;
  }

  /// Where frame `frame` starts; for the frame after the last one, where the published bytes end.
  int start(int frame) {
    long visible = published();
    return frame < frames(visible) ? FrameIndex.start(index[frame]) : bytes(visible);
  }

  long entry(int frame) {
    return index[frame];
  }

  /// Whether some of its frames are smaller than they would be otherwise.
  boolean saves() {
    return savings.length > 0;
  }

  /// Bytes by which a frame is.
  int saved(int frame) {
    var known = savings;
    return frame < known.length ? known[frame] : 0;
  }

  /// The epoch of its frames, if it has any.
  int epoch() {
    return epoch;
  }

  /// The place of a frame in its topic.
  long offset(int frame) {
    return firstOffset + frame;
  }

  /// When a frame was published, in milliseconds since the Unix epoch.
  long publishedMillis(int frame) {
    return firstMillis + times[frame];
  }

  Chunk retain() {
    int before = (int) REFERENCES.getAndAdd(this, 1);
    if (before <= 0) {
      REFERENCES.getAndAdd(this, -1);
      throw new IllegalStateException("the chunk at message " + firstMessage + " was freed");
    }
    return this;
  }

  /// Drops one reference. The last one gives the memory back, unless a write is unfinished, and
  /// drops the reference on the successor, and so on along the chain.
  void release() {
    var chunk = this;
    while (chunk != null && chunk.drop()) {
      chunk = chunk.next();
    }
  }

  private boolean drop() {
    int before = (int) REFERENCES.getAndAdd(this, -1);
    if (before <= 0) {
      REFERENCES.getAndAdd(this, 1);
      throw new IllegalStateException("the chunk at message " + firstMessage + " was freed twice");
    }
    if (before > 1) {
      return false;
    }
    unhold();
    return true;
  }

  /// Keeps the memory for a write, without keeping what follows. The caller has a reference.
  Chunk hold() {
    HOLDS.getAndAdd(this, 1);
    return this;
  }

  void unhold() {
    if ((int) HOLDS.getAndAdd(this, -1) == 1 && buffer != null) {
      budget.giveBack(buffer.capacity());
      buffer.release();
    }
  }
}
