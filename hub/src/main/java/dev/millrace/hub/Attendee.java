package dev.millrace.hub;

/// One session on one topic with presence.
final class Attendee {
  private final String userId;

  // Written by the session's loop, read by the topic's.
  private volatile boolean gone;

  Attendee(String userId) {
    this.userId = userId;
  }

  String userId() {
    return userId;
  }

  boolean isGone() {
    return gone;
  }

  void goes() {
    gone = true;
  }
}
