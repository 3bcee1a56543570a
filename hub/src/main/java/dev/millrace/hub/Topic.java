package dev.millrace.hub;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// A log and its lanes. Confined to one loop, its owner, but for what says otherwise.
final class Topic {
  private static final int MAX_TYPES = 4_096;

  private final String name;
  private final IdWindow ids;
  private final TopicSettings settings;
  private final List<Lane> lanes = new ArrayList<>(1);
  private @Nullable Lane retainedLane;
  private Map<String, Integer> types = Map.of();
  private long lastPublishNanos;
  private long offset;
  private long payloadBytes;
  private boolean placed; // the last place was given by somebody else
  private @Nullable List<Runnable> waiting; // for the broker to follow it; null when it does

  // Written by the owner, read by loops that copy frames.
  private volatile int epoch;

  // Written by the owner at the end of each turn, for statistics.
  private volatile long publishedOffset;
  private volatile long publishedBytes;

  /// Subscriptions on all loops. Written by their loops.
  final AtomicInteger subscribers = new AtomicInteger();

  /// Those of them that asked for the topic by its name. Written by their loops.
  final AtomicInteger named = new AtomicInteger();

  // Whether patterns have been matched. Written by the owner, read by loops with a new pattern.
  private volatile boolean announced;

  Topic(String name, int epoch, int duplicateWindow, TopicSettings settings, long nowNanos) {
    this.name = name;
    this.settings = settings;
    this.epoch = epoch;
    this.ids = new IdWindow(duplicateWindow);
    this.lastPublishNanos = nowNanos;
  }

  String name() {
    return name;
  }

  int epoch() {
    return epoch;
  }

  long offset() {
    return offset;
  }

  long lastPublishNanos() {
    return lastPublishNanos;
  }

  List<Lane> lanes() {
    return lanes;
  }

  TopicSettings settings() {
    return settings;
  }

  /// The lane that is there without subscribers too, if the topic keeps messages.
  @Nullable Lane retainedLane() {
    return retainedLane;
  }

  void retain(Lane lane) {
    retainedLane = lane;
    lanes.add(lane);
  }

  /// Whether nobody subscribes, as far as its loop knows.
  boolean isDeserted() {
    for (var lane : lanes) {
      if (!lane.isDeserted()) {
        return false;
      }
    }
    return true;
  }

  boolean isRetaining() {
    return retainedLane != null && retainedLane.isRetaining();
  }

  @Nullable Lane lane(WireForm form) {
    for (var lane : lanes) {
      if (lane.form().equals(form)) {
        return lane;
      }
    }
    return null;
  }

  /// Whether the message is new; then it has the next offset. A place that somebody else has given
  /// is taken up even if the message is known.
  boolean accept(Message message, long nowNanos) {
    var id = message.id();
    if (id != null && !ids.add(id)) {
      if (placed) {
        passOver();
      }
      return false;
    }
    offset++;
    payloadBytes += message.payload().length;
    lastPublishNanos = nowNanos;
    return true;
  }

  /// So many messages take the next offsets, and nobody gets them.
  void passUnheard(int count, long nowNanos) {
    offset += count;
    lastPublishNanos = nowNanos;
  }

  /// Whether somebody gets what is published, or it is kept, or that is not known yet. Any thread.
  boolean isHeard() {
    return !announced || subscribers.get() > 0 || settings.retention() != null;
  }

  // Places that somebody else gives.

  /// Whether the next message may take that place: false if the log has come past it. Where it does
  /// not follow what is here, what is here ends: nothing is kept across a gap.
  boolean comesTo(int placeEpoch, long placeOffset) {
    if (!placed || placeEpoch != epoch || placeOffset > offset + 1) {
      beginAfter(placeEpoch, placeOffset - 1);
      placed = true;
    }
    return placeOffset == offset + 1;
  }

  /// The message that belongs to the next place has been delivered before.
  void passOver() {
    beginAfter(epoch, offset + 1);
  }

  boolean isPlaced() {
    return placed;
  }

  /// Gives places of its own again.
  void leavePlaces(int ownEpoch) {
    placed = false;
    beginAfter(ownEpoch, 0);
  }

  private void beginAfter(int newEpoch, long newOffset) {
    epoch = newEpoch;
    offset = newOffset;
    var log = retainedLane == null ? null : retainedLane.retained();
    if (log != null) {
      log.beginAfter(newOffset);
    }
  }

  // What the broker brings of it.

  /// Whoever comes waits until [#followed()].
  void awaitFollowing() {
    waiting = new ArrayList<>(1);
  }

  /// Does `action` once what is published elsewhere comes here too, now if it does.
  void whenFollowed(Runnable action) {
    if (waiting == null) {
      action.run();
    } else {
      waiting.add(action);
    }
  }

  void followed() {
    var actions = waiting;
    if (actions == null) {
      return;
    }
    waiting = null;
    for (var lane : lanes) {
      lane.publishIfDirty(); // whoever comes now begins behind what is there
    }
    actions.forEach(Runnable::run);
  }

  /// A number for a type, 0 once there are too many to number.
  int numberOf(String type) {
    var known = types.get(type);
    if (known != null) {
      return known;
    }
    if (types.isEmpty()) {
      types = new HashMap<>(4);
    }
    if (types.size() >= MAX_TYPES) {
      return 0;
    }
    int number = types.size() + 1;
    types.put(type, number);
    return number;
  }

  boolean isAnnounced() {
    return announced;
  }

  void announced(boolean now) {
    announced = now;
  }

  void publishStats() {
    publishedOffset = offset;
    publishedBytes = payloadBytes;
  }

  /// As of the last turn; any thread.
  TopicStats stats() {
    long messages = publishedOffset;
    return new TopicStats(name, subscribers.get(), messages, publishedBytes, epoch, messages);
  }
}
