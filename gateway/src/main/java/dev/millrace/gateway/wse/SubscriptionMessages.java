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
                ask(session, topics, options, request);
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

  /// Subscribes and acknowledges it, for the client's address and by itself. Where topics begin
  /// is not told: a client that has been here before knows its position and is going to say it.
  static void subscribe(WseSession session, List<String> topics, SubscribeOptions options) {
    subscribe(session, topics, options, null, false);
  }

  /// The same for a message, whose answer says where topics begin.
  private static void ask(
      WseSession session, List<String> topics, SubscribeOptions options, Inbound.Request request) {
    subscribe(session, topics, options, request.correlationId(), true);
  }

  private static void subscribe(
      WseSession session,
      List<String> topics,
      SubscribeOptions options,
      @Nullable String correlationId,
      boolean tellsPositions) {
    var context = session.context();
    session.client().decides();
    context.topics.decide(
        Caller.of(session.subscriber().lease().principal()),
        Action.SUBSCRIBE,
        topics,
        session.loop(),
        decision -> {
          try {
            context.subscriptions.subscribe(
                session.subscriber(),
                decision.granted(),
                options,
                tellsPositions,
                answers ->
                    subscribed(session, with(decision.refused(), answers), options, correlationId));
          } finally {
            session.client().decided();
          }
        });
  }

  private static List<Subscriptions.Answer> with(
      Map<String, String> refused, List<Subscriptions.Answer> answers) {
    if (refused.isEmpty()) {
      return answers;
    }
    var all = new ArrayList<>(answers);
    refused.forEach(
        (topic, why) ->
            all.add(Subscriptions.Answer.plain(new SubscribeOutcome.Refused(topic, why))));
    return all;
  }

  /// Subscribes to what another connection of the user had.
  static void restore(WseSession session, KeptSubscriptions kept) {
    if (!kept.plain().isEmpty()) {
      subscribe(session, kept.plain(), SubscribeOptions.PLAIN);
    }
    kept.others().forEach((topic, options) -> subscribe(session, List.of(topic), options));
  }

  private static void subscribed(
      WseSession session,
      List<Subscriptions.Answer> answers,
      SubscribeOptions options,
      @Nullable String correlationId) {
    answers.forEach(answer -> remember(session, answer.outcome(), options));
    var ack = SubscriptionAck.subscribed(answers);
    acknowledge(session, ack, correlationId);
    if (session.context().clients().snapshotOnSubscribe() && !ack.added().isEmpty()) {
      SyncMessages.begin(session, ack.added());
    }
  }

  /// Notes how a topic is subscribed to, for the user's next connection.
  private static void remember(
      WseSession session, SubscribeOutcome outcome, SubscribeOptions options) {
    var topic = outcome.topic();
    var client = session.client();
    switch (outcome) {
      case SubscribeOutcome.Subscribed _ -> client.options(topic, options.withoutRecovery());
      case SubscribeOutcome.Resumed _ -> client.options(topic, options.withoutRecovery());
      case SubscribeOutcome.AlreadySubscribed _ -> {
        if (options.presence() != null) {
          var known = client.options().getOrDefault(topic, SubscribeOptions.PLAIN);
          client.options(topic, known.withPresence(options.presence()));
        }
      }
      case SubscribeOutcome.Refused _ -> {} // nothing to note
    }
  }

  /// The rules have changed: ends what they do not allow any more, and says so.
  static void recheck(WseSession session) {
    var gone = session.context().subscriptions.recheck(session.subscriber());
    if (!gone.isEmpty()) {
      forget(session, gone);
      acknowledge(session, SubscriptionAck.unsubscribed(gone), null);
      session.error(
          null, "FORBIDDEN", "The rules of this server do not allow some topics any more");
    }
  }

  /// The client went without messages of a topic whose frames show gaps: the next stands behind
  /// `offset`.
  static void skipped(WseSession session, String topic, int epoch, long offset) {
    var at = new Subscriptions.Recovery(epoch, offset, false, 0);
    var ack = SubscriptionAck.moved(topic, at);
    acknowledge(session, ack, null);
  }

  private static void unsubscribe(
      WseSession session, List<String> topics, @Nullable String correlationId) {
    session.context().subscriptions.unsubscribe(session.subscriber(), topics);
    forget(session, topics);
    acknowledge(session, SubscriptionAck.unsubscribed(topics), correlationId);
  }

  private static void forget(WseSession session, List<String> topics) {
    topics.forEach(topic -> session.client().options(topic, SubscribeOptions.PLAIN));
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
