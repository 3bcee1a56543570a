package dev.millrace.hub;

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

  /// Puts a publication into the inbox of its topic's loop. Safe from any thread.
  @FunctionalInterface
  interface Delivery {
    PublishOutcome deliver(Publication publication);
  }
}
