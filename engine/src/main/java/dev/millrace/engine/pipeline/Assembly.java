package dev.millrace.engine.pipeline;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.metric.Metrics;
import dev.millrace.core.node.DurableSink;
import dev.millrace.core.node.Node;
import dev.millrace.core.node.ReadableSink;
import dev.millrace.core.node.SourcePosition;
import dev.millrace.core.node.TriggeredSource;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.engine.EngineMetric;
import dev.millrace.engine.flow.Chain;
import dev.millrace.engine.flow.ChainListener;
import dev.millrace.engine.flow.DeadLetters;
import dev.millrace.engine.flow.Inlet;
import dev.millrace.engine.flow.NodeFailure;
import dev.millrace.engine.flow.NodeStats;
import dev.millrace.engine.flow.Stage;
import dev.millrace.engine.graph.Graph;
import dev.millrace.engine.graph.GraphNode;
import dev.millrace.engine.schedule.Host;
import dev.millrace.engine.schedule.OwnThread;
import dev.millrace.engine.tap.TapEdge;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// The parts of one run of a graph: a node instance, a context and a stage per node, a queue per
/// edge that is not fused, a chain per run of fused nodes. Made, then opened sinks first. Where the
/// graph of a run changes there is another assembly, which has the parts that stay in common with
/// the one before; [Splice] joins its parts.
final class Assembly {
  // Counts what stands in front of entries, for nobody.
  private static final Metrics UNSEEN = new Metrics();

  // Where triggers come from, as a label; no node can be called so.
  private static final String OUTSIDE = "";

  private static final int NO_SOURCE_OF_THE_GRAPH = Integer.MAX_VALUE;

  private final Surroundings around;
  private final Graph graph;
  private final Set<String> staying;
  private final RunningNode[] contexts; // by node index, as the next three
  private final Stage[] stages;
  private final @Nullable OwnThread[] threads;
  private final Chain[] chainOf;
  private final Reach reach;
  private final Links links;
  private final List<Chain> chains = new ArrayList<>();

  // Written by the starting thread, read by whoever looks at its progress.
  private final AtomicInteger openedNodes = new AtomicInteger();

  // Until the chains are joined; confined to the thread that makes the assembly.
  private @Nullable Assembly before;

  // What sources were told before anything ran: sinks are not asked again once they are at work.
  private final Map<String, OptionalLong> asked = new ConcurrentHashMap<>();

  /// For a run that begins.
  Assembly(Surroundings around, Graph graph) throws ProblemException {
    this(around, graph, null, Set.of());
    for (var run : graph.chains()) {
      add(run, chain(run));
      var wires = links.wires(run);
      chain(run.getFirst()).connect(wires.incoming(), wires.reaching(), wires.outgoing());
    }
    joinQueues();
  }

  /// The nodes `staying` are those of `before`, with all that belongs to them. Nothing of it is
  /// touched, and there are no chains yet.
  ///
  /// @throws ProblemException if an instance cannot be made
  Assembly(Surroundings around, Graph graph, @Nullable Assembly before, Set<String> staying)
      throws ProblemException {
    this.around = around;
    this.graph = graph;
    this.before = before;
    this.staying = staying;
    int size = graph.nodes().size();
    this.contexts = new RunningNode[size];
    this.stages = new Stage[size];
    this.threads = new @Nullable OwnThread[size];
    this.chainOf = new Chain[size];
    var instances = new @Nullable Node[size];
    for (var node : graph.nodes()) {
      if (!stays(node)) {
        instances[node.index()] = Instances.make(around.pipeline(), node);
      }
    }
    this.reach =
        before == null
            ? new Reach(graph, null, null, node -> false)
            : new Reach(graph, before.reach, before.graph, this::stays);
    this.links = new Links(around, graph, reach, before == null ? List.of() : before.links.all());
    if (before != null) {
      asked.putAll(before.asked);
    }
    showPlaces();
    for (var node : graph.nodes()) {
      place(node, instances[node.index()]);
    }
  }

