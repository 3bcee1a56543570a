package dev.millrace.hub;

import org.jspecify.annotations.Nullable;

/// What a session asks for: a topic or a pattern ([TopicPattern]), all its messages or those that
/// `filter` keeps.
///
/// With `conflateMillis` above 0 it gets at most one message per key and interval, the latest; the
/// topic's [KeyReader] says what a key is. At 0 what the configuration says of the topic holds.
/// With `queueGroup` each message goes to one member of that group; such a subscription has neither
/// filter nor conflation.
///
/// With a `position` it goes on behind it, if what follows is still kept, and is answered with
/// [SubscribeOutcome.Resumed]; a topic that is already subscribed to goes back to it. Patterns and
/// members of queue groups have no position: they begin at the end.
public record Wanted(
    String topic,
    @Nullable FrameFilter filter,
    int conflateMillis,
    @Nullable String queueGroup,
    @Nullable Position position) {
  public static final int MAX_CONFLATE_MILLIS = 60_000;

  public Wanted {
    if (conflateMillis < 0 || conflateMillis > MAX_CONFLATE_MILLIS) {
      throw new IllegalArgumentException(
          "conflateMillis " + conflateMillis + " is not in 0.." + MAX_CONFLATE_MILLIS);
    }
    if (queueGroup != null && (filter != null || conflateMillis > 0)) {
      throw new IllegalArgumentException(
          "the queue group " + queueGroup + " has neither filter nor conflation");
    }
  }

  /// Every message of a topic or pattern.
  public static Wanted all(String topic) {
    return new Wanted(topic, null, 0, null, null);
  }

  /// Every message of a topic behind `position`, or from the topic's end on.
  public static Wanted from(String topic, @Nullable Position position) {
    return new Wanted(topic, null, 0, null, position);
  }

  public Wanted filteredBy(FrameFilter newFilter) {
    return new Wanted(topic, newFilter, conflateMillis, queueGroup, position);
  }

  public Wanted conflated(int millis) {
    return new Wanted(topic, filter, millis, queueGroup, position);
  }

  public Wanted inGroup(String name) {
    return new Wanted(topic, filter, conflateMillis, name, position);
  }

  public Wanted after(Position newPosition) {
    return new Wanted(topic, filter, conflateMillis, queueGroup, newPosition);
  }
}
