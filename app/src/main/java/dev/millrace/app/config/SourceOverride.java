package dev.millrace.app.config;

import dev.millrace.core.document.Tree;
import dev.millrace.core.node.NodeCatalogue;
import dev.millrace.core.node.NodeType;
import dev.millrace.core.problem.Location;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;

/// Puts another source in the place of every live one: a recording for `--replay`, a simulation for
/// `demo`. The rest of the graph stays as it is written.
public record SourceOverride(String type, Map<String, String> config) {

  /// The graph with its live sources replaced; the same graph when it has none.
  public Tree apply(Tree graph, NodeCatalogue catalogue) {
    if (!(graph instanceof Tree.Mapping root)
        || !(root.get("nodes") instanceof Tree.Sequence nodes)) {
      return graph; // the graph's reader says what is wrong with it
    }
    if (nodes.items().stream().noneMatch(node -> isLive(node, catalogue))) {
      return graph;
    }
    var replaced = new ArrayList<Tree>();
    nodes.items().forEach(node -> replaced.add(isLive(node, catalogue) ? replace(node) : node));
    return root.with("nodes", new Tree.Sequence(nodes.location(), replaced));
  }

  private static boolean isLive(Tree node, NodeCatalogue catalogue) {
    return node instanceof Tree.Mapping mapping
        && mapping.get("type") instanceof Tree.Scalar scalar
        && scalar.value() instanceof String name
        && catalogue.find(name).map(NodeType::live).orElse(false);
  }

  private Tree replace(Tree node) {
    var mapping = (Tree.Mapping) node;
    var location = mapping.location();
    var values = new LinkedHashMap<String, Tree>();
    config.forEach((key, value) -> values.put(key, loose(location, value)));
    return mapping
        .with("type", loose(location, type))
        .with("config", new Tree.Mapping(location, values, Map.of()));
  }

  private static Tree loose(Location location, String text) {
    return Tree.Scalar.loose(location, text);
  }
}
