package dev.millrace.hub;

import dev.millrace.core.time.Clock;
import java.util.concurrent.atomic.AtomicBoolean;

/// Lets subscribers of any loop join and leave the lanes of the topics that one loop owns. Safe
/// from any loop; the work is done on the owner's.
final class Registrar {
  private final HubShard shard;
  private final TopicTable topics;
  private final Clock clock;
  private final int topicLimit;
  private final AtomicBoolean sweeping = new AtomicBoolean(); // set by anybody, cleared by a sweep

  Registrar(HubShard shard, TopicTable topics, Clock clock, HubSpec spec) {
    this.shard = shard;
    this.topics = topics;
    this.clock = clock;
    this.topicLimit = spec.maxTopics();
  }

  void register(Cohort cohort) {
    shard.run(
        () -> {
          var lane = topics.lane(cohort.topic(), cohort.form(), clock.nanoTime());
          if (lane == null) {
            var why = "the server has " + topicLimit + " topics already";
            cohort.shard().run(() -> cohort.refused(why));
            return;
          }
          var start = lane.add(cohort);
          int frame = Chunk.frames(start.published());
          cohort.shard().run(() -> cohort.registered(lane, start, frame));
        });
  }

  void unregister(Cohort cohort) {
    shard.run(
        () -> {
          var lane = cohort.lane();
          if (lane.remove(cohort)) {
            topics.deserted(lane);
          }
          cohort.shard().run(cohort::left);
        });
  }

  void join(GroupMember member) {
    shard.run(() -> shard.groups().join(member, clock.nanoTime()));
  }

  void settle(Lane lane) {
    shard.run(lane::settle);
  }

  /// Makes room for topics, soon. Any thread.
  void sweepSoon() {
    if (sweeping.compareAndSet(false, true)) {
      shard
          .loop()
          .execute(
              () -> {
                sweeping.set(false);
                topics.sweep(clock.nanoTime());
              });
    }
  }
}
