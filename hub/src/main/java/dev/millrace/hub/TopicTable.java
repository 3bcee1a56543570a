package dev.millrace.hub;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// The topics of one loop. Changed by the loop alone; any thread may look for statistics.
final class TopicTable {
  private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(60);
  private static final long SWEEP_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Map<String, Topic> topics = new ConcurrentHashMap<>();
  private final AtomicInteger total; // of all loops of the hub
  private final AtomicInteger epochs;
  private final Hub hub;
  private final HubSpec spec;
  private final TopicRules rules;
  private final @Nullable WireForm canonical;
  private final MemoryBudget budget;
  private final RetainedLogs retained;
  private final int loops;
  private long lastSweepNanos = Long.MIN_VALUE;

  TopicTable(Hub hub, int loops, AtomicInteger total, AtomicInteger epochs) {
    this.hub = hub;
    this.spec = hub.spec();
    this.rules = hub.rules();
    this.canonical = hub.canonical();
    this.budget = hub.budget();
    this.retained = new RetainedLogs(hub.counters());
    this.loops = loops;
    this.total = total;
    this.epochs = epochs;
  }

  /// An epoch that no topic has had.
  int nextEpoch() {
    return epochs.incrementAndGet();
  }

  /// What its topics keep.
  RetainedLogs retained() {
    return retained;
  }

  /// Any thread.
  @Nullable Topic get(String name) {
    return topics.get(name);
  }

  /// Any thread.
  Collection<Topic> all() {
    return topics.values();
  }

  /// The topic, made if need be; null if there are too many.
  @Nullable Topic resolve(String name, long nowNanos) {
    var known = topics.get(name);
    if (known != null) {
      return known;
    }
    if (total.get() >= spec.maxTopics()) {
      sweep(nowNanos);
    }
    if (total.incrementAndGet() > spec.maxTopics()) {
      total.decrementAndGet();
      return null;
    }
    var settings = rules.of(name);
    var topic = new Topic(name, nextEpoch(), spec.duplicateWindow(), settings, nowNanos);
    var retention = settings.retention();
    if (retention != null && canonical != null) {
      topic.retain(new Lane(topic, canonical, budget, spec, loops, retention, retained));
    }
    topics.put(name, topic);
    follow(topic);
    return topic;
  }

  /// Has the broker hear of a topic that has come into being; who subscribes waits for that.
  private void follow(Topic topic) {
    if (Companion.isOne(topic.name())) {
      return;
    }
    var following = hub.broker().follow(topic.name());
    if (following != null) {
      topic.awaitFollowing();
      var _ =
          following.whenComplete((heard, why) -> hub.ownerOf(topic.name()).run(topic::followed));
    }
  }

  /// The lane for subscribers of `form`, started if they are the first; null if there are too many
  /// topics.
  @Nullable Lane lane(String name, WireForm form, long nowNanos) {
    var topic = resolve(name, nowNanos);
    if (topic == null) {
      return null;
    }
    var lane = topic.lane(form);
    if (lane == null) {
      lane = new Lane(topic, form, hub.ownerOf(name), spec, loops);
      topic.lanes().add(lane);
    }
    return lane;
  }

  /// Ends a lane without subscribers, unless it keeps messages. A topic nobody ever published to
  /// goes with its last subscriber, so that subscribing alone cannot fill the table.
  void deserted(Lane lane) {
    var topic = lane.topic();
    if (lane != topic.retainedLane()) {
      lane.close();
      topic.lanes().remove(lane);
    }
    if (topic.isDeserted() && !topic.isAnnounced() && !topic.isRetaining()) {
      remove(topic);
    }
  }

  /// The newest `limit` messages that a topic keeps, of at most `bytes` together.
  HistoryPage history(String name, int limit, long bytes) {
    var topic = topics.get(name);
    var lane = topic == null ? null : topic.retainedLane();
    var log = lane == null ? null : lane.retained();
    var page =
        new HistoryPage(
            topic == null ? 0 : topic.epoch(),
            topic == null ? 0 : topic.offset(),
            log == null ? List.of() : log.newest(limit, bytes),
            canonical);
    if (topic != null && topic.isDeserted() && !topic.isAnnounced() && !topic.isRetaining()) {
      remove(topic); // it was only asked about
    }
    return page;
  }

  /// Forgets topics without subscribers that keep no message and to which nothing was published
  /// for a while. Where only patterns subscribed, it asks them to let go; the topic goes with its
  /// last subscriber.
  void sweep(long nowNanos) {
    if (lastSweepNanos != Long.MIN_VALUE && nowNanos - lastSweepNanos < SWEEP_NANOS) {
      return;
    }
    lastSweepNanos = nowNanos;
    for (var topic : topics.values()) {
      boolean idle = nowNanos - topic.lastPublishNanos() > IDLE_NANOS && !topic.isRetaining();
      if (idle && topic.isDeserted()) {
        remove(topic);
      } else if (idle && topic.isAnnounced() && topic.named.get() == 0) {
        topic.announced(false);
        hub.news().retire(topic);
      }
    }
  }

  private void remove(Topic topic) {
    if (topics.remove(topic.name(), topic)) {
      total.decrementAndGet();
      topic.lanes().forEach(Lane::close);
      topic.lanes().clear();
      if (!Companion.isOne(topic.name())) {
        hub.broker().unfollow(topic.name());
      }
    }
  }
}
