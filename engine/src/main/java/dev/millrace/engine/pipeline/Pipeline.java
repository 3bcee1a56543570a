package dev.millrace.engine.pipeline;

import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.time.Clock;
import dev.millrace.core.trace.Correlation;
import dev.millrace.engine.EngineMetric;
import dev.millrace.engine.flow.Chain;
import dev.millrace.engine.flow.ChainListener;
import dev.millrace.engine.flow.NodeFailure;
import dev.millrace.engine.graph.Graph;
import dev.millrace.engine.schedule.EngineRuntime;
import dev.millrace.engine.schedule.OwnThread;
import dev.millrace.engine.tap.Tap;
import dev.millrace.engine.tap.TapHub;
import dev.millrace.engine.tap.TapOptions;
import dev.millrace.engine.tap.TapPattern;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One run of a graph, from start to close; a further run is a further pipeline.
///
/// [#start] opens the sinks first and the sources last, so nothing flows before everything behind
/// it is ready. A pipeline ends when its sources have ended and every node has emptied its input,
/// when it is drained, when a node fails, or when it is closed. After a failure the sources are
/// stopped and whoever feeds the failed node is released; what was already behind it still arrives.
///
/// Safe from any thread; [#start], [#drain], [#awaitEnd] and [#close] block.
public final class Pipeline implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Pipeline.class);

  // How long a cancelled node may take to come back before it is interrupted, and then again before
  // it is given up.
  private static final Duration GRACE = Duration.ofSeconds(2);

  private final String name;
  private final Graph graph;
  private final EngineRuntime runtime;
  private final PipelineServices services;
  private final StateHolder state;
  private final TapHub taps;
  private final CompletableFuture<PipelineState> end = new CompletableFuture<>();
  private final AtomicInteger chainsLeft = new AtomicInteger();

  // Guarded by this.
  private boolean closed;
  private @Nullable NodeFailure failure;
  private @Nullable PipelineGauges gauges;

  // Written once by start, read by anybody.
  private volatile @Nullable Assembly assembly;
  private volatile long startedNanos;

  // Written once, when the last chain has ended.
  private volatile long endedNanos = -1;

  /// `name` is the pipeline's id, its metric label and part of its threads' names.
  public Pipeline(String name, Graph graph, EngineRuntime runtime, PipelineServices services) {
    this.name = name;
    this.graph = graph;
    this.runtime = runtime;
    this.services = services;
    this.state = new StateHolder(name, runtime.clock(), services.signals());
    var missed = services.metrics().counter(EngineMetric.TAP_MISSED_FRAMES, name);
    this.taps = new TapHub(runtime.clock(), missed);
  }

  public String name() {
    return name;
  }

  public Graph graph() {
    return graph;
  }

  public PipelineState state() {
    return state.get();
  }

  /// Makes and opens all nodes and lets the sources begin. Once only.
  ///
  /// @throws ProblemException naming the node that could not be opened; whatever was opened before
  ///     it is closed again
  public void start() throws ProblemException {
    state.move(new PipelineState.Initializing());
    startedNanos = clock().nanoTime();
    Assembly made = null;
    try {
      made = new Assembly(name, graph, runtime, services, taps, new Listener());
      chainsLeft.set(made.chains().size());
      synchronized (this) {
        if (!closed) {
          gauges = new PipelineGauges(services.metrics(), name, state, made.links());
        }
        assembly = made;
      }
      made.open();
    } catch (ProblemException problem) {
      state.move(new PipelineState.Error(String.valueOf(problem.getMessage()), true));
      rollBack(made);
      throw problem;
    }
    state.move(new PipelineState.Running());
    made.launch();
    if (made.chains().isEmpty()) {
      ended();
    }
    if (isClosed()) {
      cancel(made);
    }
  }

  /// A live copy of the frames that leave the nodes or go over the edges that match, such as
  /// `gain*` or `gain->sink`; also before the start. It costs the pipeline nothing while there is
  /// none, and never holds it up.
  ///
  /// @throws IllegalArgumentException if the pattern names no node
  /// @throws IllegalStateException if too many are open
  public Tap tap(String pattern, TapOptions options) {
    return taps.open(TapPattern.parse(pattern), options);
  }

  /// [#drain(Duration)] with the time the graph's own settings allow.
  public DrainReport drain() throws InterruptedException {
    return drain(graph.settings().drainTimeout());
  }

  /// Has the sources deliver what they hold and end, waits until every node has emptied its input,
  /// and closes them all. What is left after `timeout` is discarded and reported.
  public DrainReport drain(Duration timeout) throws InterruptedException {
    var running = assembly;
    if (running == null) {
      return new DrainReport.Clean(0);
    }
    running.chains().forEach(Chain::drain);
    var late = new CompletableFuture<PipelineState>();
    var timer = clock().after(timeout, () -> late.complete(state.get()));
    try {
      var _ = CompletableFuture.anyOf(end, late).get();
    } catch (ExecutionException impossible) {
      throw new IllegalStateException("the end of a pipeline does not fail", impossible);
    } finally {
      timer.cancel();
    }
    if (end.isDone()) {
      var failed = failure();
      return failed == null
          ? new DrainReport.Clean(running.framesAtTheEnd())
          : new DrainReport.Failed(failed);
    }
    var left = left(running);
    var _ = state.tryMove(new PipelineState.Error("the drain ran out of time", true));
    cancel(running);
    awaitCancelled(running);
    return new DrainReport.TimedOut(left);
  }

  /// Waits until every node has ended and is closed, and returns the state the run came to.
  public PipelineState awaitEnd() throws InterruptedException {
    try {
      return end.get();
    } catch (ExecutionException impossible) {
      throw new IllegalStateException("the end of a pipeline does not fail", impossible);
    }
  }

  /// Completes, with the last state, when every node has ended and is closed.
  public CompletableFuture<PipelineState> end() {
    return end.copy();
  }

  /// The first failure of a node, with later ones as suppressed exceptions; null without one.
  public synchronized @Nullable NodeFailure failure() {
    return failure;
  }

  /// Ends at once: frames under way are discarded, nodes are closed. Twice does nothing more.
  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    if (assembly == null) {
      taps.close();
    }
    var running = assembly;
    if (running != null && !(state.get() instanceof PipelineState.Initializing)) {
      cancel(running);
      awaitCancelled(running);
    }
    synchronized (this) {
      if (gauges != null) {
        gauges.remove();
      }
    }
  }

  /// Healthy means running or completed, and no node in trouble.
  public PipelineHealth health() {
    var now = state.get();
    var troubles = new ArrayList<PipelineHealth.Trouble>();
    var running = assembly;
    if (running != null) {
      for (var node : graph.nodes()) {
        var sentence = running.context(node).trouble();
        if (sentence != null) {
          troubles.add(new PipelineHealth.Trouble(node.id(), sentence));
        }
      }
    }
    boolean works = now instanceof PipelineState.Running || now instanceof PipelineState.Completed;
    return new PipelineHealth(works && troubles.isEmpty(), now, troubles);
  }

  public PipelineSnapshot snapshot() {
    var running = assembly;
    if (running == null) {
      return new PipelineSnapshot(name, state.get(), uptime(), List.of(), List.of());
    }
    var readings = new Readings(graph, running, clock());
    return new PipelineSnapshot(name, state.get(), uptime(), readings.nodes(), readings.edges());
  }

  private Duration uptime() {
    if (assembly == null) {
      return Duration.ZERO;
    }
    long until = end.isDone() ? endedNanos : clock().nanoTime();
    return Duration.ofNanos(until - startedNanos);
  }

  private Clock clock() {
    return runtime.clock();
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  /// Closes what was opened before another node failed to.
  private void rollBack(@Nullable Assembly made) {
    if (made == null) {
      endedNanos = clock().nanoTime();
      taps.close();
      end.complete(state.get());
      return;
    }
    made.chains().forEach(Chain::cancel);
    made.launch();
    awaitCancelled(made);
  }

  private static void cancel(Assembly running) {
    running.chains().forEach(Chain::cancel);
  }

  /// Waits for cancelled chains; interrupts, then gives up those that do not come back. Their
  /// threads close their nodes if they ever return.
  private void awaitCancelled(Assembly running) {
    if (endsWithin(GRACE)) {
      return;
    }
    running.threads().forEach(OwnThread::interrupt);
    if (!endsWithin(GRACE)) {
      var stuck = new ArrayList<String>();
      for (var chain : running.chains()) {
        if (!chain.over()) {
          stuck.add(chain.activeStage().id());
        }
      }
      log.error("{}: these nodes did not come back and are left behind: {}", name, stuck);
      var _ = state.tryMove(new PipelineState.Error("did not come back: " + stuck, false));
      running.chains().forEach(Chain::giveUp);
    }
  }

  private boolean endsWithin(Duration patience) {
    try {
      end.get(patience.toNanos(), TimeUnit.NANOSECONDS);
      return true;
    } catch (TimeoutException late) {
      return false;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return false;
    } catch (ExecutionException impossible) {
      throw new IllegalStateException("the end of a pipeline does not fail", impossible);
    }
  }

  private static List<DrainReport.Left> left(Assembly running) {
    var left = new ArrayList<DrainReport.Left>();
    for (var chain : running.chains()) {
      if (!chain.over()) {
        left.add(
            new DrainReport.Left(
                chain.activeStage().id(), chain.queuedFrames() + chain.heldFrames()));
      }
    }
    return left;
  }

  private void ended() {
    var running = assembly;
    long frames = running == null ? 0 : running.framesAtTheEnd();
    endedNanos = clock().nanoTime();
    var _ = state.tryMove(new PipelineState.Completed(frames));
    if (running != null) {
      for (var link : running.links()) {
        long discarded = link.channel().discardedFrames();
        if (discarded > 0) {
          services
              .metrics()
              .counter(EngineMetric.EDGE_DISCARDED_FRAMES, name, link.from(), link.to())
              .inc(discarded);
        }
      }
    }
    taps.close();
    end.complete(state.get());
  }

  /// Under the id of the frame in hand, if it was traced.
  private void logFailure(NodeFailure thrown) {
    var line =
        log.atError()
            .setCause(thrown.getCause())
            .addKeyValue("pipeline", name)
            .addKeyValue("node", thrown.node());
    if (thrown.sequence() != NodeFailure.NO_SEQUENCE) {
      line = line.addKeyValue("sequence", thrown.sequence());
    }
    var traced = thrown.traceId();
    if (traced == null) {
      line.log("{}: {}; the pipeline ends", name, thrown.getMessage());
    } else {
      var marked = line.addKeyValue(Correlation.METADATA_KEY, traced);
      Correlation.run(
          traced, () -> marked.log("{}: {}; the pipeline ends", name, thrown.getMessage()));
    }
  }

  /// What the chains say, on their own threads.
  private final class Listener implements ChainListener {
    @Override
    public void failed(NodeFailure thrown) {
      logFailure(thrown);
      var running = assembly;
      if (running != null) {
        running.failed(thrown);
      }
      synchronized (Pipeline.this) {
        if (failure != null) {
          failure.addSuppressed(thrown);
          return;
        }
        failure = thrown;
      }
      var _ = state.tryMove(new PipelineState.Error(String.valueOf(thrown.getMessage()), true));
      if (running != null) {
        running.chains().forEach(Chain::stopSource);
      }
    }

    @Override
    public void ended(Chain chain) {
      if (chainsLeft.decrementAndGet() == 0) {
        Pipeline.this.ended();
      }
    }
  }
}
