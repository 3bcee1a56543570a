package dev.millrace.hub;

import io.netty.buffer.ByteBufUtil;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// What a lane keeps of what everybody has been sent: its chunks from [#oldest] on. Confined to the
/// topic's loop.
///
/// A chunk goes when one of the limits holds without it, so at most one chunk more than a limit is
/// there; chunks are closed at a quarter of each limit.
final class RetainedLog {
  private static final int PARTS = 4;

  private final Lane lane;
  private final RetainedLogs logs;
  private final int messageLimit;
  private final long byteLimit;
  private final long ageNanos;
  private final ChunkRow chunks = new ChunkRow(); // from the oldest to the lane's last
  private Chunk oldest; // with a reference
  private long forgottenOffset; // the newest offset that is no longer here

  // Where it stands among the others; for them.
  int slot = -1;
  int sizeClass = -1;
  int classSlot = -1;
  long countedBytes;

  /// Starts at the empty chunk `tail`.
  RetainedLog(Lane lane, RetentionSpec spec, RetainedLogs logs, Chunk tail) {
    this.lane = lane;
    this.logs = logs;
    this.messageLimit = spec.messages();
    this.byteLimit = spec.bytes().bytes();
    this.ageNanos = TimeUnit.SECONDS.toNanos(spec.seconds());
    this.oldest = tail.retain();
    chunks.add(tail);
    this.forgottenOffset = lane.topic().offset();
    logs.add(this);
  }

  /// The lane goes on in another chunk.
  void begun(Chunk tail) {
    chunks.add(tail);
  }

  long messages() {
    return lane.writtenMessages() - oldest.firstMessage();
  }

  long bytes() {
    return lane.writtenBytes() - oldest.firstByte();
  }

  /// The largest useful chunk of such a log.
  static int chunkLimit(RetentionSpec spec, int largest) {
    return (int) Math.min(largest, Long.highestOneBit(spec.bytes().bytes() / PARTS));
  }

  /// Whether the tail shall not grow any more, so that it can go in time.
  boolean closes(Chunk tail, long nowNanos) {
    int frames = tail.writtenFrames();
    return frames > 0
        && (frames >= Math.max(1, messageLimit / PARTS)
            || nowNanos - tail.firstNanos() > ageNanos / PARTS);
  }

  /// Forgets what is beyond the limits, and everything once nothing is to be kept any more.
  void trim(long nowNanos) {
    while (logs.isClosed() ? holdsMemory() : messages() > 0 && isSpare(nowNanos)) {
      forgetOldest();
    }
    logs.resized(this);
  }

  /// Even without a message, if the first could not be encoded.
  private boolean holdsMemory() {
    return messages() > 0 || oldest.hasBuffer();
  }

  private boolean isSpare(long nowNanos) {
    long age = nowNanos - oldest.lastNanos();
    var next = oldest.next();
    if (age > ageNanos || next == null) {
      return age > ageNanos;
    }
    return lane.writtenMessages() - next.firstMessage() >= messageLimit
        || lane.writtenBytes() - next.firstByte() >= byteLimit;
  }

  /// Forgets the oldest chunk for want of memory, unless that would not help because somebody who
  /// lags may stand in it or before it.
  RetainedLogs.Relief giveUpOldest() {
    int own = oldest.next() == null ? 2 : 1; // the lane holds its last chunk
    boolean atOnce = oldest.references() == own;
    if (messages() == 0 || (!atOnce && lane.laggards.get() > 0)) {
      return RetainedLogs.Relief.NONE;
    }
    logs.countForgotten(oldest.writtenFrames());
    forgetOldest();
    logs.resized(this);
    return atOnce ? RetainedLogs.Relief.NOW : RetainedLogs.Relief.SOON;
  }

  /// Forgets everything: the log goes on behind `offset`, and what is here does not lead there.
  void beginAfter(long offset) {
    while (messages() > 0) {
      forgetOldest();
    }
    forgottenOffset = offset;
    logs.resized(this);
  }

  private void forgetOldest() {
    var next = oldest.next();
    if (next == null) {
      lane.seal();
      next = oldest.next();
    }
    if (next == null) {
      throw new IllegalStateException("a sealed chunk of " + lane.topic().name() + " has no next");
    }
    int frames = oldest.writtenFrames();
    if (frames > 0) {
      forgottenOffset = oldest.offset(frames - 1);
    }
    var gone = oldest;
    chunks.removeFirst();
    oldest = next.retain();
    gone.release();
  }

  /// A cursor behind message `offset`, or null if some of what follows is no longer here.
  @Nullable Replay replayAfter(long offset, @Nullable Reencoder reencoder) {
    if (offset < forgottenOffset) {
      return null;
    }
    var chunk = chunks.firstBeyond(offset);
    int frames = chunk.writtenFrames();
    // Within a chunk offsets have no gaps.
    int index = frames == 0 ? 0 : Math.clamp(offset + 1 - chunk.offset(0), 0, frames);
    return new Replay(lane, chunk, index, reencoder);
  }

  /// Copies of the newest frames, oldest first: at most `limit`, of at most `byteLimit` bytes.
  List<HistoryPage.Kept> newest(int limit, long newestBytes) {
    long firstMessage = lane.writtenMessages() - limit;
    long firstByte = lane.writtenBytes() - newestBytes;
    var frames = new ArrayList<HistoryPage.Kept>();
    for (Chunk chunk = oldest; chunk != null; chunk = chunk.next()) {
      int count = chunk.writtenFrames();
      int first = (int) Math.clamp(firstMessage - chunk.firstMessage(), 0L, count);
      for (int i = first; i < count; i++) {
        int start = chunk.start(i);
        if (chunk.firstByte() + start >= firstByte) {
          var bytes = ByteBufUtil.getBytes(chunk.data(), start, chunk.start(i + 1) - start);
          frames.add(new HistoryPage.Kept(chunk.offset(i), bytes));
        }
      }
    }
    return frames;
  }

  void close() {
    logs.remove(this);
    oldest.release();
  }
}
