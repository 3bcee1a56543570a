package dev.millrace.gateway.sse;

import dev.millrace.hub.Hub;
import dev.millrace.hub.TopicStats;
import java.util.List;
import java.util.StringJoiner;

/// How far one connection is in each of its topics: what its event ids are made of. Confined to the
/// connection's loop.
///
/// A topic that is not there yet has no epoch; it is asked for when its first event comes.
final class Progress {
  private static final int UNKNOWN = -1;

  private final Hub hub;
  private final List<String> topics;
  private final int[] epochs;
  private final long[] offsets; // UNKNOWN while the topic is not there
  private final long[] missedTo; // where what the client missed ends, 0 if it missed nothing

  Progress(Hub hub, List<String> topics) {
    this.hub = hub;
    this.topics = topics;
    this.epochs = new int[topics.size()];
    this.offsets = new long[topics.size()];
    this.missedTo = new long[topics.size()];
    for (int i = 0; i < offsets.length; i++) {
      int number = i;
      offsets[i] = UNKNOWN;
      hub.topic(topics.get(i)).ifPresent(stats -> begin(number, stats, stats.offset()));
    }
  }

  /// Where topic number `number` was when this began or has come to since; null before there was
  /// such a topic.
  @org.jspecify.annotations.Nullable
  Position of(int number) {
    return offsets[number] == UNKNOWN ? null : new Position(epochs[number], offsets[number]);
  }

  /// The topic goes on behind `from`; up to `end` its client missed events, which come first.
  void resumed(int number, Position from, long end) {
    epochs[number] = from.epoch();
    offsets[number] = from.offset();
    missedTo[number] = end;
  }

  /// Whether events that the client missed are still to come.
  boolean isCatchingUp() {
    for (int i = 0; i < offsets.length; i++) {
      if (offsets[i] < missedTo[i]) {
        return true;
      }
    }
    return false;
  }

  /// Events up to `position` have been written.
  void reached(Position position) {
    int number = numberOf(position.epoch());
    if (number == UNKNOWN) {
      learn();
      number = numberOf(position.epoch());
    }
    if (number != UNKNOWN) {
      offsets[number] = position.offset();
    }
  }

  /// Asks for topics that were not there: those that are now have everything still to come.
  void learn() {
    for (int i = 0; i < offsets.length; i++) {
      int number = i;
      if (offsets[i] == UNKNOWN) {
        hub.topic(topics.get(i)).ifPresent(stats -> begin(number, stats, 0));
      }
    }
  }

  /// The event id of this moment, empty before there is any topic.
  String id() {
    var id = new StringJoiner(",");
    for (int i = 0; i < offsets.length; i++) {
      var position = of(i);
      if (position != null) {
        id.add(position.toString());
      }
    }
    return id.toString();
  }

  private void begin(int number, TopicStats stats, long offset) {
    epochs[number] = stats.epoch();
    offsets[number] = offset;
  }

  private int numberOf(int epoch) {
    for (int i = 0; i < epochs.length; i++) {
      if (epochs[i] == epoch && offsets[i] != UNKNOWN) {
        return i;
      }
    }
    return UNKNOWN;
  }
}
