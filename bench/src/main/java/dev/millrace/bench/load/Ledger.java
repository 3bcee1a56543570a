package dev.millrace.bench.load;

import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/// What all subscribers together have received, and what was wrong with it. Confined to the load's
/// thread.
final class Ledger {
  private static final long LONGEST_NANOS = TimeUnit.MINUTES.toNanos(10);
  private static final int SAMPLE_MASK = 15; // one delivery in 16 is timed

  private final Histogram latencyNanos = new Histogram(LONGEST_NANOS, 3);
  private boolean timing;

  /// Sum over subscribers of the sequence number each waits for.
  long awaited;

  long delivered;
  long gaps;
  long lost;
  long repeated;
  long bytes;

  /// Bytes of a delivery, and how far into its payload the marker stood.
  int wireBytes;

  int markerOffset;

  /// Subscribers that have received something.
  int reached;

  /// A delivery in sequence: nothing before it is missing.
  void inSequence() {
    awaited++;
    delivered++;
  }

  /// Whether this delivery's latency is wanted.
  boolean wantsTime() {
    return timing && (delivered & SAMPLE_MASK) == 0;
  }

  void time(long nanos) {
    latencyNanos.recordValue(Math.clamp(nanos, 0, LONGEST_NANOS));
  }

  /// The first delivery to a subscriber; it may have joined after others.
  void first(int sequence) {
    reached++;
    awaited += sequence + 1L;
    delivered++;
  }

  /// A delivery that skipped `missing` messages.
  void skipped(int missing) {
    gaps++;
    lost += missing;
    awaited += missing + 1L;
    delivered++;
  }

  /// A message that this subscriber had already had, or that later ones had overtaken.
  void again() {
    repeated++;
  }

  void startTiming() {
    latencyNanos.reset();
    timing = true;
  }

  void stopTiming() {
    timing = false;
  }

  LoadResult.Latency latency() {
    return new LoadResult.Latency(millis(50), millis(90), millis(99), millis(99.9), millis(100));
  }

  private double millis(double percentile) {
    return latencyNanos.getValueAtPercentile(percentile) / 1e6;
  }
}
