package dev.millrace.hub;

import java.util.Collection;
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
  private final HubSpec spec;
  private final MemoryBudget budget;
  private final int loops;
  private long lastSweepNanos = Long.MIN_VALUE;

  TopicTable(
      HubSpec spec, MemoryBudget budget, int loops, AtomicInteger total, AtomicInteger epochs) {
    this.spec = spec;
    this.budget = budget;
    this.loops = loops;
    this.total = total;
    this.epochs = epochs;
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
    var topic = new Topic(name, epochs.incrementAndGet(), spec.duplicateWindow(), nowNanos);
    topics.put(name, topic);
    return topic;
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
      lane = new Lane(topic, form, budget, spec, loops);
      topic.lanes().add(lane);
    }
    return lane;
  }

  /// Ends a lane without subscribers. A topic nobody ever published to goes with its last lane, so
  /// that subscribing alone cannot fill the table.
  void close(Lane lane) {
    lane.close();
    var topic = lane.topic();
    topic.lanes().remove(lane);
    if (topic.lanes().isEmpty() && topic.offset() == 0) {
      remove(topic);
    }
  }

  /// Forgets topics without subscribers to which nothing was published for a while.
  void sweep(long nowNanos) {
    if (lastSweepNanos != Long.MIN_VALUE && nowNanos - lastSweepNanos < SWEEP_NANOS) {
      return;
    }
    lastSweepNanos = nowNanos;
    for (var topic : topics.values()) {
      if (topic.lanes().isEmpty() && nowNanos - topic.lastPublishNanos() > IDLE_NANOS) {
        remove(topic);
      }
    }
  }

  private void remove(Topic topic) {
    if (topics.remove(topic.name(), topic)) {
      total.decrementAndGet();
    }
  }
}
