package dev.millrace.hub;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What happens to the sessions of one loop that cannot keep up: too many messages behind, they go
/// without the least important ones; too many bytes behind, they are closed. Also picks who is
/// closed when the hub's memory runs out: among those that lag, and those whose write is
/// unfinished. Confined to the loop.
final class LagWatch {
  static final int TOO_SLOW = 4503;

  /// Sessions looked at in one turn, so that ten thousand jammed ones do not hold the loop.
  private static final int PER_TURN = 1_024;

  private static final Priority[] LEAST_FIRST = {
    Priority.BACKGROUND, Priority.LOW, Priority.NORMAL
  };

  private final List<Session> sessions = new ArrayList<>();
  private final int messageLimit;
  private final long byteLimit;
  private final Counters counters;
  private int next;

  // How many there are. Written by the loop; statistics read it.
  private volatile int size;

  LagWatch(HubSpec spec, Counters counters) {
    this.messageLimit = spec.jamMessages();
    this.byteLimit = spec.maxLag().bytes();
    this.counters = counters;
  }

  void add(Session session) {
    session.catchUp().watchSlot(sessions.size());
    sessions.add(session);
    size = sessions.size();
  }

  /// Any thread.
  int size() {
    return size;
  }

  void remove(Session session) {
    int slot = session.catchUp().watchSlot();
    var last = sessions.removeLast();
    if (last != session) {
      sessions.set(slot, last);
      last.catchUp().watchSlot(slot);
    }
    session.catchUp().watchSlot(-1);
    size = sessions.size();
  }

  /// Judges blocked sessions, going round.
  void turn() {
    for (int i = Math.min(PER_TURN, sessions.size()); i > 0 && !sessions.isEmpty(); i--) {
      next = next > 0 && next <= sessions.size() ? next - 1 : sessions.size() - 1;
      var session = sessions.get(next);
      if (session.isBlocked()) {
        judge(session);
      }
    }
  }

  /// Closes the session that holds most bytes back; returns whether there was one.
  boolean shedOne() {
    @Nullable Session worst = null;
    long most = 0;
    for (var session : sessions) {
      long lag = session.catchUp().heldBytes();
      if (lag > most) {
        worst = session;
        most = lag;
      }
    }
    if (worst == null) {
      return false;
    }
    counters.closedForMemory.inc();
    worst.closeWith(
        TOO_SLOW,
        "The server is short of memory and this connection was " + most + " bytes behind");
    return true;
  }

  private void judge(Session session) {
    long messages = 0;
    for (var subscription : session.catchUp().lagging()) {
      messages += subscription.cursor().lagMessages();
      if (subscription.selects()) {
        subscription.cursor().skipPassedOver();
      }
    }
    if (messages > messageLimit && !session.maySkip()) {
      counters.closedForLag.inc();
      session.closeWith(
          TOO_SLOW, "Reads too slowly: " + messages + " messages behind, at most " + messageLimit);
      return;
    }
    if (messages > messageLimit) {
      relieve(decided(session.catchUp().lagging()), messages - messageLimit);
    }
    long bytes = 0;
    for (var subscription : session.catchUp().lagging()) {
      bytes += subscription.cursor().lagBytes();
    }
    if (bytes > byteLimit) {
      counters.closedForLag.inc();
      session.closeWith(
          TOO_SLOW, "Reads too slowly: " + bytes + " bytes behind, at most " + byteLimit);
    }
  }

  /// Those of which it is known what they will be sent.
  private static List<Subscription> decided(List<Subscription> lagging) {
    for (var subscription : lagging) {
      if (subscription.cursor().isSought()) {
        return lagging.stream().filter(other -> !other.cursor().isSought()).toList();
      }
    }
    return lagging;
  }

  /// Leaves out `excess` messages as far as priorities allow: the least important first, of these
  /// the oldest; among topics, the one with most of them waiting pays first, of equals the
  /// first by name.
  private void relieve(List<Subscription> lagging, long excess) {
    long open = excess;
    for (var subscription : lagging) {
      subscription.cursor().backlog(); // counts what is new
    }
    for (var priority : LEAST_FIRST) {
      while (open > 0) {
        var richest = richest(lagging, priority);
        if (richest == null) {
          break;
        }
        int frames = (int) Math.min(open, richest.waiting(priority));
        richest.leaveOut(priority, frames);
        counters.leftOut(priority, frames);
        open -= frames;
      }
    }
    lagging.forEach(subscription -> subscription.cursor().skipPassedOver());
  }

  private static @Nullable Backlog richest(List<Subscription> lagging, Priority priority) {
    @Nullable Subscription richest = null;
    for (var subscription : lagging) {
      int waiting = subscription.cursor().backlog().waiting(priority);
      int most = richest == null ? 0 : richest.cursor().backlog().waiting(priority);
      if (waiting > most || (waiting > 0 && waiting == most && isBefore(subscription, richest))) {
        richest = subscription;
      }
    }
    return richest == null ? null : richest.cursor().backlog();
  }

  private static boolean isBefore(Subscription one, @Nullable Subscription other) {
    return other == null || one.cohort().topic().compareTo(other.cohort().topic()) < 0;
  }
}
