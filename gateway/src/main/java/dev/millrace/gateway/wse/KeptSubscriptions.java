package dev.millrace.gateway.wse;

import java.util.Collection;
import java.util.List;
import java.util.Map;

/// What one connection was subscribed to: whole topics, and topics with options.
record KeptSubscriptions(List<String> plain, Map<String, SubscribeOptions> others) {
  private static final int TOPIC_BYTES = 56; // of a text of no length, and its place in a list

  /// `options` has those of `topics` that are not plain.
  static KeptSubscriptions of(Collection<String> topics, Map<String, SubscribeOptions> options) {
    return new KeptSubscriptions(
        topics.stream().filter(topic -> !options.containsKey(topic)).toList(), Map.copyOf(options));
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
    return bytes;
  }
}
