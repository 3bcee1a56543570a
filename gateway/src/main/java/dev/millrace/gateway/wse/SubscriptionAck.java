package dev.millrace.gateway.wse;

import dev.millrace.hub.SubscribeOutcome;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import tools.jackson.databind.node.ObjectNode;

/// The payload of a `subscription_update` from the server, after subscribing or unsubscribing.
final class SubscriptionAck {
  /// Characters of topic names beyond which the lists are left out, so that the frame stays within
  /// the size every client takes.
  private static final int LIST_LIMIT = 100_000;

  private final List<String> succeeded = new ArrayList<>();
  private final List<String> already = new ArrayList<>();
  private final List<SubscribeOutcome.Refused> failed = new ArrayList<>();
  private final Map<String, Subscriptions.Recovery> recovered = new TreeMap<>();
  private final String action;

  private SubscriptionAck(String action) {
    this.action = action;
  }

  static SubscriptionAck subscribed(List<Subscriptions.Answer> answers) {
    var ack = new SubscriptionAck("subscribe");
    for (var answer : answers) {
      var recovery = answer.recovery();
      if (recovery != null) {
        ack.recovered.put(answer.outcome().topic(), recovery);
      }
      switch (answer.outcome()) {
        case SubscribeOutcome.Subscribed(var topic) -> ack.succeeded.add(topic);
        case SubscribeOutcome.Resumed resumed -> ack.succeeded.add(resumed.topic());
        case SubscribeOutcome.AlreadySubscribed(var topic) -> {
          ack.succeeded.add(topic);
          ack.already.add(topic);
        }
        case SubscribeOutcome.Refused refused -> ack.failed.add(refused);
      }
    }
    return ack;
  }

  /// Leaving a topic that was never joined counts as left.
  static SubscriptionAck unsubscribed(List<String> topics) {
    var ack = new SubscriptionAck("unsubscribe");
    ack.succeeded.addAll(topics);
    return ack;
  }

  /// A topic whose client went without messages stands somewhere else.
  static SubscriptionAck moved(String topic, Subscriptions.Recovery at) {
    var ack = new SubscriptionAck("subscribe");
    ack.succeeded.add(topic);
    ack.already.add(topic);
    ack.recovered.put(topic, at);
    return ack;
  }

  /// Topics that were not subscribed before.
  List<String> added() {
    return succeeded.stream().filter(topic -> !already.contains(topic)).toList();
  }

  ObjectNode payload(Collection<String> activeTopics, int maxTopics, String timestamp) {
    var active = List.copyOf(new TreeSet<>(activeTopics));
    boolean tooMany = characters(active) + characters(succeeded) + failedCharacters() > LIST_LIMIT;
    var message =
        "Successfully "
            + action
            + "d "
            + succeeded.size()
            + " topics"
            + (tooMany ? "; too many to list" : "");
    var payload =
        SystemFrames.object()
            .put("action", action)
            .put("success", failed.isEmpty() || !succeeded.isEmpty())
            .put("message", message);
    list(payload, "topics", tooMany ? List.of() : active);
    list(payload, "success_topics", tooMany ? List.of() : succeeded);
    var failures = payload.putArray("failed_topics");
    for (var failure : tooMany ? List.<SubscribeOutcome.Refused>of() : failed) {
      failures.addObject().put("topic", failure.topic()).put("error", failure.why());
    }
    list(payload, "already_subscribed", tooMany ? List.of() : already);
    payload.putArray("pending_subscriptions");
    payload.putArray("failed_subscriptions");
    list(payload, "active_subscriptions", tooMany ? List.of() : active);
    payload
        .putObject("subscription_limits")
        .put("max_topics", maxTopics)
        .put("current_topics", active.size());
    if (!recovered.isEmpty() && !tooMany) {
      listRecoveries(payload.putObject("recovery"));
    }
    return payload.put("timestamp", timestamp);
  }

  private void listRecoveries(ObjectNode recovery) {
    recovered.forEach(
        (topic, from) ->
            recovery
                .putObject(topic)
                .put("epoch", HexFormat.of().toHexDigits(from.epoch()))
                .put("offset", from.offset())
                .put("recovered", from.recovered())
                .put("count", from.count()));
  }

  /// Puts names into an array; none of them if they are too many for a frame.
  static void listWithinLimit(ObjectNode payload, String key, Collection<String> topics) {
    var all = List.copyOf(new TreeSet<>(topics));
    list(payload, key, characters(all) > LIST_LIMIT ? List.of() : all);
  }

  private static void list(ObjectNode payload, String key, List<String> topics) {
    var array = payload.putArray(key);
    topics.forEach(array::add);
  }

  private static long characters(List<String> topics) {
    return topics.stream().mapToLong(String::length).sum();
  }

  private long failedCharacters() {
    return failed.stream().mapToLong(one -> one.topic().length() + one.why().length() + 30L).sum();
  }
}
