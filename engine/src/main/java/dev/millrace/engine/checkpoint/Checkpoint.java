package dev.millrace.engine.checkpoint;

import java.util.List;
import java.util.Optional;

/// The states of a graph's nodes at one cut through its frames. `id` rises from one checkpoint of a
/// pipeline to the next, also over restarts.
public record Checkpoint(long id, long epochMicros, List<SavedNode> nodes) {
  public Checkpoint {
    nodes = List.copyOf(nodes);
  }

  /// What was saved for the node that is called so.
  public Optional<SavedNode> of(String node) {
    return nodes.stream().filter(state -> state.key().id().equals(node)).findFirst();
  }

  /// Bytes of all states together.
  long stateBytes() {
    return nodes.stream().mapToLong(SavedNode::size).sum();
  }
}
