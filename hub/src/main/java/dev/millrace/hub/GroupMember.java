package dev.millrace.hub;

import org.jspecify.annotations.Nullable;

/// One session's place in a queue group. Confined to the session's loop; it and the group, which
/// lives on the topic's loop, tell one another by tasks.
final class GroupMember implements Entrant {
  private final Session session;
  private final HubShard shard;
  private final HubShard owner;
  private final String topic;
  private final String group;
  private final WireForm form;
  private final int numberInBatch;
  private final FrameBatch queue = new FrameBatch();
  private @Nullable SubscribeBatch batch; // while the answer has not been given
  private @Nullable QueueGroup joined;
  private QueueGroup.@Nullable Seat seat;
  private @Nullable Reencoder reencoder; // if the group has another form
  private boolean jammed; // and the group knows
  private boolean gone;

  GroupMember(
      Session session,
      HubShard shard,
      String topic,
      String group,
      WireForm form,
      SubscribeBatch batch,
      int numberInBatch) {
    this.session = session;
    this.shard = shard;
    this.owner = shard.hub().ownerOf(topic);
    this.topic = topic;
    this.group = group;
    this.form = form;
    this.batch = batch;
    this.numberInBatch = numberInBatch;
  }

  @Override
  public String name() {
    return topic;
  }

  String group() {
    return group;
  }

  WireForm form() {
    return form;
  }

  // On the session's loop.

  void join() {
    owner.registrar().join(this);
  }

  void joined(QueueGroup newGroup, QueueGroup.Seat newSeat, @Nullable Reencoder newReencoder) {
    joined = newGroup;
    seat = newSeat;
    reencoder = newReencoder;
    if (gone) {
      owner.run(() -> newGroup.left(newSeat, new FrameBatch()));
    } else if (batch != null) {
      batch.resolve(numberInBatch, new SubscribeOutcome.Subscribed(topic), this);
    }
  }

  void refused(String why) {
    if (gone) {
      return;
    }
    gone = true;
    session.subscriptions().forget(this);
    if (batch != null) {
      batch.resolve(numberInBatch, new SubscribeOutcome.Refused(topic, why), null);
    }
  }

  @Override
  public void answered() {
    batch = null;
    open();
  }

  /// Gives up the place; what it has not written goes to others.
  void leave() {
    if (gone) {
      return;
    }
    gone = true;
    giveBack(queue.isEmpty() ? new FrameBatch() : taken());
    var asked = batch;
    batch = null;
    if (asked != null) {
      asked.withdraw(numberInBatch, this);
    }
  }

  /// The connection cannot take more: others shall have what waits.
  void jam() {
    if (!queue.isEmpty()) {
      jammed = true;
      giveBack(taken());
    }
  }

  /// The connection takes more again.
  void reopen() {
    if (jammed && !gone) {
      jammed = false;
      open();
    }
  }

  boolean isEmpty() {
    return queue.isEmpty();
  }

  /// How what waits becomes what the session takes, null if it is that.
  @Nullable Reencoder reencoder() {
    return reencoder;
  }

  /// Whether the first frame that waits has waited too long to go out with its timestamp.
  boolean isStale(Copier copier) {
    return copier.isStale(queue.chunk(), queue.frame());
  }

  /// Moves what waits into `ranges`, with a hold per stretch that is the caller's.
  void collect(Ranges ranges, int byteLimit) {
    queue.collect(ranges, byteLimit);
  }

  /// So many frames have been handed to the transport.
  void written(int frames) {
    var to = joined;
    var place = seat;
    if (frames > 0 && to != null && place != null) {
      owner.run(() -> to.written(place, frames));
    }
  }

  Topic topic() {
    var known = joined;
    if (known == null) {
      throw new IllegalStateException("the group " + group + " of " + topic + " is not joined yet");
    }
    return known.lane().topic();
  }

  private void open() {
    var to = joined;
    var place = seat;
    if (to != null && place != null) {
      owner.run(() -> to.opened(place));
    }
  }

  private void receive(FrameBatch frames) {
    if (gone || session.isBlocked()) {
      jammed = true;
      giveBack(frames);
    } else {
      queue.addAll(frames);
      session.becomeReady();
    }
  }

  private FrameBatch taken() {
    var all = new FrameBatch();
    all.addAll(queue);
    return all;
  }

  private void giveBack(FrameBatch unwritten) {
    var to = joined;
    var place = seat;
    if (to == null || place == null) {
      return; // it tells when it has joined
    }
    boolean leaves = gone;
    owner.run(
        () -> {
          if (leaves) {
            to.left(place, unwritten);
          } else {
            to.jammed(place, unwritten);
          }
        });
  }

  // For the group, on the topic's loop.

  void deliver(FrameBatch frames) {
    tell(() -> receive(frames));
  }

  void tooSlow(String reason) {
    tell(
        () -> {
          if (!session.isClosed()) {
            shard.counters().closedForLag.inc();
            session.closeWith(LagWatch.TOO_SLOW, reason);
          }
        });
  }

  void tell(Runnable what) {
    shard.run(what);
  }
}
