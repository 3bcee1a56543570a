package dev.millrace.control.telemetry;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.time.Clock;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One job, done again and again on a virtual thread of its own, never twice at a time: a run that
/// falls due while the one before goes on is left out and counted, so a late timer makes one run
/// and never a burst. A run that fails is logged and counted, and the next one comes all the same.
///
/// Safe from any thread; nothing here waits for a run.
final class Cadence implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Cadence.class);

  private final String name;
  private final Clock clock;
  private final Runnable job;
  private final CounterDataPoint ended;
  private final CounterDataPoint skipped;
  private final CounterDataPoint failed;
  private final AtomicBoolean running = new AtomicBoolean(); // set by the timer, cleared by the run

  // Guarded by this.
  private Clock.@Nullable Timer timer;
  private int starts; // a timer that was cancelled may have fired already

  /// `name` is a metric label and part of the thread's name: a constant.
  Cadence(String name, Clock clock, Metrics metrics, Runnable job) {
    this.name = name;
    this.clock = clock;
    this.job = job;
    this.ended = metrics.counter(TelemetryMetric.RUNS, name);
    this.skipped = metrics.counter(TelemetryMetric.SKIPPED, name);
    this.failed = metrics.counter(TelemetryMetric.FAILED, name);
  }

  /// A run every `period`, the first one `first` from now, whatever was set before.
  synchronized void start(Duration first, Duration period) {
    stop();
    int start = ++starts;
    timer = clock.after(first, () -> runAndGoOn(start, period));
  }

  /// No run begins any more; one that goes on comes to its end.
  synchronized void stop() {
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
  }

  @Override
  public void close() {
    stop();
  }

  private synchronized void runAndGoOn(int start, Duration period) {
    if (timer != null && start == starts) { // else stopped just now, or started anew
      timer = clock.every(period, this::run);
      run();
    }
  }

  private void run() {
    if (!running.compareAndSet(false, true)) {
      skipped.inc();
      return;
    }
    Thread.ofVirtual().name("millrace-telemetry-" + name).start(this::runOnce);
  }

  private void runOnce() {
    try {
      job.run();
    } catch (RuntimeException failure) {
      failed.inc();
      log.error("The job {} failed; it runs again next time", name, failure);
    } finally {
      running.set(false);
      ended.inc();
    }
  }
}
