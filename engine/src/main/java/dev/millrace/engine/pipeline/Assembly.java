package dev.millrace.engine.pipeline;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.metric.Metrics;
import dev.millrace.core.node.DurableSink;
import dev.millrace.core.node.ReadableSink;
import dev.millrace.core.node.TriggeredSource;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.engine.EngineMetric;
import dev.millrace.engine.flow.Chain;
import dev.millrace.engine.flow.ChainListener;
import dev.millrace.engine.flow.Channel;
import dev.millrace.engine.flow.DeadLetters;
import dev.millrace.engine.flow.DroppingChannel;
import dev.millrace.engine.flow.EdgeQueue;
import dev.millrace.engine.flow.EdgeSpec;
import dev.millrace.engine.flow.Inlet;
import dev.millrace.engine.flow.NodeFailure;
import dev.millrace.engine.flow.NodeStats;
import dev.millrace.engine.flow.Outgoing;
import dev.millrace.engine.flow.Stage;
import dev.millrace.engine.flow.Tracing;
import dev.millrace.engine.graph.Graph;
import dev.millrace.engine.graph.GraphEdge;
import dev.millrace.engine.graph.GraphNode;
import dev.millrace.engine.schedule.EngineRuntime;
import dev.millrace.engine.schedule.Host;
import dev.millrace.engine.schedule.OwnThread;
import dev.millrace.engine.tap.TapEdge;
import dev.millrace.engine.tap.TapHub;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/// The parts of one run of a graph: a node instance, a context and a stage per node, a chain per
/// run of fused nodes, a channel per edge that is not fused. Built, then opened sinks first.
final class Assembly {
  // Counts what stands in front of entries, for nobody.
  private static final Metrics UNSEEN = new Metrics();

  // Where triggers come from, as a label; no node can be called so.
  private static final String OUTSIDE = "";

  private final String pipeline;
  private final Graph graph;
  private final EngineRuntime runtime;
  private final PipelineServices services;
  private final RunningNode[] contexts; // by node index, as the next two
  private final Stage[] stages;
  private final Chain[] chainOf;
  private final List<Chain> chains = new ArrayList<>();
  private final List<OwnThread> threads = new ArrayList<>();
  private final List<Link> links = new ArrayList<>();
  private final int[] sourceNumber; // by node index: among the sources, or -1

  // Written by the starting thread, read by whoever looks at its progress.
  private final AtomicInteger openedNodes = new AtomicInteger();

  private final BitSet[] reaching; // by node index: the sources, by number, that lead to it

  // What sources were told before anything ran: sinks are not asked again once they are at work.
  private final Map<String, OptionalLong> asked = new ConcurrentHashMap<>();

  /// A channel and the edge it stands for.
  record Link(String from, String to, EdgeQueue channel) {}

  Assembly(
      String pipeline,
      Graph graph,
      EngineRuntime runtime,
      PipelineServices services,
      TapHub taps,
      ChainListener listener)
      throws ProblemException {
    this.pipeline = pipeline;
    this.graph = graph;
    this.runtime = runtime;
    this.services = services;
    int size = graph.nodes().size();
    this.contexts = new RunningNode[size];
    this.stages = new Stage[size];
    this.chainOf = new Chain[size];
    this.sourceNumber = sourceNumbers(graph);
    this.reaching = reaching();
    taps.rebuild(places());
    var tracing = new Tracing(pipeline, runtime::traceEvery);
    for (var node : graph.nodes()) {
      int index = node.index();
      contexts[index] =
          new RunningNode(
              pipeline,
              node.id(),
              runtime.clock(),
              services,
              stream -> resume(node, stream),
              graph.inputs(node));
      var stats = new NodeStats(services.metrics(), pipeline, node.id());
      stages[index] =
          new Stage(
              node.id(),
              Instances.make(pipeline, node),
              stats,
              runtime.clock(),
              tracing,
              node.fresh(),
              node.supervision(),
              services.metrics());
      contexts[index].lends(stages[index].wire(runtime.samples(), taps.point(node.id())));
    }
    for (var run : graph.chains()) {
      chains.add(chain(run, tracing, listener));
    }
    for (var node : graph.nodes()) {
      var chain = chainOf[node.index()];
      var instance = stages[node.index()].node();
      contexts[node.index()].wakes(() -> chain.wakeNode(instance));
    }
    connect();
  }

