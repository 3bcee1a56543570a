package dev.millrace.engine.graph;

import dev.millrace.core.document.Tree;
import dev.millrace.core.json.Json;
import dev.millrace.core.node.NodeCatalogue;
import dev.millrace.core.node.NodeType;
import dev.millrace.core.spec.Masked;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// A graph document in one spelling: `connections` with `from` and `to`, `config`, types and keys
/// under their own names, in a fixed order. It says what the document says and no more, so that it
/// reads as the same graph: defaults are not written out, and what editors keep beside nodes and
/// edges stays. Secrets are masked.
public final class GraphEcho {
  private static final Map<String, String> GRAPH = Map.of("edges", "connections");
  private static final List<String> GRAPH_ORDER =
      List.of("name", "pipeline_config", "nodes", "connections", "tests");
  private static final Map<String, String> NODE =
      Map.of("parameters", "config", "params", "config");
  private static final List<String> NODE_ORDER = List.of("id", "type", "config");
  private static final Map<String, String> EDGE = Map.of("source", "from", "target", "to");
  private static final List<String> EDGE_ORDER = List.of("from", "to");

  private final NodeCatalogue catalogue;

  private GraphEcho(NodeCatalogue catalogue) {
    this.catalogue = catalogue;
  }

  /// `document` has been read without an error; anything else is echoed as far as it goes.
  public static JsonNode of(Tree document, NodeCatalogue catalogue) {
    return new GraphEcho(catalogue).graph(document);
  }

  private JsonNode graph(Tree document) {
    if (!(document instanceof Tree.Mapping mapping)) {
      return Masked.written(document);
    }
    return renamed(
        mapping,
        GRAPH,
        GRAPH_ORDER,
        (name, value) ->
            switch (name) {
              case "nodes" -> each(value, this::node);
              case "connections" -> each(value, GraphEcho::edge);
              default -> Masked.written(value);
            });
  }

  private JsonNode node(Tree tree) {
    if (!(tree instanceof Tree.Mapping mapping)) {
      return Masked.written(tree);
    }
    var type =
        mapping.get("type") instanceof Tree.Scalar scalar && scalar.value() instanceof String name
            ? catalogue.find(name).orElse(null)
            : null;
    return renamed(
        mapping,
        NODE,
        NODE_ORDER,
        (name, value) -> type == null ? Masked.written(value) : part(name, value, type));
  }

  private static JsonNode part(String name, Tree value, NodeType<?> type) {
    return switch (name) {
      case "type" -> Json.mapper().getNodeFactory().stringNode(type.name());
      case "config" -> Masked.written(value, type.spec());
      default -> Masked.written(value);
    };
  }

  private static JsonNode edge(Tree tree) {
    return tree instanceof Tree.Mapping mapping
        ? renamed(mapping, EDGE, EDGE_ORDER, (name, value) -> Masked.written(value))
        : Masked.written(tree);
  }

  private static JsonNode each(Tree list, Function<Tree, JsonNode> echo) {
    if (!(list instanceof Tree.Sequence sequence)) {
      return Masked.written(list);
    }
    var items = Json.mapper().createArrayNode();
    sequence.items().forEach(item -> items.add(echo.apply(item)));
    return items;
  }

  /// How the value of a key is echoed; the key is its own name already.
  private interface Part {
    JsonNode of(String name, Tree value);
  }

  /// First the keys of `order`, then the others as they stand.
  private static ObjectNode renamed(
      Tree.Mapping mapping, Map<String, String> aliases, List<String> order, Part part) {
    var echo = Json.mapper().createObjectNode();
    for (var name : order) {
      var value = valueOf(mapping, name, aliases);
      if (value != null) {
        echo.set(name, part.of(name, value));
      }
    }
    mapping
        .entries()
        .forEach(
            (name, value) -> {
              if (!order.contains(aliases.getOrDefault(name, name))) {
                echo.set(name, part.of(name, value));
              }
            });
    return echo;
  }

  private static @Nullable Tree valueOf(
      Tree.Mapping mapping, String name, Map<String, String> aliases) {
    var own = mapping.get(name);
    return own != null
        ? own
        : mapping.entries().entrySet().stream()
            .filter(entry -> name.equals(aliases.get(entry.getKey())))
            .map(Map.Entry::getValue)
            .findFirst()
            .orElse(null);
  }
}
