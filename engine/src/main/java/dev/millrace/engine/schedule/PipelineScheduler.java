package dev.millrace.engine.schedule;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.time.Clock;
import dev.millrace.engine.EngineMetric;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs whole pieces of work, such as pipelines, a bounded number at a time, each on a virtual
/// thread. What waits begins by priority, and in the order it came among equals. Waiting raises it
/// by one level every [#AGEING], so that nothing waits for ever. Safe from any thread.
public final class PipelineScheduler implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(PipelineScheduler.class);

  /// How long work waits for the next level.
  public static final Duration AGEING = Duration.ofSeconds(5);

  private final int maxConcurrent;
  private final int maxPending;
  private final Clock clock;
  private final Metrics metrics;

  // All guarded by this.
  private final Map<Priority, ArrayDeque<Scheduled>> pending = new EnumMap<>(Priority.class);
  private int pendingCount;
  private int active;
  private long scheduled; // numbers the work in the order it came
  private boolean closed;

  /// What is to be done. [#run] may block; [#abort] makes it return, on another thread, and is
  /// followed by an interrupt of the thread that runs it.
  @FunctionalInterface
  public interface Work {
    void run() throws Exception;

    default void abort() {}
  }

  /// `deadline` counts from scheduling; work that has not ended by then is aborted, or never begun.
  public record Job(String name, Priority priority, @Nullable Duration deadline, Work work) {}

  /// What became of a job that was handed over.
  public enum Placement {
    STARTED,
    QUEUED,
    /// Too much waits, or the scheduler is closed.
    REFUSED
  }

  public PipelineScheduler(int maxConcurrent, int maxPending, Clock clock, Metrics metrics) {
    if (maxConcurrent < 1) {
      throw new IllegalArgumentException("max_concurrent " + maxConcurrent + " < 1");
    }
    this.maxConcurrent = maxConcurrent;
    this.maxPending = maxPending;
    this.clock = clock;
    this.metrics = metrics;
    for (var priority : Priority.values()) {
      pending.put(priority, new ArrayDeque<>());
    }
  }

  /// Begins `job` at once if there is room, else has it wait.
  public synchronized Placement schedule(Job job) {
    if (closed || (active >= maxConcurrent && pendingCount >= maxPending)) {
      return Placement.REFUSED;
    }
    var one = new Scheduled(job, scheduled++);
    if (job.deadline() != null) {
      one.timer = clock.after(job.deadline(), one::overdue);
    }
    if (active < maxConcurrent) {
      begin(one);
      return Placement.STARTED;
    }
    lane(job.priority()).addLast(one);
    pendingCount++;
    return Placement.QUEUED;
  }

  public synchronized int activeCount() {
    return active;
  }

  public synchronized int pendingCount() {
    return pendingCount;
  }

  /// Waits until nothing runs and nothing waits.
  public synchronized void awaitAll() throws InterruptedException {
    while (active > 0 || pendingCount > 0) {
      wait();
    }
  }

  /// Takes no further work and forgets what waits; what runs goes on.
  @Override
  public synchronized void close() {
    closed = true;
    for (var lane : pending.values()) {
      lane.forEach(Scheduled::cancelTimer);
      lane.clear();
    }
    pendingCount = 0;
    notifyAll();
  }

  private ArrayDeque<Scheduled> lane(Priority priority) {
    return Objects.requireNonNull(pending.get(priority));
  }

  private void begin(Scheduled one) {
    active++;
    one.thread = Thread.ofVirtual().name("millrace-job-" + one.job.name()).start(one::run);
  }

  private synchronized void ended() {
    active--;
    var next = next();
    if (next != null) {
      pendingCount--;
      begin(next);
    }
    notifyAll();
  }

  /// Of the oldest of each priority, the one of the highest level now; of several the oldest.
  private @Nullable Scheduled next() {
    Scheduled best = null;
    long now = clock.nanoTime();
    for (var lane : pending.values()) {
      var first = lane.peekFirst();
      if (first != null && (best == null || first.before(best, now))) {
        best = first;
      }
    }
    if (best != null) {
      lane(best.job.priority()).removeFirst();
    }
    return best;
  }

  /// A job on its way. Its fields are guarded by the scheduler.
  private final class Scheduled {
    private final Job job;
    private final long number;
    private final long sinceNanos = clock.nanoTime();
    private Clock.@Nullable Timer timer;
    private @Nullable Thread thread; // null while it waits
    private boolean over;

    Scheduled(Job job, long number) {
      this.job = job;
      this.number = number;
    }

    private long level(long nowNanos) {
      return Math.min(
          Priority.CRITICAL.level(),
          job.priority().level() + (nowNanos - sinceNanos) / AGEING.toNanos());
    }

    boolean before(Scheduled other, long nowNanos) {
      long mine = level(nowNanos);
      long theirs = other.level(nowNanos);
      return mine != theirs ? mine > theirs : number < other.number;
    }

    void run() {
      try {
        job.work().run();
      } catch (InterruptedException aborted) {
        log.info("{} was interrupted", job.name());
      } catch (Throwable failure) {
        log.error("{} failed; the scheduler goes on", job.name(), failure);
      } finally {
        synchronized (PipelineScheduler.this) {
          over = true;
          cancelTimer();
        }
        measure();
        ended();
      }
    }

    /// On the clock's thread, which must not wait.
    private void overdue() {
      Thread running;
      synchronized (PipelineScheduler.this) {
        if (over) {
          return;
        }
        over = true;
        running = thread;
        if (running == null && lane(job.priority()).remove(this)) {
          pendingCount--;
          PipelineScheduler.this.notifyAll();
        }
      }
      metrics.counter(EngineMetric.SCHEDULER_ABORTED, label()).inc();
      log.warn(
          "{} was aborted: its deadline of {} passed while it {}",
          job.name(),
          job.deadline(),
          running == null ? "waited" : "ran");
      if (running != null) {
        Thread.ofVirtual().name("millrace-abort-" + job.name()).start(() -> abort(running));
      }
    }

    private void abort(Thread running) {
      try {
        job.work().abort();
      } finally {
        running.interrupt();
      }
    }

    private void measure() {
      long nanos = clock.nanoTime() - sinceNanos;
      metrics.seconds(EngineMetric.SCHEDULER_LATENCY, label()).observe(nanos / 1e9);
      if (nanos > job.priority().target().toNanos()) {
        metrics.counter(EngineMetric.SCHEDULER_TARGET_MISSES, label()).inc();
      }
    }

    void cancelTimer() {
      if (timer != null) {
        timer.cancel();
      }
    }

    private String label() {
      return job.priority().name().toLowerCase(Locale.ROOT);
    }
  }
}
