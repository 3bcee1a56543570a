package dev.millrace.gateway.wse;

import dev.millrace.core.time.Clock;
import dev.millrace.gateway.wse.crypto.ChannelTokens;
import dev.millrace.hub.TopicPattern;
import dev.millrace.net.Deadlines;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What one client follows because of tokens that it has shown, each until it expires. Confined to
/// the connection's loop.
final class ChannelGrants {
  /// Topics and patterns at one time.
  static final int MOST = 100;

  /// The loop looks this often at most, should the wall clock have been set back.
  private static final Duration SHORTEST = Duration.ofMillis(250);

  private record Held(TopicPattern covers, long expiresMillis, String token) {}

  private final Map<String, Held> held = new HashMap<>(2); // by what is subscribed to
  private final Clock clock;
  private final Deadlines.Deadline deadline;

  /// `expired` is called on the loop when something has expired.
  ChannelGrants(Clock clock, Deadlines deadlines, Runnable expired) {
    this.clock = clock;
    this.deadline = deadlines.create(expired);
  }

  /// Returns whether there is room for one more, or another in the place of this one.
  boolean hasRoomFor(String topic) {
    return held.size() < MOST || held.containsKey(topic);
  }

  /// The client may follow `topic` from now on, because of `token`, unless it has one that counts
  /// for longer.
  void hold(String topic, ChannelTokens.Grant grant, String token) {
    var known = held.get(topic);
    if (known != null && known.expiresMillis >= grant.expiresMillis()) {
      return;
    }
    held.put(topic, new Held(TopicPattern.of(grant.topic()), grant.expiresMillis(), token));
    arm();
  }

  /// The client does not follow it any more.
  void drop(String topic) {
    if (held.remove(topic) != null) {
      arm();
    }
  }

  /// Whether a token that has not expired lets the client receive `topic`.
  boolean cover(String topic) {
    long now = clock.epochMillis();
    for (var one : held.values()) {
      if (now < one.expiresMillis && one.covers.matches(topic)) {
        return true;
      }
    }
    return false;
  }

  /// Forgets what has expired and returns it.
  List<String> takeExpired() {
    long now = clock.epochMillis();
    var gone =
        held.entrySet().stream()
            .filter(one -> one.getValue().expiresMillis <= now)
            .map(Map.Entry::getKey)
            .sorted()
            .toList();
    gone.forEach(held::remove);
    arm();
    return gone;
  }

  /// The tokens by what they opened, for the user's next connection.
  Map<String, String> tokens() {
    var tokens = new HashMap<String, String>();
    held.forEach((topic, one) -> tokens.put(topic, one.token));
    return Map.copyOf(tokens);
  }

  void close() {
    deadline.clear();
  }

  private void arm() {
    @Nullable Long next = null;
    for (var one : held.values()) {
      next = next == null ? one.expiresMillis : Math.min(next, one.expiresMillis);
    }
    if (next == null) {
      deadline.clear();
      return;
    }
    var left = Duration.ofMillis(next - clock.epochMillis());
    deadline.set(left.compareTo(SHORTEST) < 0 ? SHORTEST : left);
  }
}
