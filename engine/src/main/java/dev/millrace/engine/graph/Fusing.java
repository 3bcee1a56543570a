package dev.millrace.engine.graph;

import dev.millrace.core.node.Execution;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Finds the runs of nodes that need no queue between them: each has one edge out, the next has one
/// edge in and takes no dead letters, neither may block nor shares its work among instances, and
/// the document asks nothing of the edge that takes a queue.
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

  private static @Nullable GraphNode next(Graph graph, GraphNode node, int length) {
    var out = graph.outgoing(node);
    if (length == MAX_NODES
        || graph.settings().fusion() == GraphSettings.Fusion.OFF
        || out.size() != 1
        || !out.getFirst().fusible()) {
      return null;
    }
    var next = graph.nodes().get(out.getFirst().to());
    boolean fuses =
        graph.incoming(next).size() == 1
            && !graph.takesDeadLetters(next)
            && node.parallelism() == 1
            && next.parallelism() == 1
            && node.execution() == Execution.INLINE
            && next.execution() == Execution.INLINE;
    return fuses ? next : null;
  }
}
