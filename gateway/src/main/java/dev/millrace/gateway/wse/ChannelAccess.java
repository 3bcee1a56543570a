package dev.millrace.gateway.wse;

import dev.millrace.gateway.acl.TopicAccess;
import dev.millrace.hub.TopicPattern;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// Channel tokens in subscriptions: what the rules refuse, a token may open for its user. They are
/// looked at for nothing else, so that a subscription which needs none does not end with one. On
/// the connection's loop.
final class ChannelAccess {
  private static final String NO_GOOD =
      "the token for it does not count: it is unreadable, expired, or for another user or topic";
  private static final String TOO_MANY =
      "at most " + ChannelGrants.MOST + " topics of a connection are opened by tokens";

  private ChannelAccess() {}

  /// The member `tokens` of a subscription: texts by topics. Null if it is anything else.
  static @Nullable Map<String, String> read(ObjectNode payload) {
    var given = payload.path("tokens");
    if (given.isMissingNode() || given.isNull()) {
      return Map.of();
    }
    if (!given.isObject()) {
      return null;
    }
    var tokens = new HashMap<String, String>();
    for (var each : given.properties()) {
      if (!each.getValue().isString()) {
        return null;
      }
      tokens.put(each.getKey(), each.getValue().asString());
    }
    return tokens;
  }

  /// The decision, with what tokens open among what is granted.
  static TopicAccess.Decision open(
      WseSession session, TopicAccess.Decision decision, Map<String, String> tokens) {
    if (tokens.isEmpty() || decision.refused().isEmpty() || !session.isOpen()) {
      return decision;
    }
    var granted = new ArrayList<>(decision.granted());
    var refused = new LinkedHashMap<String, String>();
    decision
        .refused()
        .forEach(
            (topic, why) -> {
              var token = tokens.get(topic);
              var objection = token == null ? why : objection(session, topic, token);
              if (objection == null) {
                granted.add(topic);
              } else {
                refused.put(topic, objection);
              }
            });
    return new TopicAccess.Decision(granted, refused);
  }

  /// Opens `topic` with `token`, or returns why not. Each costs the client a message.
  private static @Nullable String objection(WseSession session, String topic, String token) {
    var context = session.context();
    var tokens = context.terms().channels();
    if (tokens == null) {
      return "this server knows no channel tokens";
    }
    var grants = session.client().grants();
    if (grants != null && !grants.hasRoomFor(topic)) {
      return TOO_MANY;
    }
    if (!session.takeToken()) {
      return "too many tokens at once";
    }
    var grant = tokens.read(token).orElse(null);
    if (grant == null
        || !grant.user().equals(session.userId())
        || grant.expiresMillis() <= context.clock.epochMillis()
        || !TopicPattern.of(grant.topic()).matches(topic)) {
      context.counters.channelRefused.inc();
      return NO_GOOD;
    }
    context.counters.channelOpened.inc();
    if (grants == null) {
      grants =
          new ChannelGrants(
              context.clock,
              session.loop().deadlines(),
              () -> SubscriptionMessages.expired(session));
      session.client().grants(grants);
    }
    grants.hold(topic, grant, token);
    return null;
  }

  /// The topics that are granted, and those that the client follows because of a token.
  static List<String> visible(WseSession session, TopicAccess.Decision decision) {
    var grants = session.client().grants();
    if (grants == null || decision.refused().isEmpty()) {
      return decision.granted();
    }
    var visible = new ArrayList<>(decision.granted());
    decision.refused().keySet().stream().filter(grants::cover).forEach(visible::add);
    return visible;
  }

  /// The client did not get a topic. What it has already stays, until its token expires.
  static void refused(WseSession session, String topic) {
    var grants = session.client().grants();
    if (grants != null && !session.hubSession().topics().contains(topic)) {
      grants.drop(topic);
    }
  }

  /// The client does not follow these any more.
  static void drop(WseSession session, List<String> topics) {
    var grants = session.client().grants();
    if (grants != null) {
      topics.forEach(grants::drop);
    }
  }

  /// The connection is gone.
  static void forget(WseSession session) {
    var grants = session.client().grants();
    if (grants != null) {
      grants.close();
    }
  }
}
