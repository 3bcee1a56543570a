package dev.millrace.engine.graph;

import dev.millrace.core.node.Execution;
import java.util.ArrayList;
import java.util.List;

/// Finds the runs of nodes that need no queue between them: each has one edge out, the next has one
/// edge in, neither may block, and the document gives the edge no capacity of its own.
final class Fusing {
  /// Longest chain. Bounds how long a turn takes before its first frame has passed all stages.
  static final int MAX_NODES = 64;

  private Fusing() {}

  static List<List<GraphNode>> chains(Graph graph) {
    var taken = new boolean[graph.nodes().size()];
    var chains = new ArrayList<List<GraphNode>>();
    for (var first : graph.order()) {
      if (taken[first.index()]) {
        continue;
      }
      var chain = new ArrayList<GraphNode>();
      for (var node = first; node != null; node = next(graph, node, chain.size())) {
        taken[node.index()] = true;
        chain.add(node);
      }
      chains.add(List.copyOf(chain));
    }
    return List.copyOf(chains);
  }

  private static @org.jspecify.annotations.Nullable GraphNode next(
      Graph graph, GraphNode node, int length) {
    var out = graph.outgoing(node);
    if (length == MAX_NODES
        || graph.settings().fusion() == GraphSettings.Fusion.OFF
        || out.size() != 1
        || out.getFirst().ownCapacity()) {
      return null;
    }
    var next = graph.nodes().get(out.getFirst().to());
    boolean fuses =
        graph.incoming(next).size() == 1
            && node.execution() == Execution.INLINE
            && next.execution() == Execution.INLINE;
    return fuses ? next : null;
  }
}
