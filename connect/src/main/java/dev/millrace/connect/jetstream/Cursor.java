package dev.millrace.connect.jetstream;

import dev.millrace.core.node.SourcePosition;
import java.net.URI;
import java.time.Duration;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// How far the stream has been handed on, and where to begin at which server. Confined to the
/// source's thread.
///
/// Servers stamp events themselves: the same event has another `time_us` at another server. So the
/// cursor is exact where it was got, and rewound by some seconds everywhere else.
final class Cursor {
  /// The name of the stream in positions.
  static final String STREAM = "jetstream";

  private final long rewindUs;
  private final boolean onlyHost;
  private long timeUs;
  private boolean known;
  private @Nullable URI host; // where the cursor was got; null after a restart

  // Events before this lie before the cursor we asked for: a server may begin up to an hour early.
  private long floorUs = Long.MIN_VALUE;
  private long askedUs = Long.MIN_VALUE;
  private boolean first;

  /// `resumeAfter` is what an earlier run committed.
  Cursor(OptionalLong resumeAfter, Duration rewind, int hosts) {
    this.rewindUs = rewind.toNanos() / 1_000;
    this.onlyHost = hosts == 1;
    this.known = resumeAfter.isPresent();
    this.timeUs = resumeAfter.orElse(0);
  }

  /// What to ask `next` for; empty for the tip.
  OptionalLong at(URI next) {
    boolean sameHost = onlyHost || next.equals(host);
    askedUs = known ? Math.max(0, sameHost ? timeUs : timeUs - rewindUs) : Long.MIN_VALUE;
    floorUs = askedUs;
    first = true;
    return known ? OptionalLong.of(askedUs) : OptionalLong.empty();
  }

  /// Whether an event lies before what was asked for, in the burst a connection may begin with.
  boolean isEarly(long eventUs) {
    if (eventUs < floorUs) {
      return true;
    }
    floorUs = Long.MIN_VALUE; // caught up; from here on a step back is the order of the stream
    return false;
  }

  /// Microseconds missing before the first event of a connection that had a cursor; 0 for others.
  long gapUs(long eventUs) {
    boolean asked = first && askedUs != Long.MIN_VALUE;
    first = false;
    return asked ? Math.max(0, eventUs - askedUs) : 0;
  }

  /// An event of `from` has been handed on. Never moves backwards.
  void advance(long eventUs, URI from) {
    timeUs = known ? Math.max(timeUs, eventUs) : eventUs;
    known = true;
    host = from;
  }

  long timeUs() {
    return timeUs;
  }

  @Nullable SourcePosition position() {
    return known ? SourcePosition.repeating(STREAM, timeUs) : null;
  }
}
