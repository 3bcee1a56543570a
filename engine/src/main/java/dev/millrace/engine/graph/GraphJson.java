package dev.millrace.engine.graph;

import dev.millrace.engine.flow.Overflow;
import java.util.Locale;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Draws a graph as JSON: `name`, `nodes [{id, type, execution, chain}]`, `connections [{from, to,
/// capacity, fused, strategy?, branch?}]`. Nodes with the same `chain` share a thread.
final class GraphJson {
  private GraphJson() {}

  static ObjectNode of(Graph graph) {
    var chainOf = new int[graph.nodes().size()];
    for (int i = 0; i < graph.chains().size(); i++) {
      for (var node : graph.chains().get(i)) {
        chainOf[node.index()] = i;
      }
    }
    var json = JsonNodeFactory.instance.objectNode();
    json.put("name", graph.name());
    var nodes = json.putArray("nodes");
    for (var node : graph.nodes()) {
      nodes
          .addObject()
          .put("id", node.id())
          .put("type", node.type().name())
          .put("execution", node.execution().name().toLowerCase(Locale.ROOT))
          .put("chain", chainOf[node.index()]);
    }
    var edges = json.putArray("connections");
    for (var edge : graph.edges()) {
      var drawn =
          edges
              .addObject()
              .put("from", graph.nodes().get(edge.from()).id())
              .put("to", graph.nodes().get(edge.to()).id())
              .put("capacity", edge.capacity())
              .put("fused", chainOf[edge.from()] == chainOf[edge.to()]);
      if (edge.overflow() != Overflow.BLOCK) {
        drawn.put("strategy", edge.overflow().name().toLowerCase(Locale.ROOT));
      }
      if (edge.branch() != null) {
        drawn.put("branch", edge.branch());
      }
    }
    return json;
  }
}
