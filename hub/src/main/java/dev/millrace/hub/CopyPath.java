package dev.millrace.hub;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// How one session gets frames of its own instead of those all share: what a turn copies for it
/// goes into one buffer, which is handed to the transport before the session is flushed. Only
/// sessions that need it have one. Confined to the session's loop.
final class CopyPath {
  private static final Logger log = LoggerFactory.getLogger(CopyPath.class);

  static final int BROKEN = 1011;

  /// Bytes that a rewriter may add to a frame before the buffer has to grow.
  private static final int SLACK = 32;

  private final Session session;
  private final HubShard shard;
  private final List<Subscription> due = new ArrayList<>(1); // what this turn delivers to them
  private @Nullable FrameRewriter rewriter;
  private @Nullable ByteBuf buffer; // of this turn
  private int capacity; // of what was handed over in this turn
  private int held; // by an unfinished write

  CopyPath(Session session, HubShard shard) {
    this.session = session;
    this.shard = shard;
  }

  @Nullable FrameRewriter rewriter() {
    return rewriter;
  }

  void rewriter(@Nullable FrameRewriter newRewriter) {
    rewriter = newRewriter;
  }

  /// A subscription's cohort delivers in this turn.
  void due(Subscription subscription) {
    due.add(subscription);
  }

  void copyDue(Ranges ranges) {
    for (var subscription : due) {
      if (session.isClosed()) {
        break;
      }
      if (hasMemory()) {
        subscription.copyDelivery(ranges, this);
      } else {
        subscription.fallBehind();
      }
    }
    due.clear();
  }

  /// Whether there is memory for one more copy. Asked before each: so all copies that sockets do
  /// not take are within the hub's memory, but for the last of each loop.
  boolean hasMemory() {
    return !shard.budget().overdrawn();
  }

  /// Copies what was collected. A rewriter that fails closes the session.
  void copy(Ranges ranges, Topic topic, boolean stale) {
    if (ranges.count() == 0 || session.isClosed()) {
      return;
    }
    var with = with(stale);
    var out = buffer(ranges.bytes() + (with == null ? 0 : ranges.messages() * SLACK));
    int before = out.readableBytes();
    try {
      int frames = shard.copier().copy(ranges, topic, with, out);
      session.copied(frames, out.readableBytes() - before);
      if (rewriter == null && ranges.smaller() > 0) {
        session.savings().add(ranges.smaller(), ranges.saved());
      }
    } catch (RuntimeException failure) {
      broken(topic, failure);
    }
  }

  /// Copies what was collected for `form` in another.
  void copy(Ranges ranges, Topic topic, Reencoder reencoder, WireForm form, boolean stale) {
    var out = buffer(ranges.bytes());
    int before = out.readableBytes();
    try {
      int frames = shard.copier().copy(ranges, topic, reencoder, with(stale), savingsOf(form), out);
      session.copied(frames, out.readableBytes() - before);
    } catch (RuntimeException failure) {
      broken(topic, failure);
    }
  }

  /// Copies what a replay has next for `form` in another, of about `byteLimit`, and moves it on.
  /// Returns the bytes it copied.
  int copy(Replay replay, Topic topic, WireForm form, boolean stale, int byteLimit) {
    var out = buffer(Math.clamp(replay.bytes(), 0, byteLimit));
    int before = out.readableBytes();
    try {
      int frames = replay.copy(shard.copier(), topic, with(stale), savingsOf(form), out, byteLimit);
      session.copied(frames, out.readableBytes() - before);
    } catch (RuntimeException failure) {
      broken(topic, failure);
    }
    return out.readableBytes() - before;
  }

  /// What counts the savings of new frames; a rewriter does so itself.
  private @Nullable Savings savingsOf(WireForm form) {
    return rewriter == null && form.saves() ? session.savings() : null;
  }

  private @Nullable FrameRewriter with(boolean stale) {
    return stale && rewriter == null ? session.refresher() : rewriter;
  }

  private ByteBuf buffer(int bytes) {
    var known = buffer;
    if (known == null) {
      known = PooledByteBufAllocator.DEFAULT.directBuffer(bytes);
      buffer = known;
    }
    return known;
  }

  private void broken(Topic topic, RuntimeException failure) {
    broken(topic.name(), failure);
  }

  private void broken(String topic, RuntimeException failure) {
    log.error("Frames of {} could not be rewritten", topic, failure);
    shard.counters().closedForRewriter.inc();
    session.closeWith(BROKEN, "The server could not write what this connection subscribed to");
  }

  /// Hands over what this turn has copied.
  void handOver(SessionTransport transport) {
    var out = buffer;
    buffer = null;
    capacity = 0;
    if (out == null) {
      return;
    }
    if (rewriter != null) {
      try {
        rewriter.complete(out);
      } catch (RuntimeException failure) {
        broken("several topics", failure);
      }
    }
    if (session.isClosed() || !out.isReadable()) {
      out.release();
    } else {
      capacity = out.capacity();
      transport.write(out);
    }
  }

  /// The write that took the last buffer is unfinished: its memory counts.
  void hold() {
    held += capacity;
    shard.budget().take(capacity);
    capacity = 0;
  }

  /// Bytes that it keeps for an unfinished write.
  int heldBytes() {
    return held;
  }

  void unhold() {
    if (held > 0) {
      shard.budget().giveBack(held);
      held = 0;
    }
  }
}
