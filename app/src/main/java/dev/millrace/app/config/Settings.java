package dev.millrace.app.config;

import dev.millrace.control.pipeline.NamedGraph;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/// A configuration that has been read whole: the values, the graph of each pipeline, the folder
/// from which the paths of certificates and keys start, and every text of it that no log may show.
public record Settings(
    MillraceConfig config, List<NamedGraph> graphs, Path base, Set<String> secrets) {
  public Settings {
    graphs = List.copyOf(graphs);
    secrets = Set.copyOf(secrets);
  }
}
