package dev.millrace.gateway.wse;

import dev.millrace.core.time.Clock;
import dev.millrace.net.Loop;
import java.time.Duration;
import java.util.List;

/// Sends the connections of one loop away, a slice at a time, and whoever is left when the time is
/// over at once: a server that closes ten thousand connections in one moment has them all back in
/// the next. Confined to the loop.
final class Drain {
  /// Connections that are not worth spreading.
  static final int AT_ONCE = 64;

  private static final int PER_SECOND = 1_000;
  private static final Duration STEP = Duration.ofMillis(64);

  private final Loop loop;
  private final Clock clock;
  private final List<WseSession> sessions;
  private final long endNanos;
  private final int slice;
  private int next;

  Drain(Loop loop, Clock clock, List<WseSession> sessions, Duration window) {
    this.loop = loop;
    this.clock = clock;
    this.sessions = sessions;
    this.endNanos = clock.nanoTime() + window.toNanos();
    long steps = Math.max(1, window.dividedBy(STEP));
    this.slice = (int) Math.max(AT_ONCE, (sessions.size() + steps - 1) / steps);
  }

  /// The time over which so many connections are closed.
  static Duration window(Duration most, int connections) {
    if (connections <= AT_ONCE) {
      return Duration.ZERO;
    }
    var paced = Duration.ofMillis(1_000L * connections / PER_SECOND);
    return paced.compareTo(most) < 0 ? paced : most;
  }

  void begin() {
    boolean over = clock.nanoTime() - endNanos >= 0;
    int end = over ? sessions.size() : Math.min(sessions.size(), next + slice);
    for (; next < end; next++) {
      sessions.get(next).ending().restart();
    }
    if (next < sessions.size()) {
      var _ = clock.after(STEP, () -> loop.execute(this::begin));
    }
  }
}
