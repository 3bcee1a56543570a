package dev.millrace.gateway.wse;

import java.util.ArrayList;
import java.util.List;

/// The connections of one loop, beaten in turn so that a period's heartbeats are spread over it.
/// Confined to the loop.
final class Pulse {
  /// Beats per period; each connection hears one of them.
  static final int BEATS = 16;

  private final List<List<WseSession>> groups = new ArrayList<>();
  private int nextGroup;
  private int nextBeat;

  Pulse() {
    for (int i = 0; i < BEATS; i++) {
      groups.add(new ArrayList<>());
    }
  }

  void add(WseSession session) {
    var group = groups.get(nextGroup);
    session.placed(nextGroup, group.size());
    group.add(session);
    nextGroup = (nextGroup + 1) % BEATS;
  }

  void remove(WseSession session) {
    var group = groups.get(session.pulseGroup());
    var last = group.removeLast();
    if (last != session) {
      group.set(session.pulseSlot(), last);
      last.placed(session.pulseGroup(), session.pulseSlot());
    }
  }

  void beat() {
    var group = groups.get(nextBeat);
    nextBeat = (nextBeat + 1) % BEATS;
    for (int i = group.size() - 1; i >= 0; i--) {
      group.get(i).beat();
    }
  }

  boolean isEmpty() {
    return groups.stream().allMatch(List::isEmpty);
  }

  /// The connections of one beat; whoever looks at them must not end one.
  List<WseSession> group(int number) {
    return groups.get(number);
  }

  /// Every connection, as of now.
  List<WseSession> all() {
    return groups.stream().flatMap(List::stream).toList();
  }
}
