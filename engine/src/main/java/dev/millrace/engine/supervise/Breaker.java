package dev.millrace.engine.supervise;

import java.util.Locale;
import java.util.concurrent.TimeUnit;

/// Keeps frames from a node that fails again and again. Belongs to the node's place, not to its
/// instance. Closed, it counts failures in a row; open, it admits nothing until its time has
/// passed; half open, it waits for what one probe comes to. What calls come to that were admitted
/// before it opened means nothing afterwards.
///
/// Safe from any thread: instances that share their node's work share its breaker.
public final class Breaker {
  private final int threshold;
  private final long timeoutNanos;
  private int failures; // in a row; guarded by this
  private long openedNanos; // guarded by this

  // Written under this, read by anybody.
  private volatile State state = State.CLOSED;

  /// Whether the node may be called now.
  public enum Admission {
    ADMITTED,
    /// As the one probe; whoever is told so says what came of it.
    PROBE,
    REJECTED
  }

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

  public synchronized Admission admit(long nowNanos) {
    return switch (state) {
      case CLOSED -> Admission.ADMITTED;
      case HALF_OPEN -> Admission.REJECTED; // the probe is under way
      case OPEN -> {
        if (nowNanos - openedNanos < timeoutNanos) {
          yield Admission.REJECTED;
        }
        state = State.HALF_OPEN;
        yield Admission.PROBE;
      }
    };
  }

  /// How long it stays open; meaningful while it is.
  public synchronized long leftNanos(long nowNanos) {
    return Math.max(0, timeoutNanos - (nowNanos - openedNanos));
  }

  /// A call, or the `probe`, came back.
  public synchronized void succeeded(boolean probe) {
    if (probe) {
      state = State.CLOSED;
    }
    if (state == State.CLOSED) {
      failures = 0;
    }
  }

  /// A call, or the `probe`, failed.
  public synchronized void failed(long nowNanos, boolean probe) {
    if (!probe && state != State.CLOSED) {
      return;
    }
    failures++;
    if (probe || failures >= threshold) {
      failures = 0;
      openedNanos = nowNanos;
      state = State.OPEN;
    }
  }
}
