package dev.millrace.bench.load;

import org.jspecify.annotations.Nullable;

/// What one load measured. Rates are over the measured part alone; `faults` cover the whole load,
/// from the first delivery to the last, warm-up included. `wireBytes` is one delivered frame,
/// header and server's envelope included.
public record LoadResult(
    int subscribers,
    int wireBytes,
    double seconds,
    long published,
    long delivered,
    long bytes,
    double serverCpuSeconds,
    double clientCpuSeconds,
    Latency latency,
    Slow slow,
    Faults faults) {

  public double deliveriesPerSecond() {
    return delivered / seconds;
  }

  /// The figure that other work on the machine disturbs least; NaN when the server's processor time
  /// was too short to be seen.
  public double deliveriesPerServerCpuSecond() {
    return serverCpuSeconds > 0 ? delivered / serverCpuSeconds : Double.NaN;
  }

  /// Milliseconds from when a message was due to when the read that brought it had returned.
  public record Latency(double p50, double p90, double p99, double p999, double max) {}

  /// What the slow readers came to: how many there were, the bytes they took, how often the server
  /// closed one. None of it counts as a delivery.
  public record Slow(int readers, long bytes, int closed) {
    public static final Slow NOBODY = new Slow(0, 0, 0);
  }

  /// What must not happen: deliveries that never came, places where a sequence skipped, messages
  /// that came again or late, connections that ended. `complaint` is the first reason of those.
  public record Faults(long lost, long gaps, long repeated, int dead, @Nullable String complaint) {

    public boolean none() {
      return lost == 0 && gaps == 0 && repeated == 0 && dead == 0;
    }
  }
}