  /// `made` is null for a node that stays.
  private void place(GraphNode node, @Nullable Node made) {
    int index = node.index();
    var old = before;
    var there = old == null ? null : old.graph.find(node.id()).orElse(null);
    if (old != null && there != null && stays(node)) {
      contexts[index] = old.contexts[there.index()];
      stages[index] = old.stages[there.index()];
      threads[index] = old.threads[there.index()];
      return;
    }
    var clock = around.runtime().clock();
    var metrics = around.services().metrics();
    contexts[index] =
        new RunningNode(
            around.pipeline(),
            node.id(),
            clock,
            around.services(),
            stream -> resume(node, stream),
            graph.inputs(node),
            old == null || there == null ? null : old.contexts[there.index()]);
    var stats =
        old == null || there == null
            ? new NodeStats(metrics, around.pipeline(), node.id())
            : old.stages[there.index()].stats();
    stages[index] =
        new Stage(
            node.id(),
            Objects.requireNonNull(made),
            stats,
            clock,
            around.tracing(),
            node.fresh(),
            node.supervision(),
            metrics);
    var taps = around.taps().point(node.id());
    contexts[index].lends(stages[index].wire(around.runtime().samples(), taps));
    contexts[index].wakes(() -> {}); // its chain will look anyway when it begins
    links.letters(node).ifPresent(queue -> stages[index].sendDeadLettersTo(new DeadLetters(queue)));
    var name = "millrace-" + around.pipeline() + "-" + node.id();
    threads[index] =
        switch (node.execution()) {
          case INLINE -> null;
          case WAITING -> OwnThread.virtual(name);
          case NATIVE -> OwnThread.platform(name);
        };
  }

  /// Whether `node` is the one that was there before.
  boolean stays(GraphNode node) {
    return staying.contains(node.id());
  }

  Graph graph() {
    return graph;
  }

  Links.Wires wires(List<GraphNode> run) {
    return links.wires(run);
  }

  /// `chain` is the one of the nodes `run`.
  void add(List<GraphNode> run, Chain chain) {
    chains.add(chain);
    for (var node : run) {
      chainOf[node.index()] = chain;
      var instance = stages[node.index()].node();
      contexts[node.index()].wakes(() -> chain.wakeNode(instance));
      contexts[node.index()].resumes(stream -> resume(node, stream));
    }
  }

  /// Once all chains are there: queues wake those at their ends.
  void joinQueues() {
    for (var link : links.all()) {
      var from = graph.find(link.from()).orElseThrow();
      var to = graph.find(link.to()).orElseThrow();
      link.channel().between(chainOf[from.index()], chainOf[to.index()]);
    }
    if (before != null) {
      openedNodes.set(graph.nodes().size());
      before = null;
    }
  }

  boolean staying(String id) {
    return staying.contains(id);
  }

  /// From now on frames can be watched where this graph has nodes and edges.
  void showPlaces() {
    var places = new LinkedHashMap<String, List<TapEdge>>();
    if (before != null) {
      before.collectPlaces(places); // both, until the one has taken the other's place
    }
    collectPlaces(places);
    around.taps().rebuild(places);
  }

  private void collectPlaces(Map<String, List<TapEdge>> places) {
    for (var node : graph.nodes()) {
      var edges = new LinkedHashSet<>(places.getOrDefault(node.id(), List.of()));
      for (var edge : graph.outgoing(node)) {
        edges.add(new TapEdge(graph.nodes().get(edge.to()).id(), edge.branch()));
      }
      places.put(node.id(), List.copyOf(edges));
    }
  }

  /// Opens those of the nodes that are new, sinks first: the sources or all the others.
  void openNew(boolean sources) throws ProblemException {
    for (var node : graph.order().reversed()) {
      if (!stays(node) && node.isSource() == sources) {
        openOne(node);
      }
    }
  }

  /// Closes whatever is new, each node on its thread; does not wait.
  void abandonNew() {
    for (var node : graph.nodes()) {
      if (!stays(node)) {
        var host = host(node);
        var stage = List.of(stages[node.index()]);
        var chain = new Chain(stage, -1, 0, host, around.runtime().clock(), UNHEARD);
        chain.cancel();
        chain.launch();
      }
    }
  }

  // Hears of parts that never ran.
  private static final ChainListener UNHEARD =
      new ChainListener() {
        @Override
        public void failed(NodeFailure failure) {}

        @Override
        public void ended(Chain chain) {}
      };

  /// Opens every node, the last of the graph first, each on the thread it will run on if it has one
  /// of its own; stops when `wanted` says that nobody wants the run any more.
  void open(BooleanSupplier wanted) throws ProblemException {
    for (var node : graph.order().reversed()) {
      if (!wanted.getAsBoolean()) {
        return;
      }
      openOne(node);
      openedNodes.incrementAndGet();
    }
  }

