package dev.millrace.connect.redis;

/// Where an instance keeps what one connection of a user leaves: `number` tells the user's apart,
/// from 0 to [#MOST] - 1.
record LeftPlace(String instance, String user, int number) {
  /// Places of a user on one instance.
  static final int MOST = 8;

  String key() {
    return Channels.LEFT + instance;
  }

  /// The user's name is at the end, because it may be anything.
  String field() {
    return number + " " + user;
  }
}
