package dev.millrace.hub;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// The subscribers of one cohort in one row. Those that keep up are its members: they share one
/// position and own no cursor. Holds a reference on the chunk it stands in until [#release()].
/// Confined to the cohort's loop.
final class Section {
  private final Cohort cohort;
  private final Row row;
  private final Members sharing = new Members();
  private final Members copying = new Members(); // each gets bytes of its own
  private Chunk chunk;
  private int index;
  private @Nullable Chunk nextChunk; // where the delivery under way will have led
  private int nextIndex;
  private int population; // members, and those that lag
  private boolean behind; // on the list of its row
  private long servedNanos = Long.MIN_VALUE; // when it was last given all there was

  /// Takes over a reference on `start`.
  Section(Cohort cohort, Row row, Chunk start, int frame) {
    this.cohort = cohort;
    this.row = row;
    this.chunk = start;
    this.index = frame;
  }

  Cohort cohort() {
    return cohort;
  }

  void enter() {
    population++;
  }

  int population() {
    return population;
  }

  /// Returns whether nobody is left.
  boolean leave() {
    return --population == 0;
  }

  void release() {
    behind = false;
    row.remove(this);
    chunk.release();
  }

  // Where the members stand.

  Chunk chunk() {
    return chunk;
  }

  int index() {
    return index;
  }

  /// Messages of the lane that the members have been given.
  long position() {
    return chunk.firstMessage() + index;
  }

  /// The message number up to which this turn delivers.
  long deliveryEnd() {
    var to = nextChunk;
    return to == null ? position() : to.firstMessage() + nextIndex;
  }

  boolean isBehind() {
    return behind;
  }

  /// Has its row write to it, if the lane goes on. Returns whether it was not waiting for that.
  boolean look() {
    if (behind || !goesOn()) {
      return false;
    }
    behind = true;
    row.enqueue(this);
    return true;
  }

  private boolean goesOn() {
    return chunk.next() != null || index < Chunk.frames(chunk.published());
  }

  // Delivery.

  /// Writes what is new to every member that can take it; the others go on with a cursor of their
  /// own. [#advance()] must follow once the sessions have been flushed. Where no other section has
  /// something for this row, `alone`, members are flushed one by one, each while what that takes of
  /// it is still in the processor's cache, and the first do not wait for the last. Returns to how
  /// many it wrote.
  int deliver(Ranges ranges, int byteLimit, boolean alone) {
    if (!behind) {
      return 0; // everybody has left
    }
    var shard = cohort.shard();
    ranges.collect(chunk, index, Long.MAX_VALUE, byteLimit);
    nextChunk = ranges.endChunk();
    nextIndex = ranges.endIndex();
    if (ranges.count() == 0) {
      return 0;
    }
    for (int i = sharing.size() - 1; i >= 0; i--) {
      var subscription = sharing.at(i);
      if (!subscription.session().take(ranges)) {
        sharing.remove(subscription);
        subscription.lagFrom(chunk, index);
      } else if (alone) {
        shard.finishTouched();
      }
    }
    shard.delivered(ranges, sharing.size());
    for (int i = copying.size() - 1; i >= 0; i--) {
      var subscription = copying.at(i);
      if (!subscription.session().takeCopy(subscription, ranges.bytes())) {
        copying.remove(subscription);
        subscription.lagFrom(chunk, index);
      }
    }
    shard.deliveredSince(Math.max(cohort.sinceNanos(), servedNanos));
    return sharing.size() + copying.size();
  }

  /// Moves on behind what was delivered.
  void advance() {
    var to = nextChunk;
    nextChunk = null;
    if (!behind || to == null) {
      return;
    }
    behind = false;
    var from = chunk;
    if (to != from) {
      chunk = to.retain();
      from.release();
    }
    index = nextIndex;
    if (!goesOn()) {
      servedNanos = cohort.shard().turnNanos();
    }
    cohort.served(this);
  }

  /// Holds the memory of the delivery under way, if there is one.
  void holdDelivery(List<Chunk> held) {
    var last = nextChunk;
    for (var at = last == null ? null : chunk; at != null; at = at == last ? null : at.next()) {
      held.add(at.hold());
    }
  }

  // Membership.

  Members sharing() {
    return sharing;
  }

  /// Makes a subscription that has caught up a member.
  void rejoin(Subscription subscription) {
    groupOf(subscription).add(subscription);
  }

  /// The members that a subscription belongs to while it keeps up.
  Members groupOf(Subscription subscription) {
    return subscription.copies() ? copying : sharing;
  }
}
