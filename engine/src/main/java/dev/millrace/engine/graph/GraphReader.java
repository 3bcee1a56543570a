package dev.millrace.engine.graph;

import dev.millrace.core.document.Tree;
import dev.millrace.core.node.NodeCatalogue;
import dev.millrace.core.problem.Problems;
import dev.millrace.core.spec.Spec;
import dev.millrace.engine.flow.SampleLimit;
import dev.millrace.engine.supervise.ErrorPolicy;
import dev.millrace.engine.supervise.Supervision;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads one graph document, part by part, and goes on after a problem so that all are reported.
/// `problems` are this document's alone.
final class GraphReader {
  private static final List<String> KEYS =
      List.of("name", "pipeline_config", "nodes", "connections", "edges", "tests");
  private static final Set<String> STRUCTURE =
      Set.of(
          "E_NODES",
          "E_NODE_ID",
          "E_NODE_TYPE",
          "E_UNKNOWN_TYPE",
          "E_DUPLICATE_ID",
          "E_EDGE",
          "E_UNKNOWN_NODE",
          "E_CYCLE",
          "E_LIMIT");

  private final NodeCatalogue catalogue;
  private final Problems problems;

  GraphReader(NodeCatalogue catalogue, Problems problems) {
    this.catalogue = catalogue;
    this.problems = problems;
  }

  Optional<Graph> read(Tree document) {
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
    var defaults = mapping.get("pipeline_config") instanceof Tree.Mapping given ? given : null;
    var settings = settings(mapping);
    var nodes = new NodeReader(catalogue, defaults, problems);
    var nodeList = list(mapping.get("nodes"), "E_NODES", "nodes", true, mapping);
    limit(nodeList, Graph.MAX_NODES, "nodes");
    nodeList.items().stream().limit(Graph.MAX_NODES).forEach(nodes::read);
    if (nodeList.items().isEmpty() && mapping.get("nodes") instanceof Tree.Sequence) {
      problems.warning("W_EMPTY", nodeList.location(), "the graph has no nodes", "Add some.");
    }
    var edgeTree = fields.oneOf("connections", "edges");
    var edgeList = list(edgeTree, "E_EDGE", "connections", false, mapping);
    limit(edgeList, Graph.MAX_EDGES, "connections");
    var edges = new EdgeReader(nodes, settings.channelCapacity(), problems);
    edgeList.items().stream().limit(Graph.MAX_EDGES).forEach(edges::read);
    var arcs = new ArrayList<>(edges.arcs());
    arcs.addAll(DeadLetters.read(nodes, problems));
    checkDefaults(nodes.all(), settings.sampleLimit());
    var topology = new Topology(nodes.all(), arcs, problems);
    topology.check();
    Unordered.check(nodes.all(), topology, problems);
    // What a graph with missing parts comes to as a whole means little.
    if (problems.all().stream().noneMatch(problem -> STRUCTURE.contains(problem.code()))) {
      new Lint(nodes.all(), topology, problems).check();
    }
    if (problems.hasErrors()) {
      return Optional.empty();
    }
    return Optional.of(
        new Graph(
            name(fields, settings), settings, nodes.sound(), edges.edges(), topology.order()));
  }

  /// No frame that goes on in place of others may have more samples than frames may have.
  private void checkDefaults(List<NodeReader.Declared> nodes, @Nullable SampleLimit most) {
    for (var node : nodes) {
      if (most != null && node.supervision().policy() instanceof ErrorPolicy.UseDefault instead) {
        var objection = most.objection(instead.frame());
        if (objection != null) {
          problems.error(
              "E_BAD_CONFIG",
              node.at("error_policy"),
              "the frame of UseDefault " + objection,
              "Give it fewer samples, or raise max_frame_samples.");
        }
      }
    }
  }

  /// `name` stands in the `pipeline_config` or beside it.
  private static String name(Fields fields, GraphSettings settings) {
    return settings.name().isEmpty() && fields.mapping().get("name") instanceof Tree.Scalar scalar
        ? String.valueOf(scalar.value() == null ? "" : scalar.value())
        : settings.name();
  }

  private GraphSettings settings(Tree.Mapping mapping) {
    var given = mapping.get("pipeline_config");
    if (given == null || (given instanceof Tree.Scalar scalar && scalar.value() == null)) {
      return GraphSettings.DEFAULT;
    }
    var own = given;
    if (given instanceof Tree.Mapping general) {
      var _ = Supervision.read(general, null, problems); // tells once what is wrong with it
      own = general.without("error_policy").without("restart");
    }
    return Spec.of(GraphSettings.class).read(own, problems).orElse(GraphSettings.DEFAULT);
  }

  private Tree.Sequence list(
      @Nullable Tree given, String code, String name, boolean required, Tree.Mapping mapping) {
    if (given instanceof Tree.Sequence sequence) {
      return sequence;
    }
    if (given != null) { // also without a value, as in a file that is only half written
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
