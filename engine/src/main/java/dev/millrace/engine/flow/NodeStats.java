package dev.millrace.engine.flow;

import dev.millrace.core.metric.Metrics;
import dev.millrace.engine.EngineMetric;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/// Exact counts of one node in one run. The chain's thread counts in plain fields per batch and
/// publishes at the end of its turn; anybody reads what is published.
public final class NodeStats {
  private static final int BATCHES_PER_SAMPLE = 64;

  private final CounterDataPoint inMetric;
  private final CounterDataPoint outMetric;
  private final CounterDataPoint errorMetric;
  private final DistributionDataPoint latencyMetric;

  // Confined to the chain's thread.
  private long in;
  private long out;
  private long errors;
  private long batches;

  // An instance may be closed on another thread while a fresh one is opened.
  private final LongAdder failedToClose = new LongAdder();

  // Written by the chain's thread, read by anybody.
  private final AtomicLong publishedIn = new AtomicLong();
  private final AtomicLong publishedOut = new AtomicLong();
  private final AtomicLong publishedErrors = new AtomicLong();
  private final AtomicLong sampledNanos = new AtomicLong();
  private final AtomicLong sampledFrames = new AtomicLong();
  private final BatchTimes batchTimes = new BatchTimes();

  public NodeStats(Metrics metrics, String pipeline, String node) {
    inMetric = metrics.counter(EngineMetric.NODE_FRAMES_IN, pipeline, node);
    outMetric = metrics.counter(EngineMetric.NODE_FRAMES_OUT, pipeline, node);
    errorMetric = metrics.counter(EngineMetric.NODE_ERRORS, pipeline, node);
    latencyMetric = metrics.seconds(EngineMetric.NODE_LATENCY, pipeline, node);
  }

  /// Whether this batch is the one in 64 to be timed.
  boolean samples() {
    return batches++ % BATCHES_PER_SAMPLE == 0;
  }

  void timed(long nanos, int frames) {
    latencyMetric.observe(nanos / 1e9);
    batchTimes.record(nanos);
    sampledNanos.setRelease(sampledNanos.getPlain() + nanos);
    sampledFrames.setRelease(sampledFrames.getPlain() + frames);
  }

  void handled(int frames) {
    in += frames;
  }

  void made(int frames) {
    out += frames;
  }

  void failed() {
    errors++;
  }

  /// Any thread.
  void failedToClose() {
    failedToClose.increment();
  }

  void publish() {
    add(inMetric, publishedIn, in);
    add(outMetric, publishedOut, out);
    add(errorMetric, publishedErrors, errors + failedToClose.sum());
  }

  /// Frames handled without an error.
  public long framesIn() {
    return publishedIn.getAcquire();
  }

  public long framesOut() {
    return publishedOut.getAcquire();
  }

  public long errors() {
    return publishedErrors.getAcquire();
  }

  /// Mean time per frame in microseconds over the batches that were timed, 0 before the first.
  public double averageLatencyMicros() {
    long frames = sampledFrames.getAcquire();
    return frames == 0 ? 0 : sampledNanos.getAcquire() / 1e3 / frames;
  }

  /// What the batches that were timed took.
  public BatchTimes batchTimes() {
    return batchTimes;
  }

  private static void add(CounterDataPoint metric, AtomicLong published, long now) {
    long before = published.getPlain();
    if (now != before) {
      metric.inc(now - before);
      published.setRelease(now);
    }
  }
}
