package dev.millrace.engine.graph;

import dev.millrace.core.node.Execution;
import dev.millrace.core.node.Node;
import dev.millrace.core.node.NodeType;
import dev.millrace.engine.supervise.Supervision;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A node of a validated graph. `index` is its place in the document. `fresh` makes a new instance
/// with the node's config, one for each run and for each restart.
///
/// At least `workersMin` and at most `workersMax` instances share the work; `ordered` says that
/// their frames go on in the order they came. `parallelism` is the same as `workersMax`. `version`
/// tells states of the node apart that do not fit together.
public record GraphNode(
    int index,
    String id,
    NodeType<?> type,
    Record config,
    Execution execution,
    Supplier<Node> fresh,
    Supervision supervision,
    int parallelism,
    int workersMin,
    int workersMax,
    boolean ordered,
    String version,
    @Nullable EventTime eventTime) {

  public boolean isSource() {
    return type.role() == NodeType.Role.SOURCE;
  }
}
