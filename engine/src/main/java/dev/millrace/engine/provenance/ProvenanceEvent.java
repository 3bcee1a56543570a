package dev.millrace.engine.provenance;

import org.jspecify.annotations.Nullable;

/// One thing that happened to a traced frame at a node, or on the edge from it to the node `to`.
/// `frames` is how many the node made of it, or how many edges it went to; `why` is a few words for
/// people, null where there is nothing to say.
public record ProvenanceEvent(
    long epochMicros,
    String trace,
    long sequence,
    Kind kind,
    String node,
    @Nullable String to,
    int frames,
    @Nullable String why) {

  /// What happened.
  public enum Kind {
    /// A source made it, or it came from outside.
    CREATED,
    /// The node has handled it.
    PROCESSED,
    /// It went to several edges.
    FORKED,
    /// It is gone: the edge had no room, or the node failed on it.
    DROPPED,
    /// The node failed on it, and its dead-letter node gets it.
    DEAD_LETTERED,
    /// The node has handled it, and none follows.
    DELIVERED,
    /// Somebody put it in front of the node `to` once more.
    REPLAYED
  }
}
