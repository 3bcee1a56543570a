package dev.millrace.engine.pipeline;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.node.Node;
import dev.millrace.core.node.TriggeredSource;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.engine.EngineMetric;
import dev.millrace.engine.flow.Chain;
import dev.millrace.engine.flow.ChainListener;
import dev.millrace.engine.flow.DeadLetters;
import dev.millrace.engine.flow.Group;
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
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
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
  private final NodeParts[] parts; // by node index, as the next one
  private final Chain[] chainOf;
  private final Reach reach;
  private final Links links;
  private final Resumption resumption;
  private final Opening opening = new Opening(this);
  private final List<Chain> chains = new ArrayList<>();

  // Until the chains are joined; confined to the thread that makes the assembly.
  private @Nullable Assembly before;

  /// For a run that begins; sources go on where they were by `from`, if it is there.
  Assembly(Surroundings around, Graph graph, @Nullable Restoring from) throws ProblemException {
    this(around, graph, null, Set.of());
    resumption.goesOnFrom(from);
    for (var run : graph.chains()) {
      add(run, chain(run));
      var wires = links.wires(run);
      chain(run.getFirst())
          .connect(wires.incoming(), wires.reaching(), wires.timed(), wires.outgoing());
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
    this.parts = new NodeParts[size];
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
    this.resumption = new Resumption(this, before == null ? null : before.resumption);
    showPlaces();
    for (var node : graph.nodes()) {
      parts[node.index()] = place(node, instances[node.index()]);
    }
  }

  /// `made` is null for a node that stays.
  private NodeParts place(GraphNode node, @Nullable Node made) {
    var old = before;
    var there = old == null ? null : old.graph.find(node.id()).orElse(null);
    var was = old == null || there == null ? null : old.parts[there.index()];
    if (was != null && stays(node)) {
      return was;
    }
    var fresh =
        NodeParts.of(
            around,
            graph,
            node,
            Objects.requireNonNull(made),
            stream -> resumption.after(node, stream),
            was);
    links.letters(node).ifPresent(queue -> fresh.stage().sendDeadLettersTo(new DeadLetters(queue)));
    return fresh;
  }

  /// Whether event time is known at `node`, or will be.
  boolean isTimed(GraphNode node) {
    return reach.isTimed(node);
  }

  /// Whether `node` is the one that was there before.
  boolean stays(GraphNode node) {
    return staying.contains(node.id());
  }

  Graph graph() {
    return graph;
  }

  Surroundings around() {
    return around;
  }

  Reach reach() {
    return reach;
  }

  /// The graph before this one; null once the one has taken the other's place.
  @Nullable Assembly before() {
    return before;
  }

  Opening opening() {
    return opening;
  }

  Resumption resumption() {
    return resumption;
  }

  Links.Wires wires(List<GraphNode> run) {
    return links.wires(run);
  }

  /// `chain` is the one of the nodes `run`.
  void add(List<GraphNode> run, Chain chain) {
    chains.add(chain);
    for (var node : run) {
      chainOf[node.index()] = chain;
      var instance = stage(node).node();
      context(node).wakes(() -> chain.wakeNode(instance));
      context(node).resumes(stream -> resumption.after(node, stream));
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
      opening.allOpen();
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
    around.provenance().rebuild(places);
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

  /// Closes whatever is new, each node on its thread; does not wait.
  ///
  /// @return what completes when they are closed
  CompletableFuture<Void> abandonNew() {
    var closings = new ArrayList<CompletableFuture<Void>>();
    for (var node : graph.nodes()) {
      if (!stays(node)) {
        var closed = new CompletableFuture<Void>();
        closings.add(closed);
        var stage = List.of(stage(node));
        var listener = new Unheard(closed);
        var chain = new Chain(stage, -1, 0, host(node), around.runtime().clock(), listener);
        chain.cancel();
        chain.launch();
      }
    }
    return CompletableFuture.allOf(closings.toArray(CompletableFuture[]::new));
  }

  /// Hears of a part that is closed before it ran.
  private record Unheard(CompletableFuture<Void> closed) implements ChainListener {
    @Override
    public void failed(NodeFailure failure) {}

    @Override
    public void ended(Chain chain) {
      closed.complete(null);
    }
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

  /// Threads of nodes that have one of their own, as they are now.
  List<OwnThread> threads() {
    var all = new ArrayList<OwnThread>();
    for (var part : parts) {
      if (part.thread() != null) {
        all.add(part.thread());
      }
    }
    groups().values().forEach(group -> all.addAll(group.threads()));
    return all;
  }

  /// By node, the instances of those whose work several share.
  Map<String, Group> groups() {
    var groups = new LinkedHashMap<String, Group>();
    for (var part : parts) {
      var group = part.stage().group();
      if (group != null) {
        groups.put(part.stage().id(), group);
      }
    }
    return groups;
  }

  List<Link> links() {
    return links.all();
  }

  Stage stage(GraphNode node) {
    return parts[node.index()].stage();
  }

  RunningNode context(GraphNode node) {
    return parts[node.index()].context();
  }

  /// The chain of `node`; null before there is one.
  @Nullable Chain chainIfAny(GraphNode node) {
    return chainOf[node.index()];
  }

  Chain chain(GraphNode node) {
    return chainOf[node.index()];
  }

  /// Has the failure shown by the node it came from.
  void failed(NodeFailure failure) {
    for (var node : graph.nodes()) {
      if (node.id().equals(failure.node())) {
        context(node).fail(String.valueOf(failure.getMessage()));
      }
    }
  }

  /// Frames handled by the last nodes of the graph.
  long framesAtTheEnd() {
    long sum = 0;
    for (var node : graph.nodes()) {
      if (graph.outgoing(node).isEmpty()) {
        sum += stage(node).stats().framesIn();
      }
    }
    return sum;
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
    return stage(node).node() instanceof TriggeredSource || graph.isEntry(node);
  }

  /// A chain of the nodes `run` that begins anew.
  Chain chain(List<GraphNode> run) {
    var first = run.getFirst();
    var clock = around.runtime().clock();
    var inLine = new ArrayList<Stage>();
    int source = reach.number(first);
    if (hasFront(first)) {
      var unseen = new NodeStats(UNSEEN, "", "");
      inLine.add(new Stage(first.id(), new TriggerEntry(), unseen, clock, around.tracing()));
      source = NO_SOURCE_OF_THE_GRAPH;
    }
    run.forEach(node -> inLine.add(stage(node)));
    int inlet = isEntry(first) ? graph.settings().channelCapacity() : 0;
    return saving(new Chain(inLine, source, inlet, host(first), clock, around.listener()));
  }

  /// A chain of the nodes `run` at the head of which stands what stood at that of `old`.
  Chain chain(List<GraphNode> run, Chain old) {
    var first = run.getFirst();
    var inLine = new ArrayList<Stage>();
    int source = reach.number(first);
    if (hasFront(first)) {
      inLine.add(old.stages().getFirst());
      source = NO_SOURCE_OF_THE_GRAPH;
    }
    run.forEach(node -> inLine.add(stage(node)));
    var clock = around.runtime().clock();
    return saving(new Chain(inLine, old, source, host(first), clock, around.listener()));
  }

  private Chain saving(Chain chain) {
    around.checkpoints().get().ifPresent(chain::savesFor);
    return chain;
  }

  /// Whether something stands in front of `node` that passes on triggers.
  private boolean hasFront(GraphNode node) {
    return isEntry(node) && !node.isSource();
  }

  /// Where the chain of `node` runs.
  Host host(GraphNode node) {
    var own = parts[node.index()].thread();
    return own != null ? own : NodeParts.shared(around, graph);
  }
}
