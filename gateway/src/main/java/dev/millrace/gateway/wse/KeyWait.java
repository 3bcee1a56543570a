package dev.millrace.gateway.wse;

import dev.millrace.gateway.wse.crypto.KeyExchange;
import dev.millrace.net.Deadlines;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/// What waits between the agreement of a key and the client's first sealed frame, which shows how
/// the client derives keys: its data in the hub, and its answers here. Ends by itself when that
/// takes too long. Confined to the connection's loop.
final class KeyWait {
  private final WseSession session;
  private final Deadlines.Deadline deadline;
  private final ArrayDeque<ByteBuf> answers = new ArrayDeque<>(2);
  private final int mostAnswers;
  private final long mostBytes;
  private long bytes;

  /// `over` is called when it has taken long enough.
  KeyWait(WseSession session, Runnable over) {
    this.session = session;
    var spec = session.context().spec();
    this.mostAnswers = spec.outboxMessages();
    this.mostBytes = spec.outboxBytes().bytes();
    this.deadline = session.loop().deadlines().create(over);
    deadline.set(KeyExchange.PATIENCE);
    session.hubSession().holdData(true);
  }

  /// Takes ownership of `frame`; returns false if there is no room for it.
  boolean offer(ByteBuf frame) {
    if (answers.size() == mostAnswers || bytes + frame.readableBytes() > mostBytes) {
      frame.release();
      return false;
    }
    bytes += frame.readableBytes();
    return answers.add(frame);
  }

  /// Ends the waiting and gives back what waited, oldest first, then null.
  @Nullable ByteBuf next() {
    var frame = answers.poll();
    if (frame == null) {
      deadline.clear();
      session.hubSession().holdData(false);
    }
    return frame;
  }

  /// The connection is gone.
  void close() {
    deadline.clear();
    answers.forEach(ByteBuf::release);
    answers.clear();
  }
}
