package dev.millrace.hub;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/// A cursor into what a topic has kept, on its way to where the log ended when it was made. Frames
/// of a session that speaks another form are copied. Made by the topic's loop, then confined to the
/// session's.
final class Replay {
  /// Frames looked at for a selection, or copied, in one turn.
  private static final int SCAN = 4_096;

  private final Lane lane;
  private final long messageLimit;
  private final long byteLimit;
  private final @Nullable Reencoder reencoder;
  private Chunk chunk; // with a reference
  private int index;
  private @Nullable Selection selection;
  private @Nullable Backlog backlog; // while there is a selection, in the canonical form

  Replay(Lane lane, Chunk chunk, int index, @Nullable Reencoder reencoder) {
    this.lane = lane;
    this.messageLimit = lane.publishedMessages();
    this.byteLimit = lane.publishedBytes();
    this.chunk = chunk.retain();
    this.index = index;
    this.reencoder = reencoder;
    lane.laggards.incrementAndGet();
  }

  /// Messages it has still to pass, whatever the selection makes of them.
  long messages() {
    return messageLimit - chunk.firstMessage() - index;
  }

  long bytes() {
    return byteLimit - chunk.bytesBefore(index);
  }

  /// From here on takes what `wanted` keeps, null for everything. Another form is filtered only:
  /// keys are read from frames of the log.
  void select(@Nullable Selection wanted, Copier copier) {
    selection = wanted == null ? null : wanted.another();
    backlog =
        selection == null || copies()
            ? null
            : new Backlog(copier, lane.topic(), selection, chunk, index, null);
  }

  boolean copies() {
    return reencoder != null;
  }

  void collect(Ranges ranges, int limitBytes) {
    if (backlog == null) {
      ranges.collect(chunk, index, messageLimit, limitBytes);
    } else {
      backlog.scan(messageLimit, SCAN);
      backlog.collect(ranges, chunk, index, messageLimit, limitBytes, false);
    }
  }

  void moveTo(Chunk to, int frame) {
    index = frame;
    if (to != chunk) {
      var from = chunk;
      chunk = to.retain();
      from.release();
    }
  }

  /// Appends the next frames in the session's form, of about `limitBytes`, and moves on. Returns
  /// how many frames it appended.
  ///
  /// @throws RuntimeException what the rewriter threw
  int copy(
      Copier copier,
      Topic topic,
      @Nullable FrameRewriter rewriter,
      @Nullable Savings savings,
      ByteBuf out,
      int limitBytes) {
    var to = reencoder;
    if (to == null) {
      throw new IllegalStateException("frames of the canonical form are not copied");
    }
    int end = out.writerIndex() + limitBytes;
    int frames = 0;
    for (int open = SCAN; open > 0 && findFrame() && out.writerIndex() < end; open--) {
      frames += copier.copy(topic, chunk, index, to, selection, rewriter, savings, out);
      index++;
    }
    return frames;
  }

  /// Whether the next frame has waited too long to go out with its timestamp.
  boolean isStale(Copier copier) {
    return findFrame() && copier.isStale(chunk, index);
  }

  /// Moves to the chunk of the next frame; false if there is none.
  private boolean findFrame() {
    while (messages() > 0) {
      var next = chunk.next();
      if (index < Chunk.frames(chunk.published())) {
        return true;
      }
      if (next == null) {
        return false;
      }
      moveTo(next, 0);
    }
    return false;
  }

  void close() {
    lane.laggards.decrementAndGet();
    chunk.release();
  }
}
