package dev.millrace.engine.graph;

import dev.millrace.core.document.Tree;
import dev.millrace.core.node.NodeType;
import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.Problems;
import dev.millrace.core.problem.Suggestion;
import dev.millrace.core.spec.About;
import dev.millrace.core.spec.Range;
import dev.millrace.core.spec.Spec;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads the entries of `connections` (or `edges`) and checks that each joins nodes that may have
/// it.
final class EdgeReader {
  // What editors keep beside an edge; read by them, not by us.
  private static final List<String> KEYS =
      List.of(
          "from",
          "to",
          "source",
          "target",
          "capacity",
          "id",
          "sourceHandle",
          "targetHandle",
          "position",
          "data",
          "label");

  // Beyond this many problems a search for similar names costs more than it helps.
  private static final int SUGGESTIONS = 50;

  private final NodeReader nodes;
  private final int defaultCapacity;
  private final Problems problems;
  private final List<GraphEdge> edges = new ArrayList<>();
  private final Set<Long> seen = new HashSet<>();

  /// The keys of an edge that are values, not ends.
  record EdgeSettings(
      @About("Frames this edge may hold.") @Range(min = 1, max = 1_048_576)
          @Nullable Integer capacity) {}

  EdgeReader(NodeReader nodes, int defaultCapacity, Problems problems) {
    this.nodes = nodes;
    this.defaultCapacity = defaultCapacity;
    this.problems = problems;
  }

  List<GraphEdge> edges() {
    return edges;
  }

  void read(Tree tree) {
    if (!(tree instanceof Tree.Mapping mapping)) {
      problems.error(
          "E_EDGE",
          tree.location(),
          "a connection is a mapping with from and to, not " + tree.describe(),
          null);
      return;
    }
    var fields = new Fields(mapping, problems);
    fields.warnBeyond(KEYS);
    var from = end(fields, "from", "source");
    var to = end(fields, "to", "target");
    var capacity = capacity(mapping);
    if (from == null || to == null) {
      return;
    }
    if (from.equals(to)) {
      problems.error(
          "E_SELF_LOOP",
          mapping.location(),
          "the node " + from.id() + " is connected to itself",
          "Remove the connection; a graph has no cycles.");
      return;
    }
    roles(mapping.location(), from, to);
    if (!seen.add((long) from.index() << 32 | to.index())) {
      problems.warning(
          "W_DUP_EDGE",
          mapping.location(),
          from.id() + " -> " + to.id() + " stands here before; each frame arrives once per edge",
          "Remove one.");
    }
    edges.add(
        new GraphEdge(
            from.index(),
            to.index(),
            capacity == null ? defaultCapacity : capacity,
            capacity != null));
  }

  private NodeReader.@Nullable Declared end(Fields fields, String name, String alias) {
    var id = fields.text("E_EDGE", "Connection missing " + name, name, alias);
    if (id == null) {
      return null;
    }
    var node = nodes.find(id);
    if (node == null) {
      var close =
          problems.errorCount() < SUGGESTIONS
              ? Suggestion.closest(id, nodes.ids()).map(near -> "Did you mean " + near + "?")
              : java.util.Optional.<String>empty();
      problems.error(
          "E_UNKNOWN_NODE",
          fields.at(name, alias),
          "the " + name + " end names " + id + ", and no node has that id",
          close.orElse("Declare the node or remove the connection."));
    }
    return node;
  }

  private @Nullable Integer capacity(Tree.Mapping mapping) {
    var given = mapping.get("capacity");
    if (given == null) {
      return null;
    }
    var entries = new LinkedHashMap<String, Tree>(Map.of("capacity", given));
    var only = new Tree.Mapping(mapping.location(), entries, Map.of());
    return Spec.of(EdgeSettings.class)
        .read(only, problems)
        .map(EdgeSettings::capacity)
        .orElse(null);
  }

  private void roles(Location at, NodeReader.Declared from, NodeReader.Declared to) {
    if (from.type() != null && from.type().role() == NodeType.Role.SINK) {
      problems.error(
          "E_PORT",
          at,
          from.id() + " is a sink (" + from.type().name() + ") and has nothing to give",
          "Connect the node in front of it to " + to.id() + ".");
    }
    if (to.type() != null && to.type().role() == NodeType.Role.SOURCE) {
      problems.error(
          "E_PORT",
          at,
          to.id() + " is a source (" + to.type().name() + ") and takes nothing in",
          "Turn the connection round or remove it.");
    }
  }
}
