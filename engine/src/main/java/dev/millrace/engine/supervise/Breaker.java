package dev.millrace.engine.supervise;

import java.util.Locale;
import java.util.concurrent.TimeUnit;

/// Keeps frames from a node that fails again and again. Belongs to the node's place, not to its
/// instance. Closed, it counts failures in a row; open, it admits nothing until its time has
/// passed; half open, it waits for what one probe comes to.
///
/// Confined to the thread of the node's chain, except [#state].
public final class Breaker {
  private final int threshold;
  private final long timeoutNanos;
  private int failures; // in a row
  private long openedNanos;

  // Written by the chain's thread, read by anybody.
  private volatile State state = State.CLOSED;

  /// Where a breaker stands. The names, in lower case, are part of the API.
  public enum State {
    CLOSED,
    OPEN,
    HALF_OPEN;

    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public Breaker(RestartStrategy.CircuitBreaker strategy) {
    threshold = strategy.errorThreshold();
    timeoutNanos = TimeUnit.MILLISECONDS.toNanos(strategy.timeoutMs());
  }

  /// Any thread.
  public State state() {
    return state;
  }

  /// Whether the node may be called now; whoever is told so says what came of it.
  public boolean admits(long nowNanos) {
    if (state == State.OPEN && nowNanos - openedNanos >= timeoutNanos) {
      state = State.HALF_OPEN;
    }
    return state != State.OPEN;
  }

  /// Whether the next call is the one probe.
  public boolean probes() {
    return state == State.HALF_OPEN;
  }

  /// How long it stays open; meaningful while it is.
  public long leftNanos(long nowNanos) {
    return Math.max(0, timeoutNanos - (nowNanos - openedNanos));
  }

  public void succeeded() {
    failures = 0;
    if (state != State.CLOSED) {
      state = State.CLOSED;
    }
  }

  public void failed(long nowNanos) {
    failures++;
    if (state == State.HALF_OPEN || failures >= threshold) {
      failures = 0;
      openedNanos = nowNanos;
      state = State.OPEN;
    }
  }
}
