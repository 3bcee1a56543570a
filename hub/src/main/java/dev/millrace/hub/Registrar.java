package dev.millrace.hub;

import dev.millrace.core.time.Clock;
import java.util.concurrent.CompletableFuture;

/// Lets subscribers of any loop join and leave the lanes of the topics that one loop owns. Safe
/// from any loop; the work is done on the owner's.
final class Registrar {
  private final HubShard shard;
  private final TopicTable topics;
  private final Clock clock;
  private final Due sweep = new Due();

  Registrar(HubShard shard, TopicTable topics, Clock clock) {
    this.shard = shard;
    this.topics = topics;
    this.clock = clock;
  }

  void register(Cohort cohort) {
    shard.run(
        () -> {
          var lane = topics.lane(cohort.topic(), cohort.form(), clock.nanoTime());
          if (lane == null) {
            refuse(cohort);
            return;
          }
          lane.topic().whenFollowed(() -> enter(cohort));
        });
  }

  /// The lane is looked up again: the first may have been given up meanwhile.
  private void enter(Cohort cohort) {
    var lane = topics.lane(cohort.topic(), cohort.form(), clock.nanoTime());
    if (lane == null) {
      refuse(cohort);
      return;
    }
    var start = lane.add(cohort);
    int frame = Chunk.frames(start.published());
    cohort.shard().run(() -> cohort.registered(lane, start, frame));
  }

  private void refuse(Cohort cohort) {
    var why = shard.hub().objections().tooManyTopics();
    cohort.shard().run(() -> cohort.refused(why));
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
    shard.run(
        () -> {
          var topic = topics.resolve(member.name(), clock.nanoTime());
          if (topic == null) {
            shard.groups().join(member, clock.nanoTime()); // which says why not
          } else {
            topic.whenFollowed(() -> shard.groups().join(member, clock.nanoTime()));
          }
        });
  }

  /// Completes on this loop, now or once what a topic keeps elsewhere is here. Called on this loop.
  CompletableFuture<Boolean> followed(String name) {
    var followed = new CompletableFuture<Boolean>();
    var hub = shard.hub();
    boolean elsewhere =
        hub.broker().remembers()
            && hub.objectionToName(name) == null
            && hub.settings(name).retention() != null;
    var topic = elsewhere ? topics.resolve(name, clock.nanoTime()) : null;
    if (topic == null) {
      followed.complete(true);
    } else {
      topic.whenFollowed(() -> followed.complete(true));
    }
    return followed;
  }

  void settle(Lane lane) {
    shard.run(lane::settle);
  }

  /// Makes room for topics, soon. Any thread.
  void sweepSoon() {
    if (sweep.request()) {
      shard.tell(
          () -> {
            sweep.begins();
            topics.sweep(clock.nanoTime());
          });
    }
  }
}
