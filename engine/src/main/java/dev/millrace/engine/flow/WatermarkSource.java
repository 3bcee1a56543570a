package dev.millrace.engine.flow;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.node.NodeContext;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/// The event time of one source: behind the newest of its frames by a fixed lag, and idle once none
/// has come for so long. A frame older than what held before it is late. Confined to the thread
/// that runs the source, except [#lateFrames].
public final class WatermarkSource {
  private final long lagMicros;
  private final long idleNanos;
  private final CounterDataPoint lateMetric;

  private boolean begun;
  private long lastNanos; // when frames came last, or the source began
  private Watermark now = Watermark.UNKNOWN;

  private final AtomicLong late = new AtomicLong(); // written by the source's thread

  public WatermarkSource(Duration lag, Duration idleTimeout, CounterDataPoint lateMetric) {
    this.lagMicros = lag.toNanos() / 1_000;
    this.idleNanos = idleTimeout.toNanos();
    this.lateMetric = lateMetric;
  }

  /// From here on the source is asked for frames; a further call changes nothing.
  void begin(long nowNanos) {
    if (!begun) {
      begun = true;
      lastNanos = nowNanos;
    }
  }

  /// The source could not be asked until now: the time does not count as quiet.
  void wasHeldUp(long sinceNanos, long nowNanos) {
    if (begun) {
      lastNanos += nowNanos - Math.max(sinceNanos, lastNanos);
    }
  }

  /// What the source has made: the frames from `from` up to `to`, of which there are some.
  void saw(Frame[] frames, int from, int to, long nowNanos) {
    begun = true;
    lastNanos = nowNanos;
    long micros = now.micros();
    int tooLate = 0;
    for (int i = from; i < to; i++) {
      long at = frames[i].timestampMicros();
      if (at < micros) {
        tooLate++;
      }
      micros = Math.max(micros, behind(at));
    }
    if (tooLate > 0) {
      late.setRelease(late.getPlain() + tooLate);
      lateMetric.inc(tooLate);
    }
    if (micros != now.micros() || now.idle()) {
      now = new Watermark(micros, false);
    }
  }

  /// The source has been asked and has nothing.
  ///
  /// @return nanoseconds until it is idle, 0 if it is
  long quiet(long nowNanos) {
    long left = idleNanos - (nowNanos - lastNanos);
    if (left > 0) {
      return left;
    }
    if (!now.idle()) {
      now = new Watermark(now.micros(), true);
    }
    return 0;
  }

  Watermark now() {
    return now;
  }

  /// Any thread: frames that came later than the lag allows.
  public long lateFrames() {
    return late.getAcquire();
  }

  private long behind(long micros) {
    long behind = micros - lagMicros;
    // Where the clock of the frames begins, there is nothing before it.
    return behind > micros || behind == NodeContext.NO_WATERMARK
        ? NodeContext.NO_WATERMARK + 1
        : behind;
  }
}
