package dev.millrace.engine.checkpoint;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.time.Clock;
import dev.millrace.engine.EngineMetric;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Brings the checkpoints of one run to the disk, on a thread of its own, and keeps the books. A
/// disk that is full or fails costs that checkpoint and nothing else. Safe from any thread.
public final class CheckpointWriter implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(CheckpointWriter.class);
  private static final long LOG_PAUSE_NANOS = Duration.ofSeconds(10).toNanos();

  // How long a run that ends waits for a disk; real time, as the thread that waits is a real one.
  private static final long PATIENCE_SECONDS = 10;

  private final CheckpointStore store;
  private final String pipeline;
  private final Metrics metrics;
  private final Clock clock;
  private final Runnable whenWritten;
  private final ExecutorService thread;
  private final AtomicInteger waiting = new AtomicInteger(); // writes that are not through

  // Written under this, read by anybody.
  private volatile CheckpointStatus status = new CheckpointStatus(0, 0, 0, 0, 0, null);
  private long loggedNanos; // guarded by this, as the next
  private long unlogged = -1; // failures since the last line about one; -1 before the first

  /// `whenWritten` is run after each checkpoint, on the writing thread.
  public CheckpointWriter(
      CheckpointStore store, String pipeline, Metrics metrics, Clock clock, Runnable whenWritten) {
    this.store = store;
    this.pipeline = pipeline;
    this.metrics = metrics;
    this.clock = clock;
    this.whenWritten = whenWritten;
    var factory =
        Thread.ofPlatform().daemon().name("millrace-" + pipeline + "-checkpoints").factory();
    this.thread = Executors.newSingleThreadExecutor(factory);
    metrics.gauge(EngineMetric.CHECKPOINT_BYTES, () -> status.bytes(), pipeline);
    metrics.gauge(EngineMetric.CHECKPOINT_TIME, () -> status.lastMicros() / 1e6, pipeline);
  }

  /// The run goes on from a checkpoint of that time.
  public synchronized void goesOnFrom(long epochMicros) {
    status = new CheckpointStatus(epochMicros, 0, 0, 0, 0, null);
  }

  public CheckpointStatus status() {
    var now = status;
    long last = now.lastMicros();
    long age = last == 0 ? 0 : Math.max(0, clock.epochMicros() - last);
    return new CheckpointStatus(last, age, now.bytes(), now.written(), now.failed(), now.trouble());
  }

  /// Whether one is on its way to the disk.
  boolean busy() {
    return waiting.get() > 0;
  }

  /// Hands a checkpoint over that was begun at `beganNanos`.
  void write(Checkpoint checkpoint, long beganNanos) {
    waiting.incrementAndGet();
    try {
      thread.execute(() -> writeNow(checkpoint, beganNanos));
    } catch (RejectedExecutionException closed) {
      waiting.decrementAndGet();
    }
  }

  private void writeNow(Checkpoint checkpoint, long beganNanos) {
    try {
      long bytes = store.write(checkpoint);
      long took = clock.nanoTime() - beganNanos;
      metrics.seconds(EngineMetric.CHECKPOINT_SECONDS, pipeline).observe(took / 1e9);
      metrics.counter(EngineMetric.CHECKPOINTS, pipeline, "written").inc();
      written(checkpoint, bytes, took);
      whenWritten.run();
    } catch (IOException | RuntimeException failure) {
      failed(checkpoint.id(), "it could not be written to " + store.folder() + ": " + failure);
    } finally {
      waiting.decrementAndGet();
    }
  }

  private synchronized void written(Checkpoint checkpoint, long bytes, long tookNanos) {
    var before = status;
    status =
        new CheckpointStatus(
            checkpoint.epochMicros(), 0, bytes, before.written() + 1, before.failed(), null);
    if (before.trouble() != null) {
      unlogged = -1;
      log.info("{}: checkpoints are written again", pipeline);
    }
    log.debug(
        "{}: checkpoint {} of {} nodes, {} bytes, in {} ms",
        pipeline,
        checkpoint.id(),
        checkpoint.nodes().size(),
        bytes,
        tookNanos / 1_000_000);
  }

  /// Counts a checkpoint that came to nothing, and logs it, rarely.
  synchronized void failed(long id, String why) {
    metrics.counter(EngineMetric.CHECKPOINTS, pipeline, "failed").inc();
    var before = status;
    status =
        new CheckpointStatus(
            before.lastMicros(), 0, before.bytes(), before.written(), before.failed() + 1, why);
    long now = clock.nanoTime();
    if (unlogged >= 0 && now - loggedNanos < LOG_PAUSE_NANOS) {
      unlogged++;
      return;
    }
    log.atWarn()
        .addKeyValue("pipeline", pipeline)
        .log(
            "{}: the checkpoint {} failed, the last good one stays: {}{}",
            pipeline,
            id,
            why,
            unlogged <= 0 ? "" : " (and " + unlogged + " more since the last such line)");
    loggedNanos = now;
    unlogged = 0;
  }

  /// The run has come to its end by itself: the next one begins anew.
  public void removeAll() {
    thread.execute(
        () -> {
          try {
            store.removeAll();
          } catch (IOException failure) {
            log.warn(
                "{}: its checkpoints could not be removed, so the next start goes on from them: {}",
                pipeline,
                failure.toString());
          }
        });
  }

  /// Nothing more is handed over.
  public void finish() {
    thread.shutdown();
  }

  /// What was handed over is on the disk when this returns, unless the disk takes too long. A
  /// second call does nothing.
  @Override
  public void close() {
    thread.shutdown();
    try {
      if (!thread.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        log.warn("{}: its last checkpoint is not on the disk yet; nobody waits longer", pipeline);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    metrics.removeGauge(EngineMetric.CHECKPOINT_BYTES, pipeline);
    metrics.removeGauge(EngineMetric.CHECKPOINT_TIME, pipeline);
  }
}
