package dev.millrace.engine.pipeline;

import dev.millrace.engine.EngineMetric;
import dev.millrace.engine.flow.Channel;
import dev.millrace.engine.flow.DroppingChannel;
import dev.millrace.engine.flow.EdgeQueue;
import dev.millrace.engine.flow.EdgeSpec;
import dev.millrace.engine.flow.Outgoing;
import dev.millrace.engine.flow.Overflow;
import dev.millrace.engine.graph.Graph;
import dev.millrace.engine.graph.GraphEdge;
import dev.millrace.engine.graph.GraphNode;
import dev.millrace.engine.schedule.Wakeable;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The queues of a graph, one per edge that is not fused and per way of dead letters. A queue that
/// another graph had in the same place is taken over as it is.
final class Links {
  // What has no chain yet wakes nobody.
  private static final Wakeable NOBODY = () -> {};

  private final Surroundings around;
  private final Graph graph;
  private final Reach reach;
  private final List<Link> all = new ArrayList<>();
  private final Map<Link.Place, Deque<Link>> old = new HashMap<>();
  private final Map<String, List<Link>> into = new HashMap<>();
  private final Map<String, List<Link>> outOf = new HashMap<>();
  private final int[] runOf; // by node index: the run of fused nodes it is in

  /// What a chain has in front of it and behind it.
  record Wires(
      List<EdgeQueue> incoming, int[][] reaching, boolean[] timed, List<Outgoing> outgoing) {

    /// Whether a chain with these wires does as well with the others.
    boolean serveAs(Wires other) {
      return incoming.equals(other.incoming)
          && outgoing.equals(other.outgoing)
          && Arrays.equals(timed, other.timed)
          && (incoming.size() < 2 || Arrays.deepEquals(reaching, other.reaching));
    }
  }

  Links(Surroundings around, Graph graph, Reach reach, List<Link> before) {
    this.around = around;
    this.graph = graph;
    this.reach = reach;
    before.forEach(link -> old.computeIfAbsent(link.place(), any -> new ArrayDeque<>()).add(link));
    runOf = new int[graph.nodes().size()];
    for (int run = 0; run < graph.chains().size(); run++) {
      for (var node : graph.chains().get(run)) {
        runOf[node.index()] = run;
      }
    }
    for (var edge : graph.edges()) {
      if (runOf[edge.from()] != runOf[edge.to()]) {
        all.add(link(place(edge)));
      }
    }
    for (var node : graph.nodes()) {
      graph.deadLetters(node).ifPresent(taker -> all.add(link(letters(node, taker))));
    }
    for (var link : all) {
      into.computeIfAbsent(link.to(), any -> new ArrayList<>(2)).add(link);
      outOf.computeIfAbsent(link.from(), any -> new ArrayList<>(2)).add(link);
    }
  }

  List<Link> all() {
    return all;
  }

  /// Where the dead letters of `node` go.
  Optional<EdgeQueue> letters(GraphNode node) {
    return outOf.getOrDefault(node.id(), List.of()).stream()
        .filter(link -> link.place().letters())
        .map(Link::channel)
        .findFirst();
  }

  /// The wires of a chain of these nodes.
  Wires wires(List<GraphNode> run) {
    var incoming = into.getOrDefault(run.getFirst().id(), List.of());
    var behind = outOf.getOrDefault(run.getLast().id(), List.of());
    var timed = new boolean[incoming.size()];
    for (int edge = 0; edge < timed.length; edge++) {
      timed[edge] = reach.isTimed(graph.find(incoming.get(edge).from()).orElseThrow());
    }
    return new Wires(
        incoming.stream().map(Link::channel).toList(),
        incoming.stream()
            .map(link -> reach.into(graph.find(link.from()).orElseThrow().index()))
            .toArray(int[][]::new),
        timed,
        behind.stream().filter(link -> !link.place().letters()).map(Link::outgoing).toList());
  }

  private Link link(Link.Place place) {
    var same = old.get(place);
    return same == null || same.isEmpty() ? new Link(place, queue(place)) : same.removeFirst();
  }

  private Link.Place place(GraphEdge edge) {
    return new Link.Place(
        graph.nodes().get(edge.from()).id(),
        graph.nodes().get(edge.to()).id(),
        edge.capacity(),
        edge.overflow(),
        edge.timeoutMillis(),
        edge.branch(),
        false);
  }

  private Link.Place letters(GraphNode from, GraphNode taker) {
    int capacity = graph.settings().channelCapacity();
    return new Link.Place(from.id(), taker.id(), capacity, Overflow.BLOCK, 0, null, true);
  }

  private EdgeQueue queue(Link.Place place) {
    var timeout = Duration.ofMillis(place.timeoutMillis());
    var spec = new EdgeSpec(place.capacity(), place.overflow(), timeout);
    if (spec.losesNothing()) {
      return new Channel(spec.capacityFrames(), NOBODY, NOBODY);
    }
    var drops =
        around
            .services()
            .metrics()
            .counter(
                EngineMetric.EDGE_DROPPED_FRAMES,
                around.pipeline(),
                place.from(),
                place.to(),
                spec.overflow().reason());
    var channel = new DroppingChannel(spec, around.runtime().clock(), NOBODY, NOBODY, drops);
    channel.traces(around.tracing(), place.from(), place.to());
    return channel;
  }
}
