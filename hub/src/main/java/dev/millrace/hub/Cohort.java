package dev.millrace.hub;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The subscribers of one lane on one loop, in sections: those in one row of sessions are written
/// to in one go. Confined to the loop, but for [#signal()].
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
  private final List<Section> sections = new ArrayList<>(1);
  private @Nullable Place entrance; // until the first section is there
  private int behind; // sections
  private long sinceNanos; // when the first came of what some have not been given
  private int population;
  private final Due signalled = new Due(); // asked for by the topic's loop

  Cohort(HubShard shard, HubShard owner, String topic, WireForm form) {
    this.shard = shard;
    this.owner = owner;
    this.topic = topic;
    this.form = form;
  }

  /// Behind so many frames of a chunk.
  private record Place(Chunk chunk, int frame) {}

  HubShard shard() {
    return shard;
  }

  String topic() {
    return topic;
  }

  WireForm form() {
    return form;
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
      leave(subscription.section());
    }
    reconcile();
  }

  private void leave(Section section) {
    if (section.leave()) {
      sections.remove(section);
      if (section.isBehind()) {
        oneLessBehind();
      }
      section.release();
    }
  }

  /// The topic's loop has registered this cohort at the end of `start`, which carries a reference.
  void registered(Lane registeredLane, Chunk start, int frame) {
    lane = registeredLane;
    entrance = new Place(start, frame);
    state = State.ACTIVE;
    // One by one: whoever is told may close another that still waits, or leave.
    while (state == State.ACTIVE && !waiting.isEmpty()) {
      admit(waiting.remove());
    }
    entrance = null;
    start.release();
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
      owner.registrar().unregister(this);
    }
  }

  /// A subscriber begins at the end of what its loop can see, as one that lags by nothing. Who is
  /// told of comings and goings asked for that after its answer: it begins where the lane was when
  /// it was entered, for it knows nothing of what came since.
  private void admit(Subscription subscription) {
    lane().topic().subscribers.incrementAndGet();
    var row = rowFor(subscription);
    var known = row.sectionOf(this);
    Place place;
    if (!Companion.isOne(topic)) {
      place = end();
    } else {
      place = known == null ? anywhere() : new Place(known.chunk(), known.index());
    }
    var section = known == null ? begin(row, place) : known;
    subscription.admitted(section, place.chunk(), place.frame());
  }

  /// The first stand in the row that all topics share, so that few subscribers of a topic are given
  /// the same in the same turn; of many, the rest stand in the rows of their sessions.
  private Row rowFor(Subscription subscription) {
    var shared = shard.sharedRow();
    var first = shared.sectionOf(this);
    boolean room = first == null || first.population() < shard.spec().writeSessions();
    return room || Companion.isOne(topic) ? shared : subscription.session().row();
  }

  private Section begin(Row row, Place place) {
    var section = new Section(this, row, place.chunk().retain(), place.frame());
    sections.add(section);
    row.add(section);
    return section;
  }

  /// The end of what this loop can see.
  private Place end() {
    var from = anywhere();
    var chunk = from.chunk();
    for (var next = chunk.next(); next != null; next = chunk.next()) {
      chunk = next;
    }
    int seen = Chunk.frames(chunk.published());
    return new Place(chunk, chunk == from.chunk() ? Math.max(from.frame(), seen) : seen);
  }

  /// Where somebody stands, or all begin.
  private Place anywhere() {
    if (entrance != null) {
      return entrance;
    }
    var section = sections.getFirst();
    return new Place(section.chunk(), section.index());
  }

  /// Has the topic's loop find where a subscription goes on.
  void resume(Subscription subscription, Position position) {
    Resumption.find(owner, subscription, lane(), position);
  }

  // Delivery.

  /// New frames are in the lane. Called by the topic's loop.
  void signal() {
    if (owner == shard) {
      look(shard.turnSinceNanos());
    } else if (signalled.request()) {
      shard.tell(this);
    }
  }

  @Override
  public void run() {
    signalled.begins();
    look(shard.nowNanos());
  }

  /// Has rows write to those sections behind which the lane goes on, with messages that came after
  /// `nanos`.
  private void look(long nanos) {
    if (state != State.ACTIVE) {
      return;
    }
    boolean allServed = behind == 0;
    for (int i = 0; i < sections.size(); i++) {
      behind += sections.get(i).look() ? 1 : 0;
    }
    if (allServed && behind > 0) {
      sinceNanos = nanos;
      lane().unserved.incrementAndGet();
    }
  }

  /// When the first came of what some have not been given.
  long sinceNanos() {
    return sinceNanos;
  }

  /// A section has moved on.
  void served(Section section) {
    if (!section.look()) {
      oneLessBehind();
    }
  }

  /// While somebody is behind, the lane goes on filling one chunk, which it may give back then.
  private void oneLessBehind() {
    behind--;
    if (behind == 0 && lane().unserved.decrementAndGet() == 0 && lane().isFilling()) {
      owner.registrar().settle(lane());
    }
  }

  /// One subscription less lags; the last one lets the lane give memory back.
  void lagsNoMore() {
    if (lane().laggards.decrementAndGet() == 0) {
      owner.registrar().settle(lane());
    }
  }
}
