package dev.millrace.app.cli.watch;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// What a server said about itself at one moment: its pipelines as `/api/v1/pipelines/{name}`
/// answers, its totals as `/stats` does, or null if they were not asked for, and the connections
/// that are furthest behind. `more` is the number of further pipelines that were not asked for.
public record Sample(
    long nanos,
    List<JsonNode> pipelines,
    int more,
    @Nullable JsonNode stats,
    List<JsonNode> sessions) {
  public Sample {
    pipelines = List.copyOf(pipelines);
    sessions = List.copyOf(sessions);
  }

  /// Of pipelines alone.
  public Sample(long nanos, List<JsonNode> pipelines, int more) {
    this(nanos, pipelines, more, null, List.of());
  }
}
