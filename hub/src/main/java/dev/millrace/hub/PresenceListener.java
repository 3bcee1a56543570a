package dev.millrace.hub;

/// Is told of every change among the users of this process, so that other instances can know of
/// them; [Hub#remotePresence] is the way back. Called on the topics' loops, must not block.
@FunctionalInterface
public interface PresenceListener {
  void changed(PresenceState state);
}
