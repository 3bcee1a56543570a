package dev.millrace.gateway.wse;

import dev.millrace.gateway.auth.Lease;
import dev.millrace.hub.Session;
import dev.millrace.hub.SubscribeOutcome;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Where the dialect's subscriptions are made: everything between what a client asks for and the
/// hub. Called on the session's loop; must not block.
public interface Subscriptions {

  /// Who subscribes.
  record Subscriber(Session session, String userId, String connectionId, Lease lease) {}

  /// What became of one topic; `recovery` where the client asked to go on from a position.
  record Answer(SubscribeOutcome outcome, @Nullable Recovery recovery) {
    public static Answer plain(SubscribeOutcome outcome) {
      return new Answer(outcome, null);
    }
  }

  /// Where the topic's log stands, whether the client's position was in it, and how many messages
  /// follow from there.
  record Recovery(int epoch, long offset, boolean recovered, long count) {}

  /// Subscribes. `done` gets one answer per topic, in order, on this loop: inside this call or
  /// later; what it sends stands before the first message of these topics. It is not called once
  /// the session is closed.
  void subscribe(
      Subscriber who, List<String> topics, SubscribeOptions options, Consumer<List<Answer>> done);

  /// Leaves topics; those that were never joined count as left.
  void unsubscribe(Subscriber who, List<String> topics);
}
