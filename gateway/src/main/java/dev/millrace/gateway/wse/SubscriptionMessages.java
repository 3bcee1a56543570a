package dev.millrace.gateway.wse;

import dev.millrace.gateway.acl.Action;
import dev.millrace.gateway.acl.Caller;
import dev.millrace.hub.SubscribeOutcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// `subscription` and `subscription_update`: which topics the client follows, and how.
final class SubscriptionMessages {
  /// Topics in one message; what goes beyond the limit of subscriptions fails topic by topic.
  private static final int MOST_TOPICS = 10_000;

  private SubscriptionMessages() {}

  static void subscription(WseSession session, Inbound.Request request) {
    session.context().counters.subscriptions.inc();
    var payload = request.payload();
    var topics = new ArrayList<String>();
    for (var topic : payload.path("topics")) {
      if (topic.isString()) {
        topics.add(topic.asString());
      } else {
        session.error(request, "INVALID_SUBSCRIPTION", "The name of a topic is a text");
        return;
      }
    }
    var action = payload.path("action").asString("");
    if (topics.isEmpty()) {
      session.error(request, "INVALID_SUBSCRIPTION", "No topics specified");
    } else if (topics.size() > MOST_TOPICS) {
      var sentence = "At most " + MOST_TOPICS + " topics in one message, not " + topics.size();
      session.error(request, "INVALID_SUBSCRIPTION", sentence);
    } else {
      switch (action) {
        case "subscribe" -> {
          switch (SubscribeOptions.read(payload)) {
            case SubscribeOptions.Reading.Read(var options) ->
                subscribe(session, topics, options, request.correlationId());
            case SubscribeOptions.Reading.Wrong(var why) ->
                session.error(request, "INVALID_SUBSCRIPTION", why);
          }
        }
        case "unsubscribe" -> unsubscribe(session, topics, request.correlationId());
        default ->
            session.error(
                request,
                "INVALID_ACTION",
                "Invalid subscription action: " + Intake.shortened(action));
      }
    }
  }

  /// Subscribes and acknowledges it, for messages and by itself.
  static void subscribe(
      WseSession session,
      List<String> topics,
      SubscribeOptions options,
      @Nullable String correlationId) {
    var context = session.context();
    context.topics.decide(
        Caller.of(session.subscriber().lease().principal()),
        Action.SUBSCRIBE,
        topics,
        session.loop(),
        decision ->
            context
                .extensions
                .subscriptions()
                .subscribe(
                    session.subscriber(),
                    decision.granted(),
                    options,
                    answers ->
                        subscribed(
                            session, with(decision.refused(), answers), options, correlationId)));
  }

  private static List<Subscriptions.Answer> with(
      Map<String, String> refused, List<Subscriptions.Answer> answers) {
    if (refused.isEmpty()) {
      return answers;
    }
    var all = new ArrayList<>(answers);
    refused.forEach(
        (topic, why) ->
            all.add(new Subscriptions.Answer(new SubscribeOutcome.Refused(topic, why), null)));
    return all;
  }

  /// Subscribes to what another connection of the user had.
  static void restore(WseSession session, KeptSubscriptions kept) {
    if (!kept.plain().isEmpty()) {
      subscribe(session, kept.plain(), SubscribeOptions.PLAIN, null);
    }
    kept.others().forEach((topic, options) -> subscribe(session, List.of(topic), options, null));
  }

  private static void subscribed(
      WseSession session,
      List<Subscriptions.Answer> answers,
      SubscribeOptions options,
      @Nullable String correlationId) {
    for (var answer : answers) {
      if (answer.outcome() instanceof SubscribeOutcome.Subscribed(var topic)) {
        session.client().options(topic, options.withoutRecovery());
      }
    }
    var ack = SubscriptionAck.subscribed(answers);
    acknowledge(session, ack, correlationId);
    if (session.context().clients().snapshotOnSubscribe() && !ack.added().isEmpty()) {
      SyncMessages.begin(session, ack.added());
    }
  }

  private static void unsubscribe(
      WseSession session, List<String> topics, @Nullable String correlationId) {
    var subscriptions = session.context().extensions.subscriptions();
    subscriptions.unsubscribe(session.subscriber(), topics);
    topics.forEach(topic -> session.client().options(topic, SubscribeOptions.PLAIN));
    acknowledge(session, SubscriptionAck.unsubscribed(topics), correlationId);
  }

  private static void acknowledge(
      WseSession session, SubscriptionAck ack, @Nullable String correlationId) {
    var context = session.context();
    var payload =
        ack.payload(
            session.hubSession().topics(),
            context.spec().maxSubscriptions(),
            context.frames.nowText());
    session.send("subscription_update", payload, correlationId);
  }
}
