package dev.millrace.hub;

import org.jspecify.annotations.Nullable;

/// What a hub is given besides its configuration. Without a `canonical` form, the one in which
/// messages are kept, no topic can have retention.
public record HubPorts(
    Broker broker, @Nullable WireForm canonical, PresenceListener presenceListener) {
  /// Publications and presence stay in this process, and nothing is kept.
  public static final HubPorts LOCAL = new HubPorts(Broker.IN_PROCESS, null, state -> {});

  public HubPorts withBroker(Broker newBroker) {
    return new HubPorts(newBroker, canonical, presenceListener);
  }

  public HubPorts withCanonical(WireForm newCanonical) {
    return new HubPorts(broker, newCanonical, presenceListener);
  }

  public HubPorts withPresenceListener(PresenceListener newListener) {
    return new HubPorts(broker, canonical, newListener);
  }
}
