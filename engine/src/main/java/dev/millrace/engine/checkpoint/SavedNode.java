package dev.millrace.engine.checkpoint;

import dev.millrace.core.node.SourcePosition;
import org.jspecify.annotations.Nullable;

/// What a checkpoint holds of one node: `bytes` as the node wrote them, null of one without state;
/// the `position` of a source that has one. `ended` says that the node had been given everything it
/// would be given, and nothing follows.
public record SavedNode(
    NodeKey key, boolean ended, @Nullable SourcePosition position, byte @Nullable [] bytes) {

  int size() {
    return bytes == null ? 0 : bytes.length;
  }
}
