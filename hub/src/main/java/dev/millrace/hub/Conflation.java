package dev.millrace.hub;

import java.util.HashMap;
import java.util.Map;

/// The latest frame of each key before a conflating subscription, and when it may be given them: in
/// rounds, an interval apart, each of which ends where the log ended when it began. Confined to the
/// session's loop.
final class Conflation {
  /// Keys that are remembered although their frames are past.
  private static final int STALE_KEYS = 64;

  private static final long NO_ROUND = -1;

  /// Where the latest frame of one key stands.
  static final class Latest {
    long number = -1;
    int size;
    int priority;
  }

  private final KeyReader keys;
  private final long intervalNanos;
  private final Map<Object, Latest> latest = new HashMap<>();
  private long heldUntilNanos;
  private long roundEnd = NO_ROUND;
  private boolean began; // heldUntilNanos means something
  private boolean gave; // something in this round
  private boolean queued; // waits for its time

  Conflation(KeyReader keys, int millis) {
    this.keys = keys;
    this.intervalNanos = millis * 1_000_000L;
  }

  KeyReader keys() {
    return keys;
  }

  long intervalNanos() {
    return intervalNanos;
  }

  Latest latestOf(Object key) {
    return latest.computeIfAbsent(key, fresh -> new Latest());
  }

  /// Forgets what is before `position`, if that is worth it.
  void passed(long position, int waiting) {
    if (latest.size() > 2 * waiting + STALE_KEYS) {
      latest.values().removeIf(known -> known.number < position);
    }
  }

  void forgetAll() {
    latest.clear();
  }

  // Rounds.

  boolean isHeld(long nowNanos) {
    return roundEnd == NO_ROUND && began && heldUntilNanos - nowNanos > 0;
  }

  long heldUntilNanos() {
    return heldUntilNanos;
  }

  /// Begins a round unless one goes on; returns the message number at which it ends.
  long round(long end, long nowNanos) {
    if (roundEnd == NO_ROUND) {
      roundEnd = end;
      heldUntilNanos = nowNanos + intervalNanos;
      gave = false;
    }
    return roundEnd;
  }

  /// The subscription has got to `position` and was given so many messages on the way.
  void reached(long position, int messages) {
    gave |= messages > 0;
    if (roundEnd != NO_ROUND && position >= roundEnd) {
      roundEnd = NO_ROUND;
      began = gave;
    }
  }

  boolean isQueued() {
    return queued;
  }

  void queued(boolean now) {
    queued = now;
  }
}
