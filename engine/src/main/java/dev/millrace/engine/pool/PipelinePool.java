package dev.millrace.engine.pool;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.engine.EngineMetric;
import dev.millrace.engine.flow.NodeFailure;
import dev.millrace.engine.graph.Graph;
import dev.millrace.engine.pipeline.DrainReport;
import dev.millrace.engine.pipeline.Pipeline;
import dev.millrace.engine.pipeline.PipelineServices;
import dev.millrace.engine.pipeline.PipelineState;
import dev.millrace.engine.schedule.EngineRuntime;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Executes one graph many times: each execution is a run of its own, with fresh instances of all
/// nodes, that is given its frames, drained and closed. At no instant are there more instances than
/// places; who finds none free waits, first come, first served. Safe from any thread.
///
/// Runs are called after the pool and their place, `name-0` and so on, so that metrics have few
/// labels.
public final class PipelinePool implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(PipelinePool.class);

  private final String name;
  private final Graph graph;
  private final PoolSpec spec;
  private final EngineRuntime runtime;
  private final PipelineServices services;

  // All guarded by this.
  private final ArrayDeque<Place> free = new ArrayDeque<>();
  private final ArrayDeque<Execution> waiting = new ArrayDeque<>();
  private int active;
  private boolean closed;

  /// Where one execution runs at a time. Confined to whoever has taken it from `free`.
  private static final class Place {
    private final String name;
    private @Nullable Pipeline ready;

    Place(String name) {
      this.name = name;
    }
  }

  public PipelinePool(
      String name, Graph graph, PoolSpec spec, EngineRuntime runtime, PipelineServices services) {
    this.name = name;
    this.graph = graph;
    this.spec = spec;
    this.runtime = runtime;
    this.services = services;
    for (int i = 0; i < spec.maxConcurrent(); i++) {
      free.addLast(new Place(name + "-" + i));
    }
    services.metrics().gauge(EngineMetric.POOL_ACTIVE, this::active, name);
    services.metrics().gauge(EngineMetric.POOL_WAITING, this::waiting, name);
  }

  /// Has the graph run with `triggers` in every entry. Returns at once.
  public Execution execute(Frame... triggers) {
    var execution = new Execution(this, List.of(triggers));
    Place place;
    synchronized (this) {
      if (closed) {
        execution.ends(new Outcome.Refused("the pool " + name + " is closed"));
        return execution;
      }
      place = free.pollLast(); // the one used last has an instance ready, if any has
      if (place == null) {
        if (waiting.size() < spec.maxWaiting()) {
          waiting.addLast(execution);
        } else {
          execution.ends(
              new Outcome.Refused(
                  "the pool " + name + " has " + waiting.size() + " executions waiting already"));
        }
        return execution;
      }
      active++;
    }
    Thread.ofVirtual().name("millrace-pool-" + place.name).start(() -> serve(place, execution));
    return execution;
  }

  /// Executions that run.
  public synchronized int active() {
    return active;
  }

  /// Executions that wait for a place.
  public synchronized int waiting() {
    return waiting.size();
  }

  /// Refuses whoever waits and whoever comes, and waits until those that run have drained.
  @Override
  public void close() {
    List<Execution> refused;
    synchronized (this) {
      closed = true;
      refused = List.copyOf(waiting);
      waiting.clear();
    }
    refused.forEach(one -> one.ends(new Outcome.Refused("the pool " + name + " was closed")));
    boolean interrupted = false;
    synchronized (this) {
      while (active > 0) {
        try {
          wait();
        } catch (InterruptedException later) {
          interrupted = true;
        }
      }
    }
    free.forEach(PipelinePool::clear);
    services.metrics().removeGauge(EngineMetric.POOL_ACTIVE, name);
    services.metrics().removeGauge(EngineMetric.POOL_WAITING, name);
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /// An execution that is cancelled waits no more.
  void withdraw(Execution execution) {
    boolean withdrawn;
    synchronized (this) {
      withdrawn = waiting.remove(execution);
    }
    if (withdrawn) {
      execution.ends(new Outcome.Cancelled());
    }
  }

  /// Runs `first` in `place`, then whoever waits, until nobody does.
  private void serve(Place place, Execution first) {
    for (var execution = first; execution != null; execution = next(place)) {
      Outcome outcome;
      try {
        outcome = run(place, execution);
      } catch (Throwable unexpected) {
        log.error("{}: an execution failed outside of its nodes", place.name, unexpected);
        outcome = new Outcome.Failed("the execution failed: " + unexpected, null);
      }
      execution.ends(outcome);
      if (spec.reuse() && !isClosed()) {
        prepare(place);
      }
    }
  }

  private synchronized @Nullable Execution next(Place place) {
    var next = waiting.pollFirst();
    if (next == null) {
      free.addLast(place);
      active--;
      notifyAll();
    }
    return next;
  }

  private Outcome run(Place place, Execution execution) {
    var ready = place.ready;
    place.ready = null;
    if (ready != null && !(ready.state() instanceof PipelineState.Running)) {
      ready.close(); // it failed while it waited; a fresh one says why
      ready = null;
    }
    try (var pipeline = ready == null ? fresh(place) : ready) {
      return execution.begins(pipeline)
          ? run(pipeline, ready != null, execution)
          : new Outcome.Cancelled();
    }
  }

  private Outcome run(Pipeline pipeline, boolean started, Execution execution) {
    try {
      if (!started) {
        pipeline.start();
      }
      for (var frame : execution.triggers()) {
        pipeline.trigger(frame);
      }
      var report = pipeline.drain();
      return execution.cancelled() ? new Outcome.Cancelled() : outcome(pipeline, report);
    } catch (ProblemException problem) {
      var failure = pipeline.failure();
      return execution.cancelled()
          ? new Outcome.Cancelled()
          : failure != null ? failed(failure) : failed(problem);
    } catch (InterruptedException interrupted) {
      return new Outcome.Failed("the execution was interrupted", null);
    }
  }

  private Outcome outcome(Pipeline pipeline, DrainReport report) {
    return switch (report) {
      case DrainReport.Clean(var frames) -> new Outcome.Completed(collected(pipeline), frames);
      case DrainReport.Failed(var failure) -> failed(failure);
      case DrainReport.TimedOut late ->
          new Outcome.Failed(
              "the drain ran out of time with " + late.frames() + " frames left: " + late.left(),
              null);
    };
  }

  private static Outcome failed(Exception failure) {
    return new Outcome.Failed(
        String.valueOf(failure.getMessage()), failure instanceof NodeFailure node ? node : null);
  }

  private Map<String, List<Frame>> collected(Pipeline pipeline) {
    var collected = new LinkedHashMap<String, List<Frame>>();
    for (var node : graph.nodes()) {
      pipeline.collected(node.id()).ifPresent(frames -> collected.put(node.id(), frames));
    }
    return collected;
  }

  private Pipeline fresh(Place place) {
    return new Pipeline(place.name, graph, runtime, services);
  }

  /// Starts an instance for whoever comes next. Should that fail, they meet the failure themselves.
  private void prepare(Place place) {
    var pipeline = fresh(place);
    try {
      pipeline.start();
      place.ready = pipeline;
    } catch (ProblemException problem) {
      pipeline.close();
      log.warn("{}: could not be kept ready: {}", place.name, problem.getMessage());
    }
  }

  private static void clear(Place place) {
    var ready = place.ready;
    if (ready != null) {
      ready.close();
    }
  }

  private synchronized boolean isClosed() {
    return closed;
  }
}
