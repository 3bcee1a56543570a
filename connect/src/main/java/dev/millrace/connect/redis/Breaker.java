package dev.millrace.connect.redis;

import java.time.Duration;

/// A circuit breaker: 10 failures in a row open it for a while; then up to 3 probes at a time
/// are let through, 3 successes close it and one failure opens it again. Confined to one thread,
/// but for what says otherwise.
final class Breaker {
  static final int FAILURES = 10;
  static final int PROBES = 3;

  private enum State {
    CLOSED,
    OPEN,
    PROBING
  }

  private final long pauseNanos;
  private volatile State state = State.CLOSED; // written by the owner; statistics read it
  private int failures;
  private int successes;
  private int probes; // under way
  private volatile long opensAgainNanos; // as state

  Breaker(Duration pause) {
    this.pauseNanos = pause.toNanos();
  }

  /// Whether everything is let through. Any thread.
  boolean isClosed() {
    return state == State.CLOSED;
  }

  /// Nanoseconds until a probe is let through; 0 when one is now, or none is needed. Any thread.
  long pauseNanos(long nowNanos) {
    return state == State.OPEN ? Math.max(0, opensAgainNanos - nowNanos) : 0;
  }

  /// Whether one attempt may be made; its end must be told to [#succeeded] or [#failed].
  boolean permits(long nowNanos) {
    if (state == State.OPEN && nowNanos - opensAgainNanos >= 0) {
      state = State.PROBING;
      successes = 0;
      probes = 0;
    }
    return switch (state) {
      case CLOSED -> true;
      case OPEN -> false;
      case PROBING -> probes < PROBES && ++probes > 0;
    };
  }

  void succeeded() {
    failures = 0;
    if (state == State.PROBING) {
      probes = Math.max(0, probes - 1);
      if (++successes == PROBES) {
        state = State.CLOSED;
      }
    }
  }

  void failed(long nowNanos) {
    failures++;
    if (state == State.PROBING || (state == State.CLOSED && failures >= FAILURES)) {
      opensAgainNanos = nowNanos + pauseNanos;
      state = State.OPEN;
      failures = 0;
    }
  }
}
