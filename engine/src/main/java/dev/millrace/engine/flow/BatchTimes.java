package dev.millrace.engine.flow;

import java.util.concurrent.atomic.AtomicLongArray;

/// Quantiles of the times a node took for its timed batches, within an eighth of the true value, in
/// two kilobytes. Four buckets per power of two; every 1,024 times all counts are halved, so that
/// old times are forgotten.
///
/// Written by the chain's thread; read by anybody, who may see a time late.
public final class BatchTimes {
  private static final int PER_OCTAVE = 4;
  private static final int BUCKETS = 62 * PER_OCTAVE;
  private static final int HALVED_AFTER = 1_024;

  private final AtomicLongArray counts = new AtomicLongArray(BUCKETS);
  private int untilHalved = HALVED_AFTER; // chain's thread only

  /// Microseconds that half, 95 % and 99 % of the batches did not exceed; 0 before the first.
  public record Quantiles(double p50Micros, double p95Micros, double p99Micros) {}

  void record(long nanos) {
    int bucket = bucket(Math.max(0, nanos));
    counts.setRelease(bucket, counts.getPlain(bucket) + 1);
    if (--untilHalved == 0) {
      untilHalved = HALVED_AFTER;
      for (int i = 0; i < BUCKETS; i++) {
        counts.setRelease(i, counts.getPlain(i) / 2);
      }
    }
  }

  /// Any thread.
  public Quantiles quantiles() {
    var seen = new long[BUCKETS];
    long total = 0;
    for (int i = 0; i < BUCKETS; i++) {
      seen[i] = counts.getAcquire(i);
      total += seen[i];
    }
    return new Quantiles(
        micros(seen, total, 0.50), micros(seen, total, 0.95), micros(seen, total, 0.99));
  }

  private static double micros(long[] seen, long total, double quantile) {
    if (total == 0) {
      return 0;
    }
    long left = (long) Math.ceil(quantile * total);
    int bucket = 0;
    while (seen[bucket] < left) {
      left -= seen[bucket++];
    }
    return middle(bucket) / 1e3;
  }

  /// Below 4 ns a bucket per nanosecond; above, the two bits behind the leading one choose.
  private static int bucket(long nanos) {
    if (nanos < PER_OCTAVE) {
      return (int) nanos;
    }
    int leading = Long.SIZE - 1 - Long.numberOfLeadingZeros(nanos);
    return (leading - 1) * PER_OCTAVE + (int) (nanos >> (leading - 2)) % PER_OCTAVE;
  }

  private static double middle(int bucket) {
    if (bucket < PER_OCTAVE) {
      return bucket;
    }
    long unit = 1L << (bucket / PER_OCTAVE - 1);
    return unit * (PER_OCTAVE + bucket % PER_OCTAVE) + (unit - 1) / 2.0;
  }
}
