package dev.millrace.engine.pipeline;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.engine.EngineMetric;
import dev.millrace.engine.checkpoint.CheckpointCoordinator;
import dev.millrace.engine.checkpoint.CheckpointStatus;
import dev.millrace.engine.flow.Chain;
import dev.millrace.engine.flow.ChainListener;
import dev.millrace.engine.flow.NodeFailure;
import dev.millrace.engine.flow.Tracing;
import dev.millrace.engine.graph.Graph;
import dev.millrace.engine.provenance.Provenance;
import dev.millrace.engine.provenance.ProvenanceEvent;
import dev.millrace.engine.schedule.EngineRuntime;
import dev.millrace.engine.tap.Tap;
import dev.millrace.engine.tap.TapHub;
import dev.millrace.engine.tap.TapOptions;
import dev.millrace.engine.tap.TapPattern;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// One run of a graph, from start to close; a further run is a further pipeline.
///
/// [#start] opens the sinks first and the sources last, so nothing flows before everything behind
/// it is ready. A pipeline ends when its sources have ended and every node has emptied its input,
/// when it is drained, when a node fails, when its deadline passes, or when it is closed. One that
/// takes triggers does not end by itself. After a failure the sources are stopped and whoever feeds
/// the failed node is released; what was already behind it still arrives.
///
/// Safe from any thread; [#start], [#drain], [#pause], [#trigger], [#awaitEnd] and [#close] block.
public final class Pipeline implements AutoCloseable {
  /// The code of what is said of a frame from outside that is too large.
  public static final String TOO_LARGE = "E_LIMIT";

  private final String name;
  private final EngineRuntime runtime;
  private final PipelineServices services;
  private final StateHolder state;
  private final TapHub taps;
  private final Provenance provenance;
  private final Tracing tracing;
  private final Surroundings around;
  private final Entries entries;
  private final RunParts parts;
  private final Pausing pausing;
  private final Changing changing;
  private final RunEnd runEnd;
  private final Checkpoints keeps;

  private volatile long startedNanos;

  /// A run without checkpoints.
  public Pipeline(String name, Graph graph, EngineRuntime runtime, PipelineServices services) {
    this(name, graph, runtime, services, Checkpoints.NONE);
  }

  /// `name` is the pipeline's id, its metric label and part of its threads' names.
  public Pipeline(
      String name,
      Graph graph,
      EngineRuntime runtime,
      PipelineServices services,
      Checkpoints keeps) {
    this.keeps = keeps;
    this.name = name;
    this.runtime = runtime;
    this.services = services;
    this.state = new StateHolder(name, runtime.clock(), services.signals());
    var missed = services.metrics().counter(EngineMetric.TAP_MISSED_FRAMES, name);
    this.taps = new TapHub(runtime.clock(), missed);
    this.entries = new Entries(name, graph.settings().sampleLimit());
    this.pausing = new Pausing(name, state, entries, runtime.clock());
    this.provenance = new Provenance(runtime.clock(), runtime::keptTraceBytes);
    this.tracing = new Tracing(name, runtime::traceEvery, provenance);
    this.parts = new RunParts(name, graph, state, services.metrics(), runtime.clock());
    this.around =
        new Surroundings(
            name, runtime, services, taps, tracing, provenance, new Listener(), parts::coordinator);
    this.changing = new Changing(around, pausing, entries, parts);
    this.runEnd = new RunEnd(name, runtime.clock(), state, taps, entries, pausing, changing, parts);
  }

  public String name() {
    return name;
  }

  public Graph graph() {
    return parts.graph();
  }

  public PipelineState state() {
    return state.get();
  }

  /// The latest changes of state, oldest first.
  public List<PipelineStateChanged> events() {
    return state.events();
  }

  /// Makes and opens all nodes and lets the sources begin. Once only. If closed, it ends at once.
  ///
  /// @throws ProblemException naming the node that could not be opened; whatever was opened before
  ///     it is closed again
  public void start() throws ProblemException {
    state.move(new PipelineState.Initializing());
    startedNanos = runtime.clock().nanoTime();
    Assembly made;
    try {
      var spec = graph().settings().checkpoint();
      if (spec == null || keeps == Checkpoints.NONE) {
        made = open(null);
      } else {
        var saving = RunCheckpoints.of(around, spec, keeps == Checkpoints.ANEW);
        parts.keeps(saving);
        made = saving.begin(new Opener(), () -> !runEnd.isClosed());
      }
    } catch (ProblemException problem) {
      runEnd.unopened(parts.now(), String.valueOf(problem.getMessage()));
      throw problem;
    }
    if (!setRunning(made)) {
      runEnd.unopened(made, "it was closed before it ran");
      return;
    }
    runEnd.launched();
  }

