package dev.millrace.connect.redis;

import dev.millrace.hub.TopicPattern;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/// Listens to one subscribed connection. Redis sends a message once for its channel and once for
/// each pattern that matches; here it counts once. What is subscribed is noted as Redis says so,
/// in the order of the messages. Confined to the connection's thread.
final class Ear extends RedisPubSubAdapter<byte[], byte[]> {
  private final Link.Receiver receiver;
  private final Set<String> channels = new HashSet<>();
  private final Map<String, TopicPattern> patterns = new LinkedHashMap<>();

  Ear(Link.Receiver receiver) {
    this.receiver = receiver;
  }

  @Override
  public void message(byte[] channel, byte[] payload) {
    receiver.received(text(channel), payload);
  }

  @Override
  public void message(byte[] pattern, byte[] channel, byte[] payload) {
    var name = text(channel);
    if (!channels.contains(name) && isFirst(text(pattern), name)) {
      receiver.received(name, payload);
    }
  }

  @Override
  public void subscribed(byte[] channel, long count) {
    var name = text(channel);
    channels.add(name);
    receiver.subscribed(name);
  }

  @Override
  public void unsubscribed(byte[] channel, long count) {
    channels.remove(text(channel));
  }

  @Override
  public void psubscribed(byte[] pattern, long count) {
    var name = text(pattern);
    patterns.put(name, TopicPattern.of(Patterns.unescaped(name)));
    receiver.subscribedPattern(name);
  }

  @Override
  public void punsubscribed(byte[] pattern, long count) {
    patterns.remove(text(pattern));
  }

  private boolean isFirst(String pattern, String channel) {
    if (patterns.size() == 1) {
      return true;
    }
    for (var one : patterns.entrySet()) {
      if (one.getValue().matches(channel)) {
        return one.getKey().equals(pattern);
      }
    }
    return true;
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
