package dev.millrace.engine.graph;

import dev.millrace.core.document.Tree;
import dev.millrace.core.node.DurableSink;
import dev.millrace.core.node.Node;
import dev.millrace.core.node.NodeCatalogue;
import dev.millrace.core.node.NodeType;
import dev.millrace.core.node.Source;
import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.Problem;
import dev.millrace.core.problem.Problems;
import dev.millrace.core.problem.Suggestion;
import dev.millrace.engine.supervise.Supervision;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads the entries of `nodes`. Remembers every id that was declared, also of a node that is
/// broken otherwise, so that edges to it are not called wrong as well.
final class NodeReader {
  static final String[] CONFIG = {"config", "parameters", "params"};

  // The last three are what editors keep beside a node; read by them, not by us.
  private static final List<String> KEYS =
      List.of(
          "id",
          "type",
          "config",
          "parameters",
          "params",
          "error_policy",
          "restart",
          "dead_letter",
          "parallelism",
          "workers",
          "version",
          "event_time",
          "position",
          "data",
          "label");

  private final NodeCatalogue catalogue;
  private final Tree.@Nullable Mapping defaults;
  private final Problems problems;
  private final Map<String, Declared> byId = new LinkedHashMap<>();
  private final List<Declared> all = new ArrayList<>();

  /// A node as declared; `type` and `node` are null where that part is broken. `terminal` says that
  /// it hands nothing on, `durable` that it is a sink which keeps positions.
  record Declared(
      int index,
      String id,
      Tree.Mapping mapping,
      @Nullable NodeType<?> type,
      @Nullable GraphNode node,
      Supervision supervision,
      boolean terminal,
      boolean durable) {
    Location location() {
      return mapping.location();
    }

    /// Where the value of `key` stands, or else the node.
    Location at(String key) {
      var value = mapping.get(key);
      return value == null ? mapping.location() : value.location();
    }
  }

