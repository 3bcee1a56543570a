package dev.millrace.engine.flow;

import dev.millrace.core.time.Clock;
import java.util.concurrent.atomic.AtomicLong;

/// How a chain spends its time: in turns, held up for want of room behind it, or neither.
///
/// Written by the thread that runs the chain, at both ends of a turn and without a lock; read by
/// anybody, also during a turn or a hold-up that lasts.
public final class Activity {
  static final long WINDOW_NANOS = 5_000_000_000L;

  private final Clock clock;
  private final long origin; // all times here are nanoseconds since it

  private final Stopwatch turns = new Stopwatch();
  private final Stopwatch blocked = new Stopwatch();

  // Twice the time of the last change between at work and waiting; odd while at work. Written by
  // the chain's thread.
  private final AtomicLong streak = new AtomicLong();

  // Where shares are counted from. Written by the chain's thread, once per window; either will do
  // for a reader who meets a change.
  private volatile Mark older = new Mark(0, 0, 0);
  private volatile Mark newer = older;

  /// `working` says that a turn is on or due, `sinceNanos` since when that is so or not so, on the
  /// clock's monotonic scale. `busy` is the share of the last five to ten seconds that turns took,
  /// waits within them included; `blocked` the share in which the chain could not go on because a
  /// channel was full or a node not ready. A chain that has been at rest for longer is told over
  /// that time.
  public record Reading(boolean working, long sinceNanos, double busy, double blocked) {}

  private record Mark(long at, long busyNanos, long blockedNanos) {}

  Activity(Clock clock) {
    this.clock = clock;
    this.origin = clock.nanoTime();
  }

  void turnBegins(long nowNanos) {
    long at = nowNanos - origin;
    if (blocked.runs()) {
      blocked.stop(at);
    }
    turns.start(at);
    if ((streak.getPlain() & 1) == 0) {
      streak.setRelease(at << 1 | 1);
    }
  }

  /// `again` says that the next turn is due at once, `full` that the turn ended for want of room.
  void turnEnds(long nowNanos, boolean again, boolean full) {
    long at = nowNanos - origin;
    turns.stop(at);
    if (full) {
      blocked.start(at);
    }
    if (!again) {
      streak.setRelease(at << 1);
    }
    if (at - newer.at >= WINDOW_NANOS) {
      older = newer;
      newer = new Mark(at, turns.elapsed(at), blocked.elapsed(at));
    }
  }

  /// Any thread.
  public Reading read() {
    long at = clock.nanoTime() - origin;
    long change = streak.getAcquire();
    var latest = newer;
    var from = at - latest.at >= WINDOW_NANOS ? latest : older;
    long span = at - from.at;
    return new Reading(
        (change & 1) == 1,
        origin + (change >> 1),
        share(turns.elapsed(at) - from.busyNanos, span),
        share(blocked.elapsed(at) - from.blockedNanos, span));
  }

  private static double share(long nanos, long span) {
    return span <= 0 ? 0 : Math.clamp((double) nanos / span, 0, 1);
  }
}
