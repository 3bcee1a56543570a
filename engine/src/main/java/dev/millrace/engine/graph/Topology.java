package dev.millrace.engine.graph;

import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.Problem;
import dev.millrace.core.problem.Problems;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.PriorityQueue;

/// What a graph's edges and ways of dead letters come to as a whole: an order, and cycles. Nothing
/// here recurses, so the length of a path costs no stack.
final class Topology {
  // A cycle of ten thousand nodes is named by its first few.
  private static final int NAMED_NODES = 20;

  private final List<NodeReader.Declared> nodes;
  private final List<Arc> arcs;
  private final Problems problems;
  private final int[][] next;
  private final int[][] previous;
  private int[] order = new int[0];

  Topology(List<NodeReader.Declared> nodes, List<Arc> arcs, Problems problems) {
    this.nodes = nodes;
    this.arcs = arcs;
    this.problems = problems;
    this.next = adjacency(true);
    this.previous = adjacency(false);
  }

  /// Every node's index after those that lead to it; complete only without a cycle.
  int[] order() {
    return order;
  }

  /// The nodes that an arc leads to from `node`.
  int[] next(int node) {
    return next[node];
  }

  /// The nodes from which an arc leads to `node`.
  int[] previous(int node) {
    return previous[node];
  }

  void check() {
    order = kahn();
    if (order.length < nodes.size()) {
      reportCycles();
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
      problems.add(
          Problem.error(
                  "E_CYCLE",
                  closing(cycle),
                  "these nodes feed each other: " + path(cycle),
                  "Remove one of the connections.")
              .about(cycle.stream().limit(NAMED_NODES).map(i -> nodes.get(i).id()).toList()));
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

  /// Where the way from the last node of a cycle to its first stands.
  private Location closing(List<Integer> cycle) {
    return arcs.stream()
        .filter(arc -> arc.from() == cycle.getLast() && arc.to() == cycle.getFirst())
        .findFirst()
        .orElseThrow()
        .at();
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

  private int[][] adjacency(boolean forward) {
    var count = new int[nodes.size()];
    for (var edge : arcs) {
      count[forward ? edge.from() : edge.to()]++;
    }
    var lists = new int[nodes.size()][];
    for (int i = 0; i < lists.length; i++) {
      lists[i] = new int[count[i]];
      count[i] = 0;
    }
    for (var edge : arcs) {
      int at = forward ? edge.from() : edge.to();
      lists[at][count[at]++] = forward ? edge.to() : edge.from();
    }
    return lists;
  }
}
