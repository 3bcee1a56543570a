package dev.millrace.hub;

import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The subscribers of one lane on one loop. Those that keep up are its members: they share one
/// position and own no cursor. Confined to the loop, but for [#signal()].
///
/// It registers with the topic's loop when its first subscriber comes and leaves when the last is
/// gone, with at most one such request under way.
final class Cohort implements Runnable {
  private enum State {
    IDLE,
    REGISTERING,
    ACTIVE,
    LEAVING
  }

  private final HubShard shard;
  private final HubShard owner;
  private final String topic;
  private final WireForm form;
  private final ArrayDeque<Subscription> waiting = new ArrayDeque<>(1); // for the registration
  private State state = State.IDLE;
  private @Nullable Lane lane;
  private @Nullable Chunk chunk;
  private int index;
  private @Nullable Chunk nextChunk; // where the delivery under way will have led
  private int nextIndex;
  private final Members sharing = new Members();
  private final Members copying = new Members(); // each gets bytes of its own
  private int population;
  private boolean dirty;
  private final Due signalled = new Due(); // asked for by the topic's loop

  Cohort(HubShard shard, HubShard owner, String topic, WireForm form) {
    this.shard = shard;
    this.owner = owner;
    this.topic = topic;
    this.form = form;
  }

  HubShard shard() {
    return shard;
  }

  String topic() {
    return topic;
  }

  WireForm form() {
    return form;
  }

  /// Messages of the lane that the members have been given.
  long position() {
    var here = chunk;
    return here == null ? 0 : here.firstMessage() + index;
  }

  Lane lane() {
    var known = lane;
    if (known == null) {
      throw new IllegalStateException("the lane of " + topic + " is not known yet");
    }
    return known;
  }

  // Coming and going.

  /// Takes a new subscriber, now or as soon as the topic's loop has answered.
  void join(Subscription subscription) {
    population++;
    if (state == State.ACTIVE) {
      admit(subscription);
    } else {
      waiting.add(subscription);
      reconcile();
    }
  }

  void leave(Subscription subscription) {
    population--;
    if (!waiting.remove(subscription)) {
      lane().topic().subscribers.decrementAndGet();
      subscription.leave();
    }
    reconcile();
  }

  /// The topic's loop has registered this cohort at the end of `start`, which carries a reference.
  void registered(Lane registeredLane, Chunk start, int frame) {
    lane = registeredLane;
    chunk = start;
    index = frame;
    state = State.ACTIVE;
    // One by one: whoever is told may close another that still waits.
    for (var next = waiting.poll(); next != null; next = waiting.poll()) {
      admit(next);
    }
    reconcile();
  }

  void refused(String why) {
    for (var subscription : List.copyOf(waiting)) {
      if (waiting.remove(subscription)) {
        population--;
        subscription.refused(why);
      }
    }
    state = State.IDLE;
    reconcile();
  }

  void left() {
    state = State.IDLE;
    reconcile();
  }

  private void reconcile() {
    if (state == State.IDLE) {
      if (waiting.isEmpty()) {
        shard.forget(this);
      } else {
        state = State.REGISTERING;
        owner.registrar().register(this);
      }
    } else if (state == State.ACTIVE && population == 0) {
      state = State.LEAVING;
      var here = chunk;
      if (here != null) {
        here.release();
      }
      chunk = null;
      owner.registrar().unregister(this);
    }
  }

  /// A subscriber begins at the end of what its loop can see, as one that lags by nothing. Who is
  /// told of comings and goings asked for that after its answer: it begins where the lane was when
  /// it was entered, for it knows nothing of what came since.
  private void admit(Subscription subscription) {
    lane().topic().subscribers.incrementAndGet();
    if (Companion.isOne(topic)) {
      subscription.admitted(here(), index);
      return;
    }
    var end = here();
    int frame = index;
    for (var next = end.next(); next != null; next = end.next()) {
      end = next;
      frame = 0;
    }
    subscription.admitted(end, Math.max(frame, Chunk.frames(end.published())));
  }

  /// Has the topic's loop find where a subscription goes on.
  void resume(Subscription subscription, Position position) {
    Resumption.find(owner, subscription, lane(), position);
  }

  // Delivery.

  /// New frames are in the lane. Called by the topic's loop.
  void signal() {
    if (owner == shard) {
      markDirty();
    } else if (signalled.request()) {
      shard.tell(this);
    }
  }

  @Override
  public void run() {
    signalled.begins();
    markDirty();
  }

  void markDirty() {
    if (!dirty && state == State.ACTIVE) {
      dirty = true;
      shard.addDirty(this);
    }
  }

  /// Writes what is new to every member that can take it; the others go on with a cursor of their
  /// own. [#advance()] must follow once the sessions have been flushed. Where no other cohort
  /// writes in this turn, `alone`, members are flushed one by one, each while what that takes of it
  /// is still in the processor's cache, and the first do not wait for the last.
  void deliver(Ranges ranges, int byteLimit, boolean alone) {
    dirty = false;
    var here = chunk;
    if (here == null) {
      return;
    }
    ranges.collect(here, index, Long.MAX_VALUE, byteLimit);
    nextChunk = ranges.endChunk();
    nextIndex = ranges.endIndex();
    if (ranges.count() == 0) {
      return;
    }
    for (int i = sharing.size() - 1; i >= 0; i--) {
      var subscription = sharing.at(i);
      if (!subscription.session().take(ranges)) {
        sharing.remove(subscription);
        subscription.lagFrom(here, index);
      } else if (alone) {
        shard.finishTouched();
      }
    }
    shard.delivered(ranges, sharing.size());
    for (int i = copying.size() - 1; i >= 0; i--) {
      var subscription = copying.at(i);
      if (!subscription.session().takeCopy(subscription, ranges.bytes())) {
        copying.remove(subscription);
        subscription.lagFrom(here, index);
      }
    }
  }

  /// Where the members stand.
  @Nullable Chunk chunk() {
    return chunk;
  }

  int index() {
    return index;
  }

  /// The message number up to which this turn delivers.
  long deliveryEnd() {
    var to = nextChunk;
    return to == null ? position() : to.firstMessage() + nextIndex;
  }

  /// Moves on behind what was delivered; asks for another turn if there is more.
  void advance() {
    var from = chunk;
    var to = nextChunk;
    nextChunk = null;
    if (from == null || to == null) {
      return;
    }
    if (to != from) {
      chunk = to.retain();
      from.release();
    }
    index = nextIndex;
    if (to.next() != null || index < Chunk.frames(to.published())) {
      markDirty();
    }
  }

  /// Holds the memory of the delivery under way, if there is one.
  void holdDelivery(List<Chunk> held) {
    var last = nextChunk;
    for (var at = last == null ? null : chunk; at != null; at = at == last ? null : at.next()) {
      held.add(at.hold());
    }
  }

  /// Makes a subscription that has caught up a member.
  void rejoin(Subscription subscription) {
    groupOf(subscription).add(subscription);
  }

  Members sharing() {
    return sharing;
  }

  /// The members that a subscription belongs to while it keeps up.
  Members groupOf(Subscription subscription) {
    return subscription.copies() ? copying : sharing;
  }

  /// One subscription less lags; the last one lets the lane give memory back.
  void lagsNoMore() {
    if (lane().laggards.decrementAndGet() == 0) {
      owner.registrar().settle(lane());
    }
  }

  private Chunk here() {
    var known = chunk;
    if (known == null) {
      throw new IllegalStateException("the lane of " + topic + " is not known yet");
    }
    return known;
  }
}
