package dev.millrace.gateway.session;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// The connections of one kind. Safe from any thread. Stages complete on a loop, so what depends on
/// them must not block, and fail when the loops have ended.
public interface SessionSource {
  SessionKind kind();

  CompletionStage<Answer> find(Wish wish);

  CompletionStage<Optional<Detail>> get(String id);

  /// Ends a connection; the stage says what it was, empty if there is none of that name.
  CompletionStage<Optional<Detail>> kick(String id, int code, String reason);

  /// Which connections: all, or those of a user, or those of a topic or pattern of exactly that
  /// name; of them the `limit` that are furthest behind, the busiest of equals.
  record Wish(@Nullable String user, @Nullable String topic, int limit) {}

  /// `clients` is at most as long as was wished, furthest behind first; `matching` is how many
  /// there are, `byState` all of these.
  record Answer(List<SessionView> clients, int matching, Map<String, Integer> byState) {
    public Answer {
      clients = List.copyOf(clients);
    }
  }

  /// One connection with the names and patterns it is subscribed to, in their order, cut at 1,000,
  /// or the topic it publishes on.
  record Detail(SessionView client, List<String> topics) {
    public Detail {
      topics = List.copyOf(topics);
    }
  }
}