  /// Makes all nodes, which go on from `from` if it is there, and opens them.
  private Assembly open(@Nullable Restoring from) throws ProblemException {
    var made = new Assembly(around, graph(), from);
    parts.begins(made, () -> !runEnd.isClosed());
    made.opening().open(() -> !runEnd.isClosed());
    return made;
  }

  Optional<CheckpointCoordinator> coordinator() {
    return parts.coordinator();
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

  /// Puts `frame` into every entry: transforms without an edge into them, and sources that take
  /// triggers. Waits while one of them is full or the pipeline is paused; callers are served in the
  /// order they came. What was accepted is handled before a [#drain] returns.
  ///
  /// @throws ProblemException if the pipeline does not run, has ended, or has no entry
  public void trigger(Frame frame) throws ProblemException, InterruptedException {
    entries.trigger(frame, null);
  }

  /// The same for the entry `node` alone.
  public void trigger(Frame frame, String node) throws ProblemException, InterruptedException {
    entries.trigger(frame, node);
  }

  /// [#trigger] that does not wait: into every entry or into none.
  ///
  /// @return false if one of them is full, others wait for it, or the pipeline is paused
  public boolean offer(Frame frame) throws ProblemException {
    return entries.offer(frame, null);
  }

  /// The same for the entry `node` alone.
  public boolean offer(Frame frame, String node) throws ProblemException {
    return entries.offer(frame, node);
  }

  /// Has every node stand still between two batches; what is in queues stays there, and sources are
  /// not asked. A node that is late by `patience` is named and stands still once it comes back.
  ///
  /// @throws IllegalStateException if the pipeline is not running
  public HoldReport pause(Duration patience) throws InterruptedException {
    coordinator().ifPresent(CheckpointCoordinator::suspend);
    boolean paused = false;
    try {
      var report = pausing.pause(patience);
      paused = true;
      return report;
    } finally {
      if (!paused) {
        coordinator().ifPresent(CheckpointCoordinator::resume);
      }
    }
  }

  /// Goes on after [#pause].
  ///
  /// @throws IllegalStateException if the pipeline is not paused
  public void resume() {
    pausing.resume();
    coordinator().ifPresent(CheckpointCoordinator::resume);
  }

  /// Changes the graph while it runs. Nodes that say the same as before, under the same id, keep
  /// their instance, state, counts and queues, and sources their position. What waits for a node
  /// that changes or leaves is handled by the old instance, which then hands on what it holds; the
  /// new one gets all that comes after. So each frame goes through the old or the new, and none is
  /// lost, doubled or overtaken. A node that changes is opened while the old one still runs.
  ///
  /// Waits for another change or a pause that is under way, and as long as a drain may take, at
  /// most 10 s, for nodes that are slow to get through their frames. A refusal changes nothing.
  public ApplyReport apply(Graph next) throws InterruptedException {
    return apply(next, services, new Accord(1));
  }

  /// The same, together with changes of other pipelines. Nodes that are new or other are lent
  /// `lent` by the process: whoever wrote `next` may not be who wrote the graph that runs.
  ///
  /// Whoever calls tells `accord` of a change that is refused or takes a new run.
  public ApplyReport apply(Graph next, PipelineServices lent, Accord accord)
      throws InterruptedException {
    return changing.apply(next, lent, accord);
  }

  /// [#drain(Duration)] with the time the graph's own settings allow.
  public DrainReport drain() throws InterruptedException {
    return drain(graph().settings().drainTimeout());
  }

  /// Takes no further trigger, has the sources deliver what they hold and end, waits until every
  /// node has emptied its input, and closes them all. What is left after `timeout` is discarded and
  /// reported. Waits for a start that is under way; ends a pause. Before the start, and a second
  /// time, it changes nothing.
  public DrainReport drain(Duration timeout) throws InterruptedException {
    if (state.get() instanceof PipelineState.Idle) {
      return new DrainReport.Clean(0);
    }
    return runEnd.drain(timeout);
  }

  /// Waits until every node has ended and is closed, and returns the state the run came to.
  public PipelineState awaitEnd() throws InterruptedException {
    return runEnd.await();
  }

  /// Completes, with the last state, when every node has ended and is closed.
  public CompletableFuture<PipelineState> end() {
    return runEnd.end().copy();
  }

  /// The first failure of a node, with later ones as suppressed exceptions; null without one.
  public @Nullable NodeFailure failure() {
    return runEnd.failure();
  }

  /// Ends at once: frames under way are discarded, nodes are closed. During a start no further node
  /// is opened, and those that were are closed after the call in hand. Twice does nothing more.
  @Override
  public void close() {
    if (runEnd.close()) {
      parts.hide();
    }
  }

  /// Removes the checkpoints of a run that is closed: nobody is to go on from them.
  public void forgetCheckpoints() {
    var kept = parts.checkpoints();
    if (kept != null) {
      kept.forget();
    }
  }

  /// How the checkpoints of the run fare; empty where there are none.
  public Optional<CheckpointStatus> checkpoints() {
    return Optional.ofNullable(parts.checkpoints()).map(RunCheckpoints::status);
  }

  /// Healthy means running or completed, and no node in trouble.
  public PipelineHealth health() {
    var now = state.get();
    var running = parts.now();
    var troubles = new ArrayList<PipelineHealth.Trouble>();
    if (running != null) {
      troubles.addAll(readings(running).troubles());
    }
    checkpoints()
        .map(CheckpointStatus::trouble)
        .ifPresent(why -> troubles.add(new PipelineHealth.Trouble("checkpoint", why)));
    boolean works = now instanceof PipelineState.Running || now instanceof PipelineState.Completed;
    return new PipelineHealth(works && troubles.isEmpty(), now, troubles);
  }

  public PipelineSnapshot snapshot() {
    var running = parts.now();
    if (running == null) {
      return new PipelineSnapshot(name, state.get(), uptime(), List.of(), List.of());
    }
    var readings = readings(running);
    return new PipelineSnapshot(name, state.get(), uptime(), readings.nodes(), readings.edges());
  }

  /// What became of traced frames: the latest events, at most `limit`, oldest first; those of one
  /// trace, unless it is null.
  public List<ProvenanceEvent> provenance(@Nullable String trace, int limit) {
    return provenance.events(trace, limit);
  }

  /// Puts `frame` in front of the node `to` as if it had come over the edge from `from`, under a
  /// trace id of its own and with the metadata `replayed`. It bears no position. Never waits.
  public ReplayOutcome replay(String from, String to, Frame frame) {
    return replay(replaying -> replaying.replay(from, to, frame));
  }

  /// The same for the last frame that the node `from` made of the traced frame `trace`, if it is
  /// still kept.
  public ReplayOutcome replay(String from, String to, String trace) {
    return replay(replaying -> replaying.replay(from, to, trace));
  }

  private ReplayOutcome replay(Function<Replaying, ReplayOutcome> put) {
    if (!pausing.turn().tryLock()) {
      return Replaying.busy(name);
    }
    try {
      return put.apply(
          new Replaying(name, state, changing.isOver(), parts.now(), provenance, tracing));
    } finally {
      pausing.turn().unlock();
    }
  }

  /// How many of the nodes are open, in percent; 100 once the pipeline runs.
  public int progressPercent() {
    var running = parts.now();
    int all = graph().nodes().size();
    return running == null ? 0 : all == 0 ? 100 : 100 * running.opening().openedNodes() / all;
  }

  /// Frames that the last nodes of the graph have handled so far.
  public long framesProcessed() {
    var running = parts.now();
    return running == null ? 0 : running.framesAtTheEnd();
  }

  /// Counts by node, in document order; empty before the start.
  public Map<String, NodeMetrics> metrics() {
    var running = parts.now();
    return running == null ? Map.of() : readings(running).metrics();
  }

  /// [#metrics] as text for people.
  public String report() {
    return NodeMetrics.report(metrics().values());
  }

  /// What the node `id` keeps for readers, also after the end; empty without such a node.
  public Optional<List<Frame>> collected(String id) {
    var running = parts.now();
    return running == null ? Optional.empty() : readings(running).collected(id);
  }

  private Readings readings(Assembly running) {
    return new Readings(running.graph(), running, runtime.clock());
  }

  private Duration uptime() {
    if (parts.now() == null) {
      return Duration.ZERO;
    }
    return Duration.ofNanos(runEnd.nanos() - startedNanos);
  }

  /// Lets everything run, unless somebody has closed the pipeline.
  private boolean setRunning(Assembly made) {
    boolean begun =
        runEnd.begin(
            graph().settings().deadline(),
            () -> {
              pausing.begin(made.chains());
              parts.run(made);
              state.move(new PipelineState.Running());
            });
    if (!begun) {
      return false;
    }
    entries.open(made.inlets());
    made.launch();
    coordinator().ifPresent(CheckpointCoordinator::start);
    if (made.chains().isEmpty()) {
      runEnd.ended();
    }
    return true;
  }

  /// For a run that goes on from a checkpoint, on the starting thread.
  private final class Opener implements RunCheckpoints.Parts {
    @Override
    public Assembly open(@Nullable Restoring from) throws ProblemException {
      return Pipeline.this.open(from);
    }

    @Override
    public void abandon(Assembly made) {
      changing.awaitClosed(made.abandonNew());
      parts.dropped();
    }
  }

  /// What the chains say, on their own threads.
  private final class Listener implements ChainListener {
    @Override
    public void failed(NodeFailure thrown) {
      FailureLog.log(name, thrown);
      var running = parts.now();
      if (running != null) {
        running.failed(thrown);
      }
      runEnd.failed(thrown);
    }

    @Override
    public void ended(Chain chain) {
      if (parts.chainEnded()) {
        runEnd.ended();
      }
    }
  }
}
