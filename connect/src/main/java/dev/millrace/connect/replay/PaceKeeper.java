package dev.millrace.connect.replay;

/// Says when the next event of a recording is due. Late events are not made up for by a burst of
/// more than [#CATCH_UP_NANOS]: a pause downstream delays what follows. Confined to the source's
/// thread.
final class PaceKeeper {
  /// How far behind its timetable a replay may be and still catch up.
  static final long CATCH_UP_NANOS = 1_000_000_000;

  private final Pace pace;
  private long dueNanos;
  private long lastTimeUs;
  private boolean started;

  PaceKeeper(Pace pace) {
    this.pace = pace;
  }

  /// When the event recorded at `timeUs` is due, on the clock's monotonic scale. Asked once per
  /// event, in order.
  long dueNanos(long timeUs, long nowNanos) {
    if (pace instanceof Pace.Unpaced) {
      return nowNanos;
    }
    if (!started) {
      started = true;
      dueNanos = nowNanos;
    } else {
      dueNanos = Math.max(dueNanos + gapNanos(timeUs), nowNanos - CATCH_UP_NANOS);
    }
    lastTimeUs = timeUs;
    return dueNanos;
  }

  private long gapNanos(long timeUs) {
    return switch (pace) {
      case Pace.Unpaced() -> 0;
      case Pace.PerSecond(double events) -> (long) (1e9 / events);
      // Recordings are not always in order of time; a step back is no gap.
      case Pace.Recorded(double factor) ->
          (long) (Math.max(0, (double) timeUs - (double) lastTimeUs) * 1_000 / factor);
    };
  }
}
