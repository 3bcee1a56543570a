package dev.millrace.gateway.wse.quality;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Ends the work for a connection whose messages only fail: it opens after [#MOST_IN_A_ROW]
/// failures in a row, or when [#MOST_OF_WINDOW] of the last [#WINDOW] messages failed; [#RESET]
/// later it lets a few probes through. Confined to the connection's loop.
public final class CircuitBreaker {
  public static final int MOST_IN_A_ROW = 10;
  public static final int WINDOW = 50;
  public static final int MOST_OF_WINDOW = 15;
  public static final int PROBES = 5;
  public static final int SUCCESSES_TO_CLOSE = 3;
  public static final Duration RESET = Duration.ofSeconds(30);

  private static final List<String> ABOUT_ACCESS =
      List.of("401", "403", "unauthorized", "forbidden", "auth failed", "authentication");
  private static final long FULL = (1L << WINDOW) - 1;

  /// Whether messages are handled.
  public enum State {
    CLOSED,
    OPEN,
    HALF_OPEN
  }

  private State state = State.CLOSED;
  private long window; // a bit for each of the last messages, 1 for a failure
  private int seen; // of the window
  private int inARow;
  private int failures;
  private int probes;
  private int successes; // of probes
  private long openedNanos;
  private long lastFailureMillis;

  /// For a connection that has had so many messages without a failure.
  public CircuitBreaker(long successesBefore) {
    seen = Math.clamp(successesBefore, 0, WINDOW);
  }

  /// Whether what a failure says is about access, which is no failure of the work.
  public static boolean isAboutAccess(@Nullable String failure) {
    var text = failure == null ? "" : failure.toLowerCase(Locale.ROOT);
    return ABOUT_ACCESS.stream().anyMatch(text::contains);
  }

  /// Whether one more message may be handled; then one of [#succeeded] and [#failed] must follow.
  public boolean allows(long nowNanos) {
    if (state == State.OPEN && nowNanos - openedNanos >= RESET.toNanos()) {
      state = State.HALF_OPEN;
      probes = 0;
      successes = 0;
    }
    return switch (state) {
      case CLOSED -> true;
      case OPEN -> false;
      case HALF_OPEN -> probes++ < PROBES;
    };
  }

  /// Returns whether this closed it.
  public boolean succeeded() {
    inARow = 0;
    if (state == State.HALF_OPEN) {
      if (++successes < SUCCESSES_TO_CLOSE) {
        return false;
      }
      state = State.CLOSED;
      window = 0;
      seen = 0;
      return true;
    }
    note(0);
    return false;
  }

  /// Returns whether this opened it. `nowMillis` counts from the epoch.
  public boolean failed(long nowNanos, long nowMillis) {
    lastFailureMillis = nowMillis;
    failures++;
    inARow++;
    note(1);
    boolean opens =
        switch (state) {
          case CLOSED ->
              inARow >= MOST_IN_A_ROW
                  || (seen == WINDOW && Long.bitCount(window) >= MOST_OF_WINDOW);
          case HALF_OPEN -> true;
          case OPEN -> false;
        };
    if (opens) {
      state = State.OPEN;
      openedNanos = nowNanos;
    }
    return opens;
  }

  public State state() {
    return state;
  }

  /// Failures in all.
  public int failures() {
    return failures;
  }

  /// When something failed last, in milliseconds since the epoch; 0 before.
  public long lastFailureMillis() {
    return lastFailureMillis;
  }

  /// Successes since it was opened last.
  public int successes() {
    return successes;
  }

  private void note(int failed) {
    window = (window << 1 | failed) & FULL;
    seen = Math.min(WINDOW, seen + 1);
  }
}
