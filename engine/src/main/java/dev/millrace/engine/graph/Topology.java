package dev.millrace.engine.graph;

import dev.millrace.core.node.NodeType;
import dev.millrace.core.problem.Problems;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.PriorityQueue;

/// What a graph's edges come to as a whole: an order, cycles, nodes that nothing reaches. Nothing
/// here recurses, so the length of a path costs no stack.
final class Topology {
  // A cycle of ten thousand nodes is named by its first few.
  private static final int NAMED_NODES = 20;

  private final List<NodeReader.Declared> nodes;
  private final EdgeReader edges;
  private final Problems problems;
  private final int[][] next;
  private final int[][] previous;
  private int[] order = new int[0];

  Topology(NodeReader nodes, EdgeReader edges, Problems problems) {
    this.nodes = nodes.all();
    this.edges = edges;
    this.problems = problems;
    this.next = adjacency(true);
    this.previous = adjacency(false);
  }

  /// Every node's index after those that lead to it; complete only without a cycle.
  int[] order() {
    return order;
  }

  /// `sound` says that nodes and edges are without errors; otherwise what they lead to means little
  /// and is not warned of.
  void check(boolean sound) {
    order = kahn();
    if (order.length < nodes.size()) {
      reportCycles();
    } else if (sound) {
      warn();
    }
  }

  private void warn() {
    var reached = reachedFromSources();
    boolean anySink = false;
    for (int i = 0; i < nodes.size(); i++) {
      var declared = nodes.get(i);
      var type = declared.type();
      if (type == null) {
        continue;
      }
      anySink |= next[i].length == 0 && type.role() != NodeType.Role.SOURCE;
      if (!reached[i]) {
        problems.warning(
            "W_UNREACHABLE",
            declared.location(),
            "no source leads to " + declared.id() + ", so it never gets a frame",
            "Connect it, or remove it.");
      } else if (type.role() == NodeType.Role.SOURCE && next[i].length == 0) {
        problems.warning(
            "W_ISOLATED",
            declared.location(),
            "nothing takes the frames of " + declared.id(),
            "Connect it, or remove it.");
      }
    }
    if (!nodes.isEmpty() && !anySink) {
      problems.warning(
          "W_NO_SINK",
          nodes.getFirst().location(),
          "no node takes frames in the end",
          "Add a sink and connect it.");
    }
  }

  /// Kahn's algorithm; among nodes that are free the one that stands first in the document.
  private int[] kahn() {
    var waitingFor = new int[nodes.size()];
    var free = new PriorityQueue<Integer>();
    for (int i = 0; i < waitingFor.length; i++) {
      waitingFor[i] = previous[i].length;
      if (waitingFor[i] == 0) {
        free.add(i);
      }
    }
    var sorted = new int[nodes.size()];
    int count = 0;
    for (var node = free.poll(); node != null; node = free.poll()) {
      sorted[count++] = node;
      for (int to : next[node]) {
        if (--waitingFor[to] == 0) {
          free.add(to);
        }
      }
    }
    return Arrays.copyOf(sorted, count);
  }

  /// Names one cycle after the other until what is left has none.
  private void reportCycles() {
    var left = new boolean[nodes.size()];
    Arrays.fill(left, true);
    for (int done : order) {
      left[done] = false;
    }
    trim(left);
    for (int start = 0; start < left.length; start++) {
      if (!left[start]) {
        continue;
      }
      var cycle = cycleFrom(start, left);
      problems.error(
          "E_CYCLE",
          nodes.get(cycle.getFirst()).location(),
          "these nodes feed each other: " + path(cycle),
          "Remove one of the connections.");
      cycle.forEach(node -> left[node] = false);
      trim(left);
      start = -1;
      if (problems.suppressed() > 0) {
        return;
      }
    }
  }

  /// Takes away, again and again, nodes that have no way in or no way out among those left.
  private void trim(boolean[] left) {
    var queue = new ArrayDeque<Integer>();
    for (int i = 0; i < left.length; i++) {
      queue.add(i);
    }
    for (var node = queue.poll(); node != null; node = queue.poll()) {
      if (left[node] && (none(previous[node], left) || none(next[node], left))) {
        left[node] = false;
        Arrays.stream(next[node]).forEach(queue::add);
        Arrays.stream(previous[node]).forEach(queue::add);
      }
    }
  }

  private static boolean none(int[] among, boolean[] left) {
    return Arrays.stream(among).noneMatch(node -> left[node]);
  }

  /// Follows edges among `left`, where every node has one, until a node comes up again.
  private List<Integer> cycleFrom(int start, boolean[] left) {
    var path = new ArrayList<Integer>();
    var place = new int[nodes.size()];
    Arrays.fill(place, -1);
    int node = start;
    while (place[node] < 0) {
      place[node] = path.size();
      path.add(node);
      node = Arrays.stream(next[node]).filter(to -> left[to]).findFirst().orElseThrow();
    }
    return path.subList(place[node], path.size());
  }

  private String path(List<Integer> cycle) {
    var text = new StringBuilder();
    for (int i = 0; i < Math.min(cycle.size(), NAMED_NODES); i++) {
      text.append(nodes.get(cycle.get(i)).id()).append(" -> ");
    }
    if (cycle.size() > NAMED_NODES) {
      text.append("… ").append(cycle.size() - NAMED_NODES).append(" more -> ");
    }
    return text.append(nodes.get(cycle.getFirst()).id()).toString();
  }

  private boolean[] reachedFromSources() {
    var reached = new boolean[nodes.size()];
    for (int node : order) {
      var type = nodes.get(node).type();
      reached[node] |= type == null || type.role() == NodeType.Role.SOURCE;
      if (reached[node]) {
        for (int to : next[node]) {
          reached[to] = true;
        }
      }
    }
    return reached;
  }

  private int[][] adjacency(boolean forward) {
    var count = new int[nodes.size()];
    for (var edge : edges.edges()) {
      count[forward ? edge.from() : edge.to()]++;
    }
    var lists = new int[nodes.size()][];
    for (int i = 0; i < lists.length; i++) {
      lists[i] = new int[count[i]];
      count[i] = 0;
    }
    for (var edge : edges.edges()) {
      int at = forward ? edge.from() : edge.to();
      lists[at][count[at]++] = forward ? edge.to() : edge.from();
    }
    return lists;
  }
}
