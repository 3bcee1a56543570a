package dev.millrace.engine.schedule;

import dev.millrace.core.frame.SamplePool;
import dev.millrace.core.metric.Metrics;
import dev.millrace.core.time.Clock;
import dev.millrace.engine.EngineMetric;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The shared workers of the process, named `millrace-engine-N`, and the watchdog over them. One
/// per process serves all pipelines.
///
/// Each turn of a task is bounded and runnable tasks take turns, the most urgent first and first
/// come, first served among equals, so a busy graph delays neither another graph nor anything else.
/// A task that does not come back has its worker replaced, so it costs the others nothing but a
/// thread.
public final class EngineRuntime implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(EngineRuntime.class);

  // Arrays of one length that wait for use.
  private static final int IDLE_ARRAYS = 1_024;

  // The watchdog looks this many times within the limit.
  private static final int LOOKS = 5;

  // Written under this; read by every source once per poll.
  private volatile EngineSpec spec;

  private final Clock clock;
  private final Metrics metrics;
  private final SamplePool samples;
  private final RunQueue queue = new RunQueue();
  private final List<Worker> workers = new ArrayList<>(); // guarded by this
  private int started; // guarded by this; numbers the threads
  private Clock.@Nullable Timer watchdog; // guarded by this
  private boolean closed; // guarded by this

  public EngineRuntime(EngineSpec spec, Clock clock, Metrics metrics) {
    this.spec = spec;
    this.clock = clock;
    this.metrics = metrics;
    this.samples = new SamplePool(IDLE_ARRAYS, spec.debugPoison());
  }

  /// Starts the workers; pipelines may start afterwards.
  public synchronized EngineRuntime start() {
    if (watchdog != null || closed) {
      throw new IllegalStateException("an engine runtime is started once");
    }
    for (int i = 0; i < spec.workerCount(); i++) {
      addWorker();
    }
    watch();
    metrics.gauge(EngineMetric.SAMPLES_IDLE, samples::idle);
    metrics.gauge(EngineMetric.SAMPLES_IN_USE, samples::inUse);
    metrics.gauge(EngineMetric.SAMPLES_MADE, samples::made);
    return this;
  }

  /// Goes on with `changed`: the hold limit and the tracing at once, the number of workers at the
  /// next start.
  public synchronized void apply(EngineSpec changed) {
    boolean limitChanged = !changed.holdLimit().equals(spec.holdLimit());
    spec = changed;
    if (limitChanged && watchdog != null && !closed) {
      watchdog.cancel();
      watch();
    }
  }

  public Clock clock() {
    return clock;
  }

  /// One in so many frames of each source is to be traced; 0 for none.
  public int traceEvery() {
    return spec.traceEvery();
  }

  /// How many bytes of traced frames a pipeline may keep.
  public int keptTraceBytes() {
    return spec.keptTraceBytes();
  }

  /// The arrays that nodes of all pipelines are lent.
  public SamplePool samples() {
    return samples;
  }

  /// Where tasks that never block run.
  public Host shared(Priority priority) {
    return queue.lane(priority);
  }

  /// The same, at the usual priority.
  public Host shared() {
    return shared(Priority.NORMAL);
  }

  /// Ends the workers after the turns they are in. Pipelines must be closed before: what they still
  /// had to do is not done. Does not wait.
  @Override
  public synchronized void close() {
    closed = true;
    if (watchdog != null) {
      watchdog.cancel();
    }
    metrics.removeGauge(EngineMetric.SAMPLES_IDLE);
    metrics.removeGauge(EngineMetric.SAMPLES_IN_USE);
    metrics.removeGauge(EngineMetric.SAMPLES_MADE);
    queue.close();
  }

  private synchronized void look() {
    if (closed) {
      return;
    }
    int before = workers.size();
    workers.removeIf(worker -> worker.giveUpIfHeld(spec.holdLimit()));
    for (int lost = before - workers.size(); lost > 0; lost--) {
      metrics.counter(EngineMetric.WORKERS_REPLACED).inc();
      log.warn("An engine worker is held; another one takes its place");
      addWorker();
    }
  }

  private synchronized void watch() {
    watchdog = clock.every(spec.holdLimit().dividedBy(LOOKS), this::look);
  }

  private void addWorker() {
    var worker = new Worker(queue, clock);
    workers.add(worker);
    Thread.ofPlatform().name("millrace-engine-" + started++).daemon(true).start(worker);
  }
}
