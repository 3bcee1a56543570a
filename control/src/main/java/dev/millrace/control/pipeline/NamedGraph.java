package dev.millrace.control.pipeline;

import dev.millrace.engine.graph.Graph;

/// A pipeline as the configuration has it: its name, its sound graph, and whether it runs without
/// being told to.
public record NamedGraph(String name, Graph graph, boolean autostart) {

  /// Whether nothing of it is other, wherever and in which order of keys it was written.
  boolean sameAs(NamedGraph other) {
    return name.equals(other.name)
        && autostart == other.autostart
        && graph.name().equals(other.graph.name())
        && graph.settings().equals(other.graph.settings())
        && Likeness.runAlike(graph, other.graph);
  }
}
