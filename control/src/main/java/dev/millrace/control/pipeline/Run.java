package dev.millrace.control.pipeline;

import dev.millrace.core.time.Clock;
import dev.millrace.engine.pipeline.DrainReport;
import dev.millrace.engine.pipeline.Pipeline;
import dev.millrace.engine.pipeline.PipelineState;
import java.time.Duration;

/// One run of a pipeline, begun or not. Safe from any thread.
final class Run {
  private final Pipeline pipeline;
  private final Clock clock;

  // Set once, by whoever ends it, before it is asked to end.
  private volatile boolean stopped;

  Run(Pipeline pipeline, Clock clock) {
    this.pipeline = pipeline;
    this.clock = clock;
  }

  Pipeline pipeline() {
    return pipeline;
  }

  PipelineState state() {
    return pipeline.state();
  }

  boolean idle() {
    return state() instanceof PipelineState.Idle;
  }

  /// Whether it has begun and not ended.
  boolean active() {
    return switch (state()) {
      case PipelineState.Initializing(), PipelineState.Running(), PipelineState.Paused() -> true;
      case PipelineState.Idle(), PipelineState.Completed _, PipelineState.Error _ -> false;
    };
  }

  /// Whether it failed by itself; what was behind the failed node may still arrive.
  boolean failed() {
    return state() instanceof PipelineState.Error && !stopped;
  }

  /// Whether nothing of it happens, any more or yet.
  boolean still() {
    return idle() || pipeline.end().isDone();
  }

  /// Whether somebody ended it.
  boolean stopped() {
    return stopped;
  }

  /// Ends it after it has handled what it took in; an interrupt does not cut that short.
  DrainReport drain(Duration patience) {
    stopped = true;
    long deadline = clock.nanoTime() + patience.toNanos();
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return pipeline.drain(Duration.ofNanos(Math.max(0, deadline - clock.nanoTime())));
        } catch (InterruptedException early) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
