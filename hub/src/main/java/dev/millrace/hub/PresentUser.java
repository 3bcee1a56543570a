package dev.millrace.hub;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One user on one topic: its sessions here, and what other instances say of it. Confined to the
/// topic's loop.
final class PresentUser {
  private static final byte[] NOTHING = {};

  private final List<Attendee> here = new ArrayList<>(1);
  private byte[] data = NOTHING;
  private long timestampMillis;
  private Map<String, PresenceState> elsewhere = Map.of(); // by instance; 0 connections: gone

  int connectionsHere() {
    return here.size();
  }

  int connections() {
    int sum = here.size();
    for (var state : elsewhere.values()) {
      sum += state.connections();
    }
    return sum;
  }

  boolean isPresent() {
    return connections() > 0;
  }

  /// Whether nothing is known of it any more, not even that it has gone.
  boolean isForgotten() {
    return here.isEmpty() && elsewhere.isEmpty();
  }

  /// What the user says of itself, the latest; of two at the same time every instance picks the
  /// same.
  byte[] data() {
    byte[] latest = here.isEmpty() ? NOTHING : data;
    long latestMillis = here.isEmpty() ? Long.MIN_VALUE : timestampMillis;
    for (var state : elsewhere.values()) {
      int order = Long.compare(state.timestampMillis(), latestMillis);
      boolean later = order > 0 || (order == 0 && Arrays.compare(state.data(), latest) > 0);
      if (state.connections() > 0 && later) {
        latest = state.data();
        latestMillis = state.timestampMillis();
      }
    }
    return latest;
  }

  /// A session is there, or says something else.
  void attend(Attendee attendee, byte[] newData, long nowMillis) {
    if (!here.contains(attendee)) {
      here.add(attendee);
    }
    data = newData;
    stamp(nowMillis);
  }

  /// Returns whether it was there.
  boolean leave(Attendee attendee, long nowMillis) {
    boolean known = here.remove(attendee);
    if (known) {
      stamp(nowMillis);
    }
    return known;
  }

  /// Sessions that ended without saying so.
  List<Attendee> vanished() {
    return here.stream().filter(Attendee::isGone).toList();
  }

  PresenceState stateHere(String topic, String userId) {
    return new PresenceState(topic, userId, here.size(), data, timestampMillis);
  }

  /// Takes what an instance says, unless something later is known.
  void hear(String instance, PresenceState state) {
    var known = elsewhere.get(instance);
    if (known != null && known.timestampMillis() >= state.timestampMillis()) {
      return;
    }
    if (elsewhere.isEmpty()) {
      elsewhere = new HashMap<>(2);
    }
    elsewhere.put(instance, state);
  }

  @Nullable PresenceState heard(String instance) {
    return elsewhere.get(instance);
  }

  void forget(String instance) {
    if (!elsewhere.isEmpty()) {
      elsewhere.remove(instance);
    }
  }

  private void stamp(long nowMillis) {
    timestampMillis = Math.max(nowMillis, timestampMillis + 1);
  }
}