  private void openOne(GraphNode node) throws ProblemException {
    int index = node.index();
    Callable<Boolean> opening =
        () -> {
          stages[index].open(contexts[index]);
          return true;
        };
    try {
      var own = threads[index];
      if (own != null) {
        own.call(opening);
      } else {
        opening.call();
      }
    } catch (Throwable failure) {
      if (failure instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      var problem = Instances.notOpened(around.pipeline(), node, failure);
      contexts[index].fail(problem.what());
      throw new ProblemException(problem, failure);
    }
  }

  /// How many nodes are open, of all.
  int openedNodes() {
    return openedNodes.get();
  }

  /// Where frames from outside enter, by node, in document order.
  Map<String, Inlet> inlets() {
    var inlets = new LinkedHashMap<String, Inlet>();
    for (var node : graph.nodes()) {
      var inlet = isEntry(node) ? chainOf[node.index()].inlet() : null;
      if (inlet != null) {
        inlets.put(node.id(), inlet);
      }
    }
    return inlets;
  }

  void launch() {
    chains.forEach(Chain::launch);
  }

  List<Chain> chains() {
    return chains;
  }

  List<OwnThread> threads() {
    return Arrays.stream(threads).filter(Objects::nonNull).toList();
  }

  List<Link> links() {
    return links.all();
  }

  Stage stage(GraphNode node) {
    return stages[node.index()];
  }

  RunningNode context(GraphNode node) {
    return contexts[node.index()];
  }

  Chain chain(GraphNode node) {
    return chainOf[node.index()];
  }

  /// Has the failure shown by the node it came from.
  void failed(NodeFailure failure) {
    for (var node : graph.nodes()) {
      if (node.id().equals(failure.node())) {
        contexts[node.index()].fail(String.valueOf(failure.getMessage()));
      }
    }
  }

  /// Frames handled by the last nodes of the graph.
  long framesAtTheEnd() {
    long sum = 0;
    for (var node : graph.nodes()) {
      if (graph.outgoing(node).isEmpty()) {
        sum += stages[node.index()].stats().framesIn();
      }
    }
    return sum;
  }

  /// Frames taken in so far and not yet handled, by node or by what is in front of it.
  static List<DrainReport.Left> left(List<Chain> chains) {
    var left = new ArrayList<DrainReport.Left>();
    for (var chain : chains) {
      if (!chain.over()) {
        left.add(
            new DrainReport.Left(
                chain.activeStage().id(), chain.queuedFrames() + chain.heldFrames()));
      }
    }
    return left;
  }

  /// By node, in document order.
  Map<String, NodeMetrics> metrics() {
    var counts = new LinkedHashMap<String, NodeMetrics>();
    for (var node : graph.nodes()) {
      var stats = stages[node.index()].stats();
      long frames = node.isSource() ? stats.framesOut() : stats.framesIn();
      long micros = (long) stats.averageLatencyMicros();
      counts.put(node.id(), new NodeMetrics(node.id(), frames, stats.errors(), micros));
    }
    return counts;
  }

  List<PipelineHealth.Trouble> troubles() {
    var troubles = new ArrayList<PipelineHealth.Trouble>();
    for (var node : graph.nodes()) {
      var sentence = contexts[node.index()].trouble();
      if (sentence != null) {
        troubles.add(new PipelineHealth.Trouble(node.id(), sentence));
      }
    }
    return troubles;
  }

  /// What the node `id` keeps for readers.
  Optional<List<Frame>> collected(String id) {
    for (var node : graph.nodes()) {
      if (node.id().equals(id) && stages[node.index()].node() instanceof ReadableSink sink) {
        return Optional.of(sink.frames());
      }
    }
    return Optional.empty();
  }

  /// The failure of a run that took too long, blamed on a node that was at work.
  NodeFailure overdue(List<String> atWork, String sentence) {
    var node = atWork.isEmpty() ? chains.getFirst().activeStage().id() : atWork.getFirst();
    return new NodeFailure(
        node, "its run", NodeFailure.NO_SEQUENCE, null, new TimeoutException(sentence));
  }

  /// Once all chains have ended.
  void countDiscarded() {
    inlets().forEach((node, inlet) -> countDiscarded(OUTSIDE, node, inlet.discardedFrames()));
    links
        .all()
        .forEach(link -> countDiscarded(link.from(), link.to(), link.channel().discardedFrames()));
  }

  private void countDiscarded(String from, String to, long frames) {
    if (frames > 0) {
      around
          .services()
          .metrics()
          .counter(EngineMetric.EDGE_DISCARDED_FRAMES, around.pipeline(), from, to)
          .inc(frames);
    }
  }

  /// Whether triggers enter at `node`.
  boolean isEntry(GraphNode node) {
    return stages[node.index()].node() instanceof TriggeredSource || graph.isEntry(node);
  }

  /// A chain of the nodes `run` that begins anew.
  Chain chain(List<GraphNode> run) {
    var first = run.getFirst();
    var clock = around.runtime().clock();
    var parts = new ArrayList<Stage>();
    int source = reach.number(first);
    if (hasFront(first)) {
      var unseen = new NodeStats(UNSEEN, "", "");
      parts.add(new Stage(first.id(), new TriggerEntry(), unseen, clock, around.tracing()));
      source = NO_SOURCE_OF_THE_GRAPH;
    }
    run.forEach(node -> parts.add(stages[node.index()]));
    int inlet = isEntry(first) ? graph.settings().channelCapacity() : 0;
    return new Chain(parts, source, inlet, host(first), clock, around.listener());
  }

  /// A chain of the nodes `run` at the head of which stands what stood at that of `old`.
  Chain chain(List<GraphNode> run, Chain old) {
    var first = run.getFirst();
    var parts = new ArrayList<Stage>();
    int source = reach.number(first);
    if (hasFront(first)) {
      parts.add(old.stages().getFirst());
      source = NO_SOURCE_OF_THE_GRAPH;
    }
    run.forEach(node -> parts.add(stages[node.index()]));
    var clock = around.runtime().clock();
    return new Chain(parts, old, source, host(first), clock, around.listener());
  }

  /// Whether something stands in front of `node` that passes on triggers.
  private boolean hasFront(GraphNode node) {
    return isEntry(node) && !node.isSource();
  }

  private Host host(GraphNode node) {
    var own = threads[node.index()];
    return own != null ? own : around.runtime().shared(graph.settings().priority());
  }

  /// The smallest ordinal of `stream` over the durable sinks behind `source`; they are open by the
  /// time a source asks.
  private OptionalLong resume(GraphNode source, String stream) {
    if (!source.isSource()) {
      return OptionalLong.empty();
    }
    var reached = reached(source);
    if (reached != null && reached.stream().equals(stream)) {
      return OptionalLong.of(reached.ordinal()); // a fresh instance goes on where the old one was
    }
    int number = reach.number(source);
    return asked.computeIfAbsent(number + " " + stream, any -> committed(number, stream));
  }

  /// How far the source in the place of `source` has come.
  private @Nullable SourcePosition reached(GraphNode source) {
    var chain = chainOf[source.index()];
    if (chain != null) {
      return chain.sourcePosition();
    }
    var old = before;
    if (old == null) {
      return null;
    }
    var there = old.graph.find(source.id()).filter(GraphNode::isSource);
    return there.isEmpty() ? null : old.chain(there.get()).sourcePosition();
  }

  private OptionalLong committed(int number, String stream) {
    long least = Long.MAX_VALUE;
    boolean any = false;
    for (var node : graph.nodes()) {
      if (reach.reaches(number, node) && stages[node.index()].node() instanceof DurableSink sink) {
        var committed = sink.committed(stream);
        if (committed.isEmpty()) {
          return OptionalLong.empty();
        }
        any = true;
        least = Math.min(least, committed.getAsLong());
      }
    }
    return any ? OptionalLong.of(least) : OptionalLong.empty();
  }

  /// That a change touches durable sinks only by what else it touches: one at work cannot say where
  /// a new source is to begin, and two instances of one must not be open at once.
  void checkDurable() throws Reconfiguration.Refusal {
    for (var node : graph.nodes()) {
      boolean durable = stages[node.index()].node() instanceof DurableSink;
      if (!stays(node) && durable && before != null && before.graph.find(node.id()).isPresent()) {
        throw needsNewRun("the durable sink " + node.id() + " changes");
      }
      for (var source : graph.nodes()) {
        if (durable
            && stays(node)
            && source.isSource()
            && !stays(source)
            && reach.reaches(reach.number(source), node)) {
          throw needsNewRun(
              "the durable sink "
                  + node.id()
                  + " says where the source "
                  + source.id()
                  + " begins");
        }
      }
    }
  }

  private Reconfiguration.Refusal needsNewRun(String why) {
    return Reconfiguration.refusal(ApplyReport.NEEDS_NEW_RUN, around.pipeline(), why);
  }
}
