package dev.millrace.gateway.wse;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What one connection was subscribed to: whole topics, topics with options, and the tokens that
/// opened some of either.
record KeptSubscriptions(
    List<String> plain, Map<String, SubscribeOptions> others, Map<String, String> tokens) {
  private static final int TOPIC_BYTES = 56; // of a text of no length, and its place in a list

  /// Of a connection that is about to be gone.
  static KeptSubscriptions of(WseSession session) {
    var grants = session.client().grants();
    return of(
        session.hubSession().topics(),
        session.client().options(),
        grants == null ? Map.of() : grants.tokens());
  }

  /// `options` has those of `topics` that are not plain.
  private static KeptSubscriptions of(
      Collection<String> topics,
      Map<String, SubscribeOptions> options,
      Map<String, String> tokens) {
    return new KeptSubscriptions(
        topics.stream().filter(topic -> !options.containsKey(topic)).toList(),
        Map.copyOf(options),
        tokens);
  }

  /// The same without some topics.
  KeptSubscriptions without(Set<String> some) {
    if (some.isEmpty()) {
      return this;
    }
    var rest = new HashMap<>(others);
    rest.keySet().removeAll(some);
    var restOfTokens = new HashMap<>(tokens);
    restOfTokens.keySet().removeAll(some);
    return new KeptSubscriptions(
        plain.stream().filter(topic -> !some.contains(topic)).toList(), rest, restOfTokens);
  }

  boolean isEmpty() {
    return plain.isEmpty() && others.isEmpty();
  }

  /// What it holds in memory, roughly.
  long bytes() {
    long bytes = 0;
    for (var topic : plain) {
      bytes += TOPIC_BYTES + topic.length();
    }
    for (var other : others.entrySet()) {
      bytes += 3L * TOPIC_BYTES + other.getKey().length() + other.getValue().length();
    }
    for (var token : tokens.values()) {
      bytes += 2L * TOPIC_BYTES + token.length();
    }
    return bytes;
  }
}
