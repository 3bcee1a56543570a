package dev.millrace.connect.redis;

import dev.millrace.core.metric.Metrics;
import dev.millrace.hub.Broker;
import dev.millrace.hub.Message;
import dev.millrace.hub.Position;
import dev.millrace.hub.Publication;
import dev.millrace.hub.PublishOutcome;
import dev.millrace.hub.Receipt;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// Hands messages to the hub of this instance, neighbours of one topic together. When the hub has
/// no room they wait here, and their owner takes nothing more until [#flush] succeeds. Confined to
/// the broker's thread.
final class LocalDelivery {
  private static final int GROUP = 256;

  /// Neighbours; `first` is the place of the first of them, `receipt` belongs to the last.
  private static final class Group {
    final String topic;
    final @Nullable Position first;
    final boolean past;
    final List<Message> messages = new ArrayList<>();
    @Nullable CompletableFuture<Receipt> receipt;

    Group(String topic, @Nullable Position first, boolean past) {
      this.topic = topic;
      this.first = first;
      this.past = past;
    }

    boolean isFollowedBy(String nextTopic, @Nullable Position next, boolean nextPast) {
      return receipt == null
          && past == nextPast
          && !messages.isEmpty()
          && messages.size() < GROUP
          && topic.equals(nextTopic)
          && follows(next);
    }

    private boolean follows(@Nullable Position next) {
      return first == null
          ? next == null
          : next != null
              && next.epoch() == first.epoch()
              && next.offset() == first.offset() + messages.size();
    }
  }

  private final ArrayDeque<Group> waiting = new ArrayDeque<>();
  private final Broker.Delivery hub;
  private final Metrics metrics;
  private long delivered;

  LocalDelivery(Broker.Delivery hub, Metrics metrics) {
    this.hub = hub;
    this.metrics = metrics;
  }

  void add(
      String topic,
      Message message,
      @Nullable Position place,
      @Nullable CompletableFuture<Receipt> receipt) {
    add(topic, message, place, receipt, false);
  }

  /// What was published before the topic began here.
  void addPast(String topic, Message message, Position place) {
    add(topic, message, place, null, true);
  }

  private void add(
      String topic,
      Message message,
      @Nullable Position place,
      @Nullable CompletableFuture<Receipt> receipt,
      boolean past) {
    var group = waiting.peekLast();
    if (group == null || !group.isFollowedBy(topic, place, past)) {
      group = new Group(topic, place, past);
      waiting.add(group);
    }
    group.messages.add(message);
    group.receipt = receipt;
  }

  /// Nothing new stands at `place`, if any; whoever waits is told where the topic is.
  void settle(
      String topic, @Nullable Position place, @Nullable CompletableFuture<Receipt> receipt) {
    if (place == null && receipt == null) {
      return;
    }
    var group = new Group(topic, place, false);
    group.receipt = receipt;
    waiting.add(group);
  }

  /// Whether everything has been handed on.
  boolean isEmpty() {
    return waiting.isEmpty();
  }

  /// Hands on what it can; false if the hub has no room.
  boolean flush() {
    for (var group = waiting.peek(); group != null; group = waiting.peek()) {
      var publication =
          new Publication(group.topic, group.messages, group.receipt, group.first, group.past);
      switch (hub.deliver(publication)) {
        case PublishOutcome.Accepted accepted -> {
          waiting.remove();
          delivered += group.messages.size();
        }
        case PublishOutcome.Refused refused -> {
          waiting.remove();
          refuse(group, refused);
        }
        case PublishOutcome.Full full -> {
          count();
          return false;
        }
      }
    }
    count();
    return true;
  }

  private void refuse(Group group, PublishOutcome.Refused refused) {
    if (group.messages.size() > 1) {
      split(group);
      return;
    }
    metrics.counter(BrokerMetric.LOST, "refused").inc(group.messages.size());
    if (group.receipt != null) {
      group.receipt.complete(new Receipt.NotAppended(refused));
    }
  }

  /// One message that is refused must not take its neighbours with it.
  private void split(Group group) {
    for (int i = group.messages.size() - 1; i >= 0; i--) {
      var first = group.first;
      var place = first == null ? null : new Position(first.epoch(), first.offset() + i);
      var single = new Group(group.topic, place, group.past);
      single.messages.add(group.messages.get(i));
      single.receipt = i == group.messages.size() - 1 ? group.receipt : null;
      waiting.addFirst(single);
    }
  }

  private void count() {
    if (delivered > 0) {
      metrics.counter(BrokerMetric.DELIVERED).inc(delivered);
      delivered = 0;
    }
  }
}
