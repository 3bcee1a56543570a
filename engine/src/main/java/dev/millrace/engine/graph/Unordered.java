package dev.millrace.engine.graph;

import dev.millrace.core.problem.Problem;
import dev.millrace.core.problem.Problems;
import dev.millrace.engine.graph.NodeReader.Declared;
import java.util.List;

/// Refuses pools that give up the order of frames in front of a sink that keeps positions: it takes
/// what stands at or below its position for stored.
final class Unordered {
  private Unordered() {}

  static void check(List<Declared> nodes, Topology topology, Problems problems) {
    var order = topology.order();
    var durable = new boolean[nodes.size()]; // itself, or one behind it
    for (int i = order.length - 1; i >= 0; i--) {
      int index = order[i];
      durable[index] = nodes.get(index).durable();
      for (int next : topology.next(index)) {
        durable[index] |= durable[next];
      }
      var node = nodes.get(index).node();
      if (durable[index] && node != null && !node.ordered() && node.workersMax() > 1) {
        problems.add(
            Problem.error(
                    "E_BAD_CONFIG",
                    nodes.get(index).at("workers"),
                    "node "
                        + node.id()
                        + ": workers may not give up the order in front of a sink that keeps"
                        + " positions",
                    "Remove ordered: false.")
                .about(List.of(node.id())));
      }
    }
  }
}