  /// `defaults` is the `pipeline_config`.
  NodeReader(NodeCatalogue catalogue, Tree.@Nullable Mapping defaults, Problems problems) {
    this.catalogue = catalogue;
    this.defaults = defaults;
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
    var own = new Problems();
    var fields = new Fields(mapping, own);
    fields.warnBeyond(KEYS);
    var id = fields.text("E_NODE_ID", "Node missing id", "id");
    var typeName = fields.text("E_NODE_TYPE", "Node missing type", "type");
    var type = typeName == null ? null : type(typeName, fields.at("type"), own);
    if (id != null) {
      declare(id, type, fields);
    }
    own.all().forEach(found -> problems.add(id == null ? found : found.about(List.of(id))));
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

  /// Of nodes by the id a document gives, what was probably meant.
  String suggestion(String id, String otherwise) {
    // Beyond this many problems a search for similar names costs more than it helps.
    return problems.errorCount() < 50
        ? Suggestion.closest(id, byId.keySet())
            .map(near -> "Did you mean " + near + "?")
            .orElse(otherwise)
        : otherwise;
  }

  private void declare(String id, @Nullable NodeType<?> type, Fields fields) {
    var mapping = fields.mapping();
    var first = byId.get(id);
    if (first != null) {
      fields
          .problems()
          .error(
              "E_DUPLICATE_ID",
              fields.at("id"),
              "the id " + id + " is taken by the node at " + first.location(),
              "Give one of them another id.");
    }
    var config = new Problems();
    var supervision = Supervision.read(mapping, defaults, config);
    var keys = NodeKeys.read(mapping, config);
    var declared =
        type == null
            ? new Declared(all.size(), id, mapping, null, null, supervision, false, false)
            : node(id, type, fields, supervision, keys, config);
    // The sentence names the node: most of these problems are about a key that many nodes have.
    for (var found : config.all()) {
      fields
          .problems()
          .add(
              new Problem(
                  found.severity(),
                  found.code(),
                  found.location(),
                  "node " + id + ": " + found.what(),
                  found.fix()));
    }
    all.add(declared);
    byId.putIfAbsent(id, declared);
  }

  private @Nullable NodeType<?> type(String name, Location at, Problems own) {
    var type = catalogue.find(name);
    if (type.isEmpty()) {
      own.error(
          "E_UNKNOWN_TYPE",
          at,
          "Unknown node type: " + name,
          Suggestion.closest(name, catalogue.names())
              .map(close -> "Did you mean " + close + "?")
              .orElse("Known types: " + String.join(", ", catalogue.names()) + "."));
    }
    return type.orElse(null);
  }

  private <S extends Record> Declared node(
      String id,
      NodeType<S> type,
      Fields fields,
      Supervision supervision,
      NodeKeys keys,
      Problems found) {
    int index = all.size();
    var mapping = fields.mapping();
    boolean sink = type.role() == NodeType.Role.SINK;
    var given = new Fields(mapping, found).oneOf(CONFIG);
    boolean absent =
        given == null || (given instanceof Tree.Scalar scalar && scalar.value() == null);
    var tree =
        given == null || absent ? Tree.Mapping.empty(mapping.location().child("config")) : given;
    var config = type.spec().read(tree, found).orElse(null);
    var version = keys.versionText(found);
    fitting(type, keys, mapping, found);
    var made = config == null ? null : create(type, config, mapping.location(), found);
    if (config == null || made == null || found.hasErrors()) {
      return new Declared(index, id, mapping, type, null, supervision, sink, false);
    }
    var node =
        new GraphNode(
            index,
            id,
            type,
            config,
            made.execution(),
            () -> type.factory().apply(config),
            supervision,
            keys.workersMax(),
            keys.workersMin(),
            keys.workersMax(),
            keys.ordered(),
            version,
            keys.eventTime());
    boolean terminal = sink || type.terminal().test(config);
    boolean durable = made instanceof DurableSink;
    if (durable && keys.workersMax() > 1) {
      refuseWorkers(
          keys, mapping, found, "a type that keeps no positions, and " + type.name() + " does");
    }
    return new Declared(index, id, mapping, type, node, supervision, terminal, durable);
  }

  /// Whether the type may have what the entry asks of it.
  private static void fitting(
      NodeType<?> type, NodeKeys keys, Tree.Mapping mapping, Problems found) {
    if (keys.workersMax() > 1 && (!type.stateless() || type.role() == NodeType.Role.SOURCE)) {
      refuseWorkers(keys, mapping, found, "a stateless type, and " + type.name() + " is none");
    }
    if (keys.eventTime() != null && type.role() != NodeType.Role.SOURCE) {
      found.error(
          "E_BAD_CONFIG",
          mapping.keyLocation("event_time"),
          "event_time belongs to a source, and " + type.name() + " is none",
          "Move it to the sources in front of the node.");
    }
  }

  private static void refuseWorkers(
      NodeKeys keys, Tree.Mapping mapping, Problems found, String wants) {
    var key = keys.workers() == null ? "parallelism" : "workers";
    found.error(
        "E_BAD_CONFIG",
        mapping.keyLocation(key),
        key + " wants " + wants,
        "Remove it; one instance does the work.");
  }

  /// Constructs the node once to see that it can be, and where it runs.
  private <S extends Record> @Nullable Node create(
      NodeType<S> type, S config, Location at, Problems found) {
    try {
      var node = type.factory().apply(config);
      if (node instanceof Source == (type.role() == NodeType.Role.SOURCE)) {
        return node;
      }
      found.error(
          "E_NODE_CREATE",
          at,
          "the type " + type.name() + " is declared a " + type.role() + " and makes another kind",
          "This is a fault of the plugin that brings the type.");
    } catch (RuntimeException | LinkageError failure) {
      found.error("E_NODE_CREATE", at, "it could not be made: " + failure, null);
    }
    return null;
  }
}
