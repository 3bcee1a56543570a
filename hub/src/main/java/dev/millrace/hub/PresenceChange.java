package dev.millrace.hub;

import java.util.Locale;

/// What those who follow a topic's presence are told of a user.
enum PresenceChange {
  JOIN,
  LEAVE,
  UPDATE;

  String lowerCase() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// The type of its messages.
  String type() {
    return "presence_" + lowerCase();
  }
}
