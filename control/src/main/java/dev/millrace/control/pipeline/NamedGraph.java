package dev.millrace.control.pipeline;

import dev.millrace.engine.graph.Alike;
import dev.millrace.engine.graph.Graph;
import java.util.Locale;

/// A pipeline as it should be: its name, its sound graph, whether it runs without being told to,
/// who wrote the graph, and whether the configuration has a pipeline of that name.
public record NamedGraph(
    String name, Graph graph, boolean autostart, Origin origin, boolean configured) {

  /// Where a graph came from.
  public enum Origin {
    /// The configuration, which may name any file.
    CONFIG,
    /// The network, which may name files below the data directory only. Lives until the process
    /// ends, or the configuration names a pipeline so; in the place of one that is configured,
    /// until the configuration is next taken over.
    API;

    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// One that the configuration has.
  public NamedGraph(String name, Graph graph, boolean autostart) {
    this(name, graph, autostart, Origin.CONFIG);
  }

  /// One that nobody else has written.
  public NamedGraph(String name, Graph graph, boolean autostart, Origin origin) {
    this(name, graph, autostart, origin, origin == Origin.CONFIG);
  }

  /// Another graph for it, from the network.
  NamedGraph changedTo(Graph other) {
    return new NamedGraph(name, other, autostart, Origin.API, configured);
  }

  /// Whether nothing of it is other, wherever and in which order of keys it was written.
  boolean sameAs(NamedGraph other) {
    return name.equals(other.name)
        && autostart == other.autostart
        && origin == other.origin
        && graph.name().equals(other.graph.name())
        && graph.settings().equals(other.graph.settings())
        && Alike.graphs(graph, other.graph);
  }
}
