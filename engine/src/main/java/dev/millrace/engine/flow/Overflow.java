package dev.millrace.engine.flow;

/// What becomes of frames for which an edge has no room.
public enum Overflow {
  /// The node in front waits until there is room; if the edge has a timeout, only that long.
  BLOCK("timeout"),
  /// Those that have waited longest make room.
  DROP_OLDEST("drop_oldest"),
  /// They are dropped.
  DROP_NEWEST("drop_newest");

  private final String reason;

  Overflow(String reason) {
    this.reason = reason;
  }

  /// Why an edge of this kind drops frames, as metrics label it.
  public String reason() {
    return reason;
  }
}
