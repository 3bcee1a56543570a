package dev.millrace.hub;

import org.jspecify.annotations.Nullable;

/// Where a subscription goes on after the position its client had: maybe with a [Replay], then at
/// the end of its lane as it was. `chunk` carries a reference. Made by the topic's loop for the
/// session's.
record Resumption(
    SubscribeOutcome.Resumed outcome, @Nullable Replay replay, Chunk chunk, int index) {

  /// Has `owner`, the topic's loop, tell the subscription. Called from the session's loop.
  static void find(HubShard owner, Subscription subscription, Lane lane, Position position) {
    if (!owner.loop().inLoop()) {
      owner.tell(() -> find(owner, subscription, lane, position));
      return;
    }
    var found = of(lane, position);
    var counters = owner.counters();
    if (!position.equals(Position.NONE)) {
      (found.outcome().recovered() ? counters.recovered : counters.unrecovered).inc();
    }
    subscription.session().shard().run(() -> subscription.resumed(found));
  }

  /// On the topic's loop, between two turns, so that all lanes end at the topic's offset.
  private static Resumption of(Lane lane, Position position) {
    lane.catchUp();
    var topic = lane.topic();
    long end = topic.offset();
    var replay = replay(lane, position);
    boolean recovered =
        replay != null || (position.epoch() == topic.epoch() && position.offset() == end);
    var outcome =
        new SubscribeOutcome.Resumed(
            topic.name(), topic.epoch(), end, recovered, replay == null ? 0 : replay.messages());
    if (replay != null && replay.messages() == 0) {
      replay.close(); // all that follows could not be encoded
      replay = null;
    }
    var tail = lane.tail();
    return new Resumption(outcome, replay, tail.retain(), Chunk.frames(tail.published()));
  }

  private static @Nullable Replay replay(Lane lane, Position position) {
    var topic = lane.topic();
    var canonical = topic.retainedLane();
    var log = canonical == null ? null : canonical.retained();
    if (canonical == null
        || log == null
        || position.epoch() != topic.epoch()
        || position.offset() < 0
        || position.offset() >= topic.offset()) {
      return null;
    }
    if (lane == canonical) {
      return log.replayAfter(position.offset(), null);
    }
    var reencoder = lane.form().reencoderOf(canonical.form());
    return reencoder == null ? null : log.replayAfter(position.offset(), reencoder);
  }

  /// Nobody is there any more to go on.
  void release() {
    chunk.release();
    if (replay != null) {
      replay.close();
    }
  }
}
