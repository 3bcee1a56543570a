package dev.millrace.engine.graph;

import dev.millrace.engine.flow.Overflow;
import org.jspecify.annotations.Nullable;

/// An edge between the nodes of two indexes. `ownCapacity` says that the document gives this edge a
/// capacity of its own. `timeoutMillis` is how long a blocking edge may be full before it drops, 0
/// for ever. `branch` is the only one of the first node's branches that goes this way, null for
/// all.
public record GraphEdge(
    int from,
    int to,
    int capacity,
    boolean ownCapacity,
    Overflow overflow,
    long timeoutMillis,
    @Nullable String branch) {

  /// Whether the document asks nothing of this edge that takes a queue.
  public boolean fusible() {
    return !ownCapacity && overflow == Overflow.BLOCK && timeoutMillis == 0 && branch == null;
  }
}
