package dev.millrace.hub;

import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// Carries publications to the hubs that deliver them. In one process that is this hub; a cluster's
/// broker sends them out and has every hub deliver what comes back. Called from any thread; must
/// not block.
@FunctionalInterface
public interface Broker {
  /// Delivers to this process's own subscribers.
  Broker IN_PROCESS = (publication, local) -> local.deliver(publication);

  PublishOutcome publish(Publication publication, Delivery local);

  /// Called once, by the hub as it is constructed: where to deliver what others publish.
  default void attach(Delivery local) {}

  /// Whether it is worth while to publish again after [PublishOutcome.Full]. Any thread.
  default boolean hasRoom() {
    return true;
  }

  /// A topic has come into being here. Nobody subscribes to it before the stage completes, however
  /// it does: by then what is published elsewhere is heard, and what the topic keeps has been
  /// delivered. Null when there is nothing to wait for.
  default @Nullable CompletionStage<?> follow(String topic) {
    return null;
  }

  /// Whether a topic may have messages that are not here because nobody here wanted it so far.
  default boolean remembers() {
    return false;
  }

  /// The topic is not here any more.
  default void unfollow(String topic) {}

  /// Topics of which the pattern holds are wanted, also such as nobody here has named. Whoever
  /// subscribes to it is answered when the stage has completed, however it does: by then what is
  /// published elsewhere is heard. Null when there is nothing to wait for.
  default @Nullable CompletionStage<?> followPattern(String pattern) {
    return null;
  }

  /// Once for each [#followPattern].
  default void unfollowPattern(String pattern) {}

  /// Puts a publication into the inbox of its topic's loop. Safe from any thread.
  @FunctionalInterface
  interface Delivery {
    PublishOutcome deliver(Publication publication);

    /// How many messages a topic of that name keeps at most.
    default int keeps(String topic) {
      return 0;
    }
  }
}
