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
        case "subscribe" -> ask(session, topics, request);
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
    subscribe(session, topics, options, Map.of(), null, false);
  }

  /// The same for a message, whose answer says where topics begin.
  private static void ask(WseSession session, List<String> topics, Inbound.Request request) {
    var tokens = ChannelAccess.read(request.payload());
    if (tokens == null) {
      session.error(request, "INVALID_SUBSCRIPTION", "tokens maps topics to texts");
      return;
    }
    switch (SubscribeOptions.read(request.payload())) {
      case SubscribeOptions.Reading.Read(var options) ->
          subscribe(session, topics, options, tokens, request.correlationId(), true);
      case SubscribeOptions.Reading.Wrong(var why) ->
          session.error(request, "INVALID_SUBSCRIPTION", why);
    }
  }

  private static void subscribe(
      WseSession session,
      List<String> topics,
      SubscribeOptions options,
      Map<String, String> tokens,
      @Nullable String correlationId,
      boolean tellsPositions) {
    var context = session.context();
    Comeback.changed(session, topics);
    session.client().decides();
    context.topics.decide(
        Caller.of(session.subscriber().lease().principal()),
        Action.SUBSCRIBE,
        topics,
        session.loop(),
        ruled -> {
          try {
            var decision = ChannelAccess.open(session, ruled, tokens);
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
    var tokens = kept.tokens();
    if (!kept.plain().isEmpty()) {
      subscribe(session, kept.plain(), SubscribeOptions.PLAIN, tokens, null, false);
    }
    kept.others()
        .forEach(
            (topic, options) -> subscribe(session, List.of(topic), options, tokens, null, false));
  }

  private static void subscribed(
      WseSession session,
      List<Subscriptions.Answer> answers,
      SubscribeOptions options,
      @Nullable String correlationId) {
    answers.forEach(answer -> remember(session, answer.outcome(), options));
    Comeback.changed(session, List.of());
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
      case SubscribeOutcome.Refused _ -> ChannelAccess.refused(session, topic);
    }
  }

  /// The rules have changed: ends what they do not allow any more, and says so.
  static void recheck(WseSession session) {
    var gone = session.context().subscriptions.recheck(session.subscriber());
    ended(session, gone, "The rules of this server do not allow some topics any more");
  }

  /// Tokens have expired: ends what only they opened, and says so.
  static void expired(WseSession session) {
    var grants = session.client().grants();
    var over = grants == null ? List.<String>of() : grants.takeExpired();
    if (over.isEmpty()) {
      return;
    }
    session.context().counters.channelExpired.inc(over.size());
    var who = session.subscriber();
    session.context().subscriptions.unsubscribe(who, over);
    var gone = new ArrayList<>(over);
    gone.addAll(session.context().subscriptions.recheck(who));
    ended(session, gone, "The tokens for some topics have expired");
  }

  private static void ended(WseSession session, List<String> gone, String why) {
    if (!gone.isEmpty()) {
      forget(session, gone);
      acknowledge(session, SubscriptionAck.unsubscribed(gone), null);
      session.error(null, "FORBIDDEN", why);
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
    ChannelAccess.drop(session, topics);
    Comeback.changed(session, topics);
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
