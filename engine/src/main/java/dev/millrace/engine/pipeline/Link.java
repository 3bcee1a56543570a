package dev.millrace.engine.pipeline;

import dev.millrace.engine.flow.EdgeQueue;
import dev.millrace.engine.flow.Outgoing;
import dev.millrace.engine.flow.Overflow;
import org.jspecify.annotations.Nullable;

/// A queue and what it stands for in the graph: an edge, or the way of a node's dead letters.
record Link(Place place, EdgeQueue channel) {

  /// What two edges have in common that one queue can serve. `letters` says that it is no edge.
  record Place(
      String from,
      String to,
      int capacity,
      Overflow overflow,
      long timeoutMillis,
      @Nullable String branch,
      boolean letters) {}

  String from() {
    return place.from();
  }

  String to() {
    return place.to();
  }

  Outgoing outgoing() {
    return new Outgoing(channel, place.branch());
  }
}
