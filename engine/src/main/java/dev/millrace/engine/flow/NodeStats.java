package dev.millrace.engine.flow;

import dev.millrace.core.metric.Metrics;
import dev.millrace.engine.EngineMetric;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/// Exact counts of one node in one run. The chain's thread counts in plain fields per batch and
/// publishes at the end of its turn; anybody reads what is published. Where several instances share
/// the work each has a [#share], on whose thread it counts, and all publish to one place.
public final class NodeStats {
  private static final int BATCHES_PER_SAMPLE = 64;

  private final CounterDataPoint inMetric;
  private final CounterDataPoint outMetric;
  private final CounterDataPoint errorMetric;
  private final DistributionDataPoint latencyMetric;

  private final Published published;

  // Confined to the thread that runs the node; `told` is what has been published of it.
  private long in;
  private long out;
  private long errors;
  private long batches;
  private long toldIn;
  private long toldOut;
  private long toldErrors;

  // An instance may be closed on another thread while a fresh one is opened.
  private final LongAdder failedToClose = new LongAdder();

  /// Added to by whoever counts, read by anybody.
  private static final class Published {
    private final AtomicLong in = new AtomicLong();
    private final AtomicLong out = new AtomicLong();
    private final AtomicLong errors = new AtomicLong();
    private final AtomicLong sampledNanos = new AtomicLong();
    private final AtomicLong sampledFrames = new AtomicLong();
    private final BatchTimes batchTimes = new BatchTimes();

    // One batch in 64 of each instance comes here: no lock per batch.
    synchronized void timed(long nanos, int frames) {
      batchTimes.record(nanos);
      sampledNanos.addAndGet(nanos);
      sampledFrames.addAndGet(frames);
    }
  }

  public NodeStats(Metrics metrics, String pipeline, String node) {
    inMetric = metrics.counter(EngineMetric.NODE_FRAMES_IN, pipeline, node);
    outMetric = metrics.counter(EngineMetric.NODE_FRAMES_OUT, pipeline, node);
    errorMetric = metrics.counter(EngineMetric.NODE_ERRORS, pipeline, node);
    latencyMetric = metrics.seconds(EngineMetric.NODE_LATENCY, pipeline, node);
    published = new Published();
  }

  private NodeStats(NodeStats whole) {
    inMetric = whole.inMetric;
    outMetric = whole.outMetric;
    errorMetric = whole.errorMetric;
    latencyMetric = whole.latencyMetric;
    published = whole.published;
  }

  /// For another instance of the node, which counts on another thread.
  public NodeStats share() {
    return new NodeStats(this);
  }

  /// Whether this batch is the one in 64 to be timed.
  boolean samples() {
    return batches++ % BATCHES_PER_SAMPLE == 0;
  }

  void timed(long nanos, int frames) {
    latencyMetric.observe(nanos / 1e9);
    published.timed(nanos, frames);
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
    long failures = errors + failedToClose.sum();
    add(inMetric, published.in, in - toldIn);
    add(outMetric, published.out, out - toldOut);
    add(errorMetric, published.errors, failures - toldErrors);
    toldIn = in;
    toldOut = out;
    toldErrors = failures;
  }

  /// Frames handled without an error.
  public long framesIn() {
    return published.in.getAcquire();
  }

  public long framesOut() {
    return published.out.getAcquire();
  }

  public long errors() {
    return published.errors.getAcquire();
  }

  /// Mean time per frame in microseconds over the batches that were timed, 0 before the first.
  public double averageLatencyMicros() {
    long frames = published.sampledFrames.getAcquire();
    return frames == 0 ? 0 : published.sampledNanos.getAcquire() / 1e3 / frames;
  }

  /// What the batches that were timed took.
  public BatchTimes batchTimes() {
    return published.batchTimes;
  }

  private static void add(CounterDataPoint metric, AtomicLong published, long more) {
    if (more != 0) {
      metric.inc(more);
      published.addAndGet(more);
    }
  }
}
