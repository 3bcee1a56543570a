package dev.millrace.engine.graph;

import dev.millrace.core.document.Tree;
import dev.millrace.core.node.NodeCatalogue;
import dev.millrace.core.problem.Problems;
import dev.millrace.core.spec.Spec;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Reads one graph document, part by part, and goes on after a problem so that all are reported.
final class GraphReader {
  private static final List<String> KEYS =
      List.of("name", "pipeline_config", "nodes", "connections", "edges");

  private final NodeCatalogue catalogue;
  private final Problems problems;

  GraphReader(NodeCatalogue catalogue, Problems problems) {
    this.catalogue = catalogue;
    this.problems = problems;
  }

  Optional<Graph> read(Tree document) {
    int before = problems.errorCount();
    if (!(document instanceof Tree.Mapping mapping)) {
      problems.error(
          "E_NODES",
          document.location(),
          "a graph is a mapping with 'nodes', not " + document.describe(),
          "Write nodes: [{id: …, type: …}].");
      return Optional.empty();
    }
    var fields = new Fields(mapping, problems);
    fields.warnBeyond(KEYS);
    var settings = settings(mapping);
    var nodes = new NodeReader(catalogue, problems);
    var nodeList = list(mapping.get("nodes"), "E_NODES", "nodes", true, mapping);
    limit(nodeList, Graph.MAX_NODES, "nodes");
    nodeList.items().stream().limit(Graph.MAX_NODES).forEach(nodes::read);
    if (nodeList.items().isEmpty() && problems.errorCount() == before) {
      problems.warning("W_EMPTY", nodeList.location(), "the graph has no nodes", "Add some.");
    }
    var edgeTree = fields.oneOf("connections", "edges");
    var edgeList = list(edgeTree, "E_EDGE", "connections", false, mapping);
    limit(edgeList, Graph.MAX_EDGES, "connections");
    var edges = new EdgeReader(nodes, settings.channelCapacity(), problems);
    edgeList.items().stream().limit(Graph.MAX_EDGES).forEach(edges::read);
    var topology = new Topology(nodes, edges, problems);
    topology.check(problems.errorCount() == before);
    if (problems.errorCount() > before) {
      return Optional.empty();
    }
    var name = mapping.get("name") instanceof Tree.Scalar scalar ? scalar.value() : null;
    return Optional.of(
        new Graph(
            name == null ? "" : name.toString(),
            settings,
            nodes.sound(),
            edges.edges(),
            topology.order()));
  }

  private GraphSettings settings(Tree.Mapping mapping) {
    var given = mapping.get("pipeline_config");
    if (given == null || (given instanceof Tree.Scalar scalar && scalar.value() == null)) {
      return GraphSettings.DEFAULT;
    }
    return Spec.of(GraphSettings.class).read(given, problems).orElse(GraphSettings.DEFAULT);
  }

  private Tree.Sequence list(
      @Nullable Tree given, String code, String name, boolean required, Tree.Mapping mapping) {
    if (given instanceof Tree.Sequence sequence) {
      return sequence;
    }
    if (given != null) {
      problems.error(
          code,
          given.location(),
          "'" + name + "' wants a list, not " + given.describe(),
          "Write " + name + ": […].");
    } else if (required) {
      problems.error(
          code,
          mapping.location(),
          "the graph has no '" + name + "'",
          "Add " + name + ": [{id: …, type: …}].");
    }
    return new Tree.Sequence(mapping.location(), List.of());
  }

  private void limit(Tree.Sequence list, int most, String name) {
    if (list.items().size() > most) {
      problems.error(
          "E_LIMIT",
          list.location(),
          "the graph has " + list.items().size() + " " + name + "; at most " + most + " are run",
          "Split it into several pipelines.");
    }
  }
}
