package dev.millrace.engine.graph;

import dev.millrace.core.node.Execution;
import dev.millrace.core.node.Node;
import dev.millrace.core.node.NodeType;
import java.util.function.Supplier;

/// A node of a validated graph. `index` is its place in the document. `fresh` makes a new instance
/// with the node's config, one for each run.
public record GraphNode(
    int index,
    String id,
    NodeType<?> type,
    Record config,
    Execution execution,
    Supplier<Node> fresh) {

  public boolean isSource() {
    return type.role() == NodeType.Role.SOURCE;
  }
}