  /// Opens every node, the last of the graph first, each on the thread it will run on if it has one
  /// of its own; stops when `wanted` says that nobody wants the run any more.
  void open(BooleanSupplier wanted) throws ProblemException {
    for (var node : graph.order().reversed()) {
      if (!wanted.getAsBoolean()) {
        return;
      }
      int index = node.index();
      Callable<Boolean> opening =
          () -> {
            stages[index].open(contexts[index]);
            return true;
          };
      try {
        if (chainOf[index].host() instanceof OwnThread own) {
          own.call(opening);
        } else {
          opening.call();
        }
      } catch (Throwable failure) {
        if (failure instanceof InterruptedException) {
          Thread.currentThread().interrupt();
        }
        var problem = Instances.notOpened(pipeline, node, failure);
        contexts[index].fail(problem.what());
        throw new ProblemException(problem, failure);
      }
      openedNodes.incrementAndGet();
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
    return threads;
  }

  List<Link> links() {
    return links;
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
    links.forEach(link -> countDiscarded(link.from(), link.to(), link.channel().discardedFrames()));
  }

  private void countDiscarded(String from, String to, long frames) {
    if (frames > 0) {
      services
          .metrics()
          .counter(EngineMetric.EDGE_DISCARDED_FRAMES, pipeline, from, to)
          .inc(frames);
    }
  }

  private boolean isEntry(GraphNode node) {
    return stages[node.index()].node() instanceof TriggeredSource || graph.isEntry(node);
  }

  private Chain chain(List<GraphNode> run, Tracing tracing, ChainListener listener) {
    var first = run.getFirst();
    var parts = new ArrayList<Stage>();
    int source = sourceNumber[first.index()];
    if (isEntry(first) && !first.isSource()) {
      var unseen = new NodeStats(UNSEEN, "", "");
      parts.add(new Stage(first.id(), new TriggerEntry(), unseen, runtime.clock(), tracing));
      source = graph.nodes().size() + first.index(); // none of the graph's
    }
    run.forEach(node -> parts.add(stages[node.index()]));
    int inlet = isEntry(first) ? graph.settings().channelCapacity() : 0;
    var chain = new Chain(parts, source, inlet, host(first), runtime.clock(), listener);
    run.forEach(node -> chainOf[node.index()] = chain);
    return chain;
  }

  private Host host(GraphNode node) {
    var name = "millrace-" + pipeline + "-" + node.id();
    return switch (node.execution()) {
      case INLINE -> runtime.shared(graph.settings().priority());
      case WAITING -> remember(OwnThread.virtual(name));
      case NATIVE -> remember(OwnThread.platform(name));
    };
  }

  private OwnThread remember(OwnThread thread) {
    threads.add(thread);
    return thread;
  }

  private void connect() {
    var incoming = new ArrayList<List<Way>>();
    for (int i = 0; i < graph.nodes().size(); i++) {
      incoming.add(new ArrayList<>(2));
    }
    var channels = new EdgeQueue[graph.edges().size()];
    for (int i = 0; i < channels.length; i++) {
      var edge = graph.edges().get(i);
      if (chainOf[edge.from()] != chainOf[edge.to()]) {
        var from = graph.nodes().get(edge.from()).id();
        var to = graph.nodes().get(edge.to()).id();
        channels[i] = queue(edge, from, to);
        links.add(new Link(from, to, channels[i]));
        incoming.get(edge.to()).add(new Way(edge.from(), channels[i]));
      }
    }
    var outgoing = new ArrayList<List<Integer>>();
    for (int i = 0; i < graph.nodes().size(); i++) {
      outgoing.add(new ArrayList<>(2));
    }
    for (int i = 0; i < channels.length; i++) {
      outgoing.get(graph.edges().get(i).from()).add(i);
    }
    connectDeadLetters(incoming);
    for (var run : graph.chains()) {
      var in = incoming.get(run.getFirst().index());
      var out = outgoing.get(run.getLast().index());
      chainOf[run.getFirst().index()].connect(
          in.stream().map(Way::channel).toList(),
          in.stream().map(way -> reaching[way.from].stream().toArray()).toArray(int[][]::new),
          out.stream().map(i -> new Outgoing(channels[i], graph.edges().get(i).branch())).toList());
    }
  }

  /// A channel and the node it leads from.
  private record Way(int from, EdgeQueue channel) {}

  private void connectDeadLetters(List<List<Way>> incoming) {
    for (var node : graph.nodes()) {
      var taker = graph.deadLetters(node);
      if (taker.isPresent()) {
        var from = chainOf[node.index()];
        var to = chainOf[taker.get().index()];
        var channel = new Channel(graph.settings().channelCapacity(), from, to);
        stages[node.index()].sendDeadLettersTo(new DeadLetters(channel));
        incoming.get(taker.get().index()).add(new Way(node.index(), channel));
        links.add(new Link(node.id(), taker.get().id(), channel));
      }
    }
  }

  private EdgeQueue queue(GraphEdge edge, String from, String to) {
    var spec =
        new EdgeSpec(edge.capacity(), edge.overflow(), Duration.ofMillis(edge.timeoutMillis()));
    var producer = chainOf[edge.from()];
    var consumer = chainOf[edge.to()];
    if (spec.losesNothing()) {
      return new Channel(spec.capacityFrames(), producer, consumer);
    }
    var drops =
        services
            .metrics()
            .counter(
                EngineMetric.EDGE_DROPPED_FRAMES, pipeline, from, to, spec.overflow().reason());
    return new DroppingChannel(spec, runtime.clock(), producer, consumer, drops);
  }

  /// Where frames can be watched.
  private Map<String, List<TapEdge>> places() {
    var places = new LinkedHashMap<String, List<TapEdge>>();
    for (var node : graph.nodes()) {
      var edges = graph.outgoing(node).stream();
      places.put(
          node.id(),
          edges
              .map(edge -> new TapEdge(graph.nodes().get(edge.to()).id(), edge.branch()))
              .toList());
    }
    return places;
  }

  private static int[] sourceNumbers(Graph graph) {
    var numbers = new int[graph.nodes().size()];
    int next = 0;
    for (var node : graph.nodes()) {
      numbers[node.index()] = node.isSource() ? next++ : -1;
    }
    return numbers;
  }

  private BitSet[] reaching() {
    var sets = new BitSet[graph.nodes().size()];
    for (int i = 0; i < sets.length; i++) {
      sets[i] = new BitSet();
    }
    for (var node : graph.order()) {
      var set = sets[node.index()];
      if (node.isSource()) {
        set.set(sourceNumber[node.index()]);
      }
      for (var edge : graph.incoming(node)) {
        set.or(sets[edge.from()]);
      }
      graph.deadLetters(node).ifPresent(taker -> sets[taker.index()].or(set));
    }
    return sets;
  }

  /// The smallest ordinal of `stream` over the durable sinks behind `source`; they are open by the
  /// time a source asks.
  private OptionalLong resume(GraphNode source, String stream) {
    int number = sourceNumber[source.index()];
    if (number < 0) {
      return OptionalLong.empty();
    }
    var reached = chainOf[source.index()].sourcePosition();
    if (reached != null && reached.stream().equals(stream)) {
      return OptionalLong.of(reached.ordinal()); // a fresh instance goes on where the old one was
    }
    return asked.computeIfAbsent(number + " " + stream, any -> committed(number, stream));
  }

  private OptionalLong committed(int number, String stream) {
    long least = Long.MAX_VALUE;
    boolean any = false;
    for (int i = 0; i < stages.length; i++) {
      if (reaching[i].get(number) && stages[i].node() instanceof DurableSink sink) {
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
}
