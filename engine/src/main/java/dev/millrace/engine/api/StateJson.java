package dev.millrace.engine.api;

import dev.millrace.core.json.Json;
import dev.millrace.engine.pipeline.Pipeline;
import dev.millrace.engine.pipeline.PipelineState;
import dev.millrace.engine.pipeline.PipelineStateChanged;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/// States, transitions and counts as the API writes them: `"Idle"`,
/// `{"Initializing":{"progress":40}}`, `{"Running":{"frames_processed":12}}`, `{"Paused":{}}`,
/// `{"Completed":{"total_frames":12}}`, `{"Error":{"error_msg":"…","recoverable":true}}`.
public final class StateJson {
  private StateJson() {}

  /// The state a pipeline is in, with its figures of now.
  public static JsonNode of(Pipeline pipeline) {
    return of(pipeline.state(), pipeline.progressPercent(), pipeline.framesProcessed());
  }

  /// `progressPercent` and `framesProcessed` are shown by the states that have them.
  public static JsonNode of(PipelineState state, int progressPercent, long framesProcessed) {
    if (state instanceof PipelineState.Idle) {
      return JsonNodeFactory.instance.stringNode(state.name());
    }
    var json = Json.mapper().createObjectNode();
    var body = json.putObject(state.name());
    switch (state) {
      case PipelineState.Initializing() -> body.put("progress", progressPercent);
      case PipelineState.Running() -> body.put("frames_processed", framesProcessed);
      case PipelineState.Completed(var totalFrames) -> body.put("total_frames", totalFrames);
      case PipelineState.Error(var message, var recoverable) ->
          body.put("error_msg", message).put("recoverable", recoverable);
      case PipelineState.Idle(), PipelineState.Paused() -> {}
    }
    return json;
  }

  /// The counts of each node: `{"a":{"node_id":"a","frames_processed":3,"errors_count":0,
  /// "avg_latency_us":2}}`.
  public static JsonNode metrics(Pipeline pipeline) {
    var json = Json.mapper().createObjectNode();
    pipeline
        .metrics()
        .forEach(
            (id, counts) ->
                json.putObject(id)
                    .put("node_id", counts.nodeId())
                    .put("frames_processed", counts.framesProcessed())
                    .put("errors_count", counts.errorsCount())
                    .put("avg_latency_us", counts.averageLatencyMicros()));
    return json;
  }

  /// A transition: id, names of both states, microseconds since the Unix epoch.
  public static JsonNode of(PipelineStateChanged event) {
    return Json.mapper()
        .createObjectNode()
        .put("id", event.pipeline())
        .put("from", event.from().name())
        .put("to", event.to().name())
        .put("time", event.epochMicros());
  }
}
