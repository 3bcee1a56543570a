package dev.millrace.hub;

import dev.millrace.core.metric.Metrics;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;

/// How long messages were on their way through the hub: from when the first of the messages
/// came that a turn delivers until it had handed everything to the transports, for each of its
/// deliveries.
/// Written once per turn; any thread may look.
final class SendTimes {
  private static final long[] BOUNDS = {
    50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000,
    1_000_000, 5_000_000
  };

  private final AtomicLongArray counts = new AtomicLongArray(BOUNDS.length + 1);
  private final DistributionDataPoint seconds;
  private final DistributionDataPoint waited;

  SendTimes(Metrics metrics) {
    this.seconds = metrics.seconds(HubMetric.SEND_SECONDS);
    this.waited = metrics.seconds(HubMetric.WAIT_SECONDS);
  }

  /// Messages waited so long for their turn.
  void waited(long nanos) {
    waited.observe(nanos / 1e9);
  }

  /// A turn that took so long has made `deliveries`.
  void add(long nanos, long deliveries) {
    long micros = TimeUnit.NANOSECONDS.toMicros(nanos);
    int slot = 0;
    while (slot < BOUNDS.length && micros > BOUNDS[slot]) {
      slot++;
    }
    counts.addAndGet(slot, deliveries);
    seconds.observe(nanos / 1e9);
  }

  SendLatency snapshot() {
    var now = new long[counts.length()];
    for (int i = 0; i < now.length; i++) {
      now[i] = counts.get(i);
    }
    return SendLatency.of(BOUNDS, now);
  }

  /// One loop's stopwatch. Told by whoever has the loop take a turn; otherwise confined to the
  /// loop.
  static final class Stopwatch {
    // Written by whoever schedules the turn, before the turn can run; nobody else does before it
    // has.
    private long scheduledNanos;
    private long sinceNanos;
    private long oldestNanos = Long.MAX_VALUE; // of what the turn delivers
    private boolean carried;

    void scheduled(long nowNanos) {
      scheduledNanos = nowNanos;
    }

    /// Before the next turn may be scheduled.
    void turnBegins() {
      if (!carried) {
        sinceNanos = scheduledNanos;
      }
    }

    /// When the first message came that the turn took from the inbox.
    long sinceNanos() {
      return sinceNanos;
    }

    /// What came at `nanos` is among what the turn delivers.
    void delivers(long nanos) {
      oldestNanos = Math.min(oldestNanos, nanos);
    }

    /// How long the first message has waited.
    long waitedNanos(long nowNanos) {
      return Math.max(0, nowNanos - sinceNanos);
    }

    /// How long the turn's deliveries took. `unfinished` if messages that came before this turn are
    /// left for the next.
    long turnEnds(long nowNanos, boolean unfinished) {
      carried = unfinished;
      long since = Math.min(sinceNanos, oldestNanos);
      oldestNanos = Long.MAX_VALUE;
      return Math.max(0, nowNanos - since);
    }
  }
}
