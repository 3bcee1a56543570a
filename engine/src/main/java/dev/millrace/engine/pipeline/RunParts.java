package dev.millrace.engine.pipeline;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.time.Clock;
import dev.millrace.engine.checkpoint.CheckpointCoordinator;
import dev.millrace.engine.graph.Graph;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// What one run consists of at the moment: its graph, the parts made for it and its checkpoints. A
/// change of the graph puts other parts in their place. Safe from any thread.
final class RunParts {
  private final String pipeline;
  private final StateHolder state;
  private final Metrics metrics;
  private final Clock clock;
  private final AtomicInteger chainsLeft = new AtomicInteger();

  private @Nullable PipelineGauges gauges; // guarded by this

  // Written by whoever changes the graph, read by anybody.
  private volatile Graph graph;

  // Written by start and by whoever changes the graph, read by anybody.
  private volatile @Nullable Assembly assembly;

  // Written by start, read by anybody.
  private volatile @Nullable RunCheckpoints checkpoints;

  RunParts(String pipeline, Graph graph, StateHolder state, Metrics metrics, Clock clock) {
    this.pipeline = pipeline;
    this.graph = graph;
    this.state = state;
    this.metrics = metrics;
    this.clock = clock;
  }

  Graph graph() {
    return graph;
  }

  /// Null before the start; other ones after a change.
  @Nullable Assembly now() {
    return assembly;
  }

  PipelineState state() {
    return state.get();
  }

  /// Null where there are none.
  @Nullable RunCheckpoints checkpoints() {
    return checkpoints;
  }

  /// Empty where there are no checkpoints.
  Optional<CheckpointCoordinator> coordinator() {
    return Optional.ofNullable(checkpoints).map(RunCheckpoints::coordinator);
  }

  /// While the run starts: it keeps checkpoints.
  void keeps(RunCheckpoints saving) {
    checkpoints = saving;
  }

  /// While the run starts: `made` are its parts, about to be opened, in place of others that did
  /// not take their states. They are shown to operators as long as `wanted` says that somebody
  /// wants the run.
  void begins(Assembly made, BooleanSupplier wanted) {
    chainsLeft.set(made.chains().size());
    synchronized (this) {
      hide();
      if (wanted.getAsBoolean()) {
        show(made);
      }
      assembly = made;
    }
  }

  /// While the run starts: those that were about to be its parts are none of it.
  void dropped() {
    assembly = null;
  }

  /// The parts run from now on, and may be saved.
  void run(Assembly made) {
    var saving = checkpoints;
    if (saving != null) {
      saving.runs(made);
    }
  }

  /// A chain has ended.
  ///
  /// @return whether it was the last
  boolean chainEnded() {
    return chainsLeft.decrementAndGet() == 0;
  }

  /// For a change: the graph is written in other words that mean the same.
  void says(Graph same) {
    graph = same;
  }

  /// For a change: there will be so many chains more that have yet to end.
  ///
  /// @return false if all have ended
  boolean grows(int chains) {
    return chainsLeft.getAndUpdate(now -> now == 0 ? 0 : now + chains) > 0;
  }

  /// For a change: these are the parts from now on.
  void becomes(Assembly after) {
    synchronized (this) {
      if (gauges != null) {
        hide();
        show(after);
      }
      graph = after.graph();
      assembly = after;
    }
    run(after);
  }

  /// Operators see nothing of the parts any more.
  synchronized void hide() {
    if (gauges != null) {
      gauges.remove();
    }
  }

  private synchronized void show(Assembly made) {
    gauges = new PipelineGauges(metrics, pipeline, state, made, clock);
  }
}
