package dev.millrace.hub;

/// How far a client has come in a topic: the epoch and the offset of the last message it has.
public record Position(int epoch, long offset) {
  /// Of a client that has nothing yet and wants to know where it begins.
  public static final Position NONE = new Position(0, -1);
}
