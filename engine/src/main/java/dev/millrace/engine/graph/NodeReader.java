package dev.millrace.engine.graph;

import dev.millrace.core.document.Tree;
import dev.millrace.core.node.Node;
import dev.millrace.core.node.NodeCatalogue;
import dev.millrace.core.node.NodeType;
import dev.millrace.core.node.Source;
import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.Problems;
import dev.millrace.core.problem.Suggestion;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads the entries of `nodes`. Remembers every id that was declared, also of a node that is
/// broken otherwise, so that edges to it are not called wrong as well.
final class NodeReader {
  private static final String[] CONFIG = {"config", "parameters", "params"};

  // What editors keep beside a node; read by them, not by us.
  private static final List<String> KEYS =
      List.of("id", "type", "config", "parameters", "params", "position", "data", "label");

  private final NodeCatalogue catalogue;
  private final Problems problems;
  private final Map<String, Declared> byId = new LinkedHashMap<>();
  private final List<Declared> all = new ArrayList<>();

  /// A node as declared; `type` and `node` are null where that part is broken.
  record Declared(
      int index,
      String id,
      Location location,
      @Nullable NodeType<?> type,
      @Nullable GraphNode node) {}

  NodeReader(NodeCatalogue catalogue, Problems problems) {
    this.catalogue = catalogue;
    this.problems = problems;
  }

  void read(Tree tree) {
    if (!(tree instanceof Tree.Mapping mapping)) {
      problems.error(
          "E_NODES",
          tree.location(),
          "a node is a mapping with id and type, not " + tree.describe(),
          null);
      return;
    }
    var fields = new Fields(mapping, problems);
    fields.warnBeyond(KEYS);
    var id = fields.text("E_NODE_ID", "Node missing id", "id");
    var typeName = fields.text("E_NODE_TYPE", "Node missing type", "type");
    var type = typeName == null ? null : type(typeName, fields.at("type"));
    if (id == null) {
      return;
    }
    int index = all.size();
    var node = type == null ? null : node(index, id, type, fields, mapping);
    var declared = new Declared(index, id, mapping.location(), type, node);
    all.add(declared);
    var first = byId.putIfAbsent(id, declared);
    if (first != null) {
      problems.error(
          "E_DUPLICATE_ID",
          fields.at("id"),
          "the id " + id + " is taken by the node at " + first.location(),
          "Give one of them another id.");
    }
  }

  @Nullable Declared find(String id) {
    return byId.get(id);
  }

  java.util.Collection<String> ids() {
    return byId.keySet();
  }

  List<Declared> all() {
    return all;
  }

  /// The nodes, all of which are sound when no error was found.
  List<GraphNode> sound() {
    var nodes = new ArrayList<GraphNode>(all.size());
    for (var declared : all) {
      if (declared.node() != null) {
        nodes.add(declared.node());
      }
    }
    return nodes;
  }

  private @Nullable NodeType<?> type(String name, Location at) {
    var type = catalogue.find(name);
    if (type.isEmpty()) {
      problems.error(
          "E_UNKNOWN_TYPE",
          at,
          "Unknown node type: " + name,
          Suggestion.closest(name, catalogue.names())
              .map(close -> "Did you mean " + close + "?")
              .orElse("Known types: " + String.join(", ", catalogue.names()) + "."));
    }
    return type.orElse(null);
  }

  private <S extends Record> @Nullable GraphNode node(
      int index, String id, NodeType<S> type, Fields fields, Tree.Mapping mapping) {
    var given = fields.oneOf(CONFIG);
    boolean absent =
        given == null || (given instanceof Tree.Scalar scalar && scalar.value() == null);
    var tree =
        given == null || absent ? Tree.Mapping.empty(mapping.location().child("config")) : given;
    int before = problems.errorCount();
    var config = type.spec().read(tree, problems).orElse(null);
    if (config == null || problems.errorCount() > before) {
      return null;
    }
    var made = create(id, type, config, mapping.location());
    return made == null
        ? null
        : new GraphNode(
            index, id, type, config, made.execution(), () -> type.factory().apply(config));
  }

  /// Constructs the node once to see that it can be, and where it runs.
  private <S extends Record> @Nullable Node create(
      String id, NodeType<S> type, S config, Location at) {
    try {
      var node = type.factory().apply(config);
      if (node instanceof Source == (type.role() == NodeType.Role.SOURCE)) {
        return node;
      }
      problems.error(
          "E_NODE_CREATE",
          at,
          "the type " + type.name() + " is declared a " + type.role() + " and makes another kind",
          "This is a fault of the plugin that brings the type.");
    } catch (RuntimeException | LinkageError failure) {
      problems.error("E_NODE_CREATE", at, "node " + id + " could not be made: " + failure, null);
    }
    return null;
  }
}
