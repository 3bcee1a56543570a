package dev.millrace.app.config;

import dev.millrace.core.problem.Problem;
import java.util.List;

/// A configuration that has been read whole: the values, the graph of each pipeline, and the
/// warnings on the way.
public record Settings(MillraceConfig config, List<NamedGraph> graphs, List<Problem> warnings) {

  /// A pipeline's name and its sound graph.
  public record NamedGraph(String name, dev.millrace.engine.graph.Graph graph) {}
}
