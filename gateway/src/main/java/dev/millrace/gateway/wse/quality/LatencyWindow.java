package dev.millrace.gateway.wse.quality;

import java.util.Arrays;

/// The last latencies of one connection, at most [#CAPACITY]. Grows with use, because most
/// connections are short. Confined to the connection's loop.
public final class LatencyWindow {
  public static final int CAPACITY = 100;

  private short[] millis = new short[4];
  private int count;
  private int next;
  private long reportedNanos;

  /// Adds one in milliseconds; what is out of 0 to 32,767 counts as the nearer end.
  public void add(long latencyMillis) {
    if (next == millis.length && next < CAPACITY) {
      millis = Arrays.copyOf(millis, Math.min(CAPACITY, 2 * next));
    }
    next = next == CAPACITY ? 0 : next;
    millis[next++] = (short) Math.clamp(latencyMillis, 0, Short.MAX_VALUE);
    count = Math.max(count, next);
  }

  public int samples() {
    return count;
  }

  /// Mean in milliseconds, 0 without samples.
  public double mean() {
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += millis[i];
    }
    return count == 0 ? 0 : sum / count;
  }

  /// Standard deviation of the samples as a population, in milliseconds.
  public double jitter() {
    double mean = mean();
    double squares = 0;
    for (int i = 0; i < count; i++) {
      squares += (millis[i] - mean) * (millis[i] - mean);
    }
    return count == 0 ? 0 : Math.sqrt(squares / count);
  }

  public Quality quality() {
    return Quality.of(mean());
  }

  /// Whether so long has passed since this last said yes, or since the first call.
  public boolean isDue(long nowNanos, long periodNanos) {
    if (reportedNanos == 0) {
      reportedNanos = nowNanos;
      return false;
    }
    if (nowNanos - reportedNanos < periodNanos) {
      return false;
    }
    reportedNanos = nowNanos;
    return true;
  }
}
