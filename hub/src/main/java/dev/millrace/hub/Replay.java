package dev.millrace.hub;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A cursor into what a topic has kept, on its way to where the log ended when it was made. Frames
/// of a session that speaks another form are copied. Made by the topic's loop, then confined to the
/// session's.
final class Replay {
  private static final Logger log = LoggerFactory.getLogger(Replay.class);

  private final Lane lane;
  private final long messageLimit;
  private final long byteLimit;
  private final @Nullable Reencoder reencoder;
  private Chunk chunk; // with a reference
  private int index;
  private int copied; // messages of the last copy

  Replay(Lane lane, Chunk chunk, int index, @Nullable Reencoder reencoder) {
    this.lane = lane;
    this.messageLimit = lane.publishedMessages();
    this.byteLimit = lane.publishedBytes();
    this.chunk = chunk.retain();
    this.index = index;
    this.reencoder = reencoder;
    lane.laggards.incrementAndGet();
  }

  long messages() {
    return messageLimit - chunk.firstMessage() - index;
  }

  long bytes() {
    return byteLimit - chunk.bytesBefore(index);
  }

  boolean copies() {
    return reencoder != null;
  }

  void collect(Ranges ranges, int limitBytes) {
    ranges.collect(chunk, index, messageLimit, limitBytes);
  }

  void moveTo(Chunk to, int frame) {
    index = frame;
    if (to != chunk) {
      var from = chunk;
      chunk = to.retain();
      from.release();
    }
  }

  /// The next frames in the session's form, of about `limitBytes`, which the caller owns. One that
  /// cannot be copied is left out and counted.
  ByteBuf copy(int limitBytes, Counters counters) {
    var to = reencoder;
    if (to == null) {
      throw new IllegalStateException("frames of the canonical form are not copied");
    }
    var out = PooledByteBufAllocator.DEFAULT.directBuffer();
    var at = chunk;
    int frame = index;
    copied = 0;
    while (at.firstMessage() + frame < messageLimit && out.readableBytes() < limitBytes) {
      var next = at.next();
      if (frame == Chunk.frames(at.published()) && next != null) {
        at = next;
        frame = 0;
      } else {
        int written = out.writerIndex();
        int start = at.start(frame);
        try {
          to.reencode(at.data().slice(start, at.start(frame + 1) - start), out);
          copied++;
        } catch (RuntimeException failure) {
          out.writerIndex(written);
          counters.refusedUnencodable.inc();
          log.error("A kept message of {} could not be copied", lane.topic().name(), failure);
        }
        frame++;
      }
    }
    moveTo(at, frame);
    return out;
  }

  int copied() {
    return copied;
  }

  void close() {
    lane.laggards.decrementAndGet();
    chunk.release();
  }
}
