package dev.millrace.app.cli.watch;

import java.util.List;
import tools.jackson.databind.JsonNode;

/// What a server said about its pipelines at one moment, as `/api/v1/pipelines/{name}` answers.
/// `more` is the number of further pipelines that were not asked for.
public record Sample(long nanos, List<JsonNode> pipelines, int more) {
  public Sample {
    pipelines = List.copyOf(pipelines);
  }
}
