package dev.millrace.control.pipeline;

import dev.millrace.control.command.CommandCall;
import dev.millrace.control.command.CommandResult;
import dev.millrace.control.command.CommandResult.Done;
import dev.millrace.control.command.CommandResult.Failed;
import dev.millrace.core.frame.FrameJson;
import dev.millrace.core.json.Json;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.route.Route;
import dev.millrace.engine.api.ProblemJson;
import dev.millrace.engine.pipeline.Pipeline;
import dev.millrace.engine.pipeline.ReplayOutcome;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Puts single frames in front of nodes of running pipelines once more. Safe from any thread.
final class FrameReplays {
  static final String BODY =
      "\"edge\":\"gain->out\",\"frame\":{\"timestamp\":0,\"sequence_id\":0,"
          + "\"payload\":{\"ch0\":[0.5]},\"metadata\":{}}}";

  private static final String ARROW = "->";

  private final PipelineSet set;

  FrameReplays(PipelineSet set) {
    this.set = set;
  }

  static Route.Docs describing(Route.Docs docs) {
    return docs.answers("{\"ok\":true,\"applied\":true,\"trace_id\":\"b7e1\"}")
        .fails(404, "UNKNOWN_PIPELINE", "there is no pipeline of that name")
        .fails(409, "NOT_TAKEN", "the pipeline does not run, or is being changed")
        .fails(422, "VALIDATION_FAILED", "an argument is wrong; details.field names it")
        .fails(422, "BAD_FRAME", "the frame is wrong; details.errors says where")
        .fails(429, "QUEUE_FULL", "as many replays as may wait are waiting");
  }

  CommandResult replay(CommandCall call) {
    var name = text(call.arguments().get("pipeline"));
    var edge = text(call.arguments().get("edge"));
    int arrow = edge.indexOf(ARROW);
    if (name.isEmpty()) {
      return wrong("pipeline", "pipeline wants the name of a pipeline");
    }
    if (arrow < 1 || arrow + ARROW.length() == edge.length()) {
      return wrong("edge", "edge wants two nodes with an edge between them, such as gain->out");
    }
    var found = set.find(name);
    if (found.isEmpty()) {
      return PipelineCommands.unknown(name, set.suggestion(name).orElse(null));
    }
    var from = edge.substring(0, arrow).strip();
    var to = edge.substring(arrow + ARROW.length()).strip();
    var frame = call.arguments().get("frame");
    var trace = text(call.arguments().get("trace"));
    if ((frame == null) == trace.isEmpty()) {
      return wrong("frame", "a frame, or the trace of one that was kept: one of the two is wanted");
    }
    return frame == null
        ? result(found.get().replay(from, to, trace))
        : replay(found.get(), from, to, frame);
  }

  private static CommandResult replay(Pipeline pipeline, String from, String to, JsonNode given) {
    try {
      return result(pipeline.replay(from, to, FrameJson.read(Json.bytes(given))));
    } catch (ProblemException broken) {
      var details = Json.mapper().createObjectNode();
      details.set("errors", ProblemJson.of(List.of(broken.problem())));
      return new Failed(422, "BAD_FRAME", broken.problem().what(), details);
    }
  }

  private static CommandResult result(ReplayOutcome outcome) {
    return switch (outcome) {
      case ReplayOutcome.Replayed(var trace) ->
          new Done(
              true, Json.mapper().createObjectNode().put("applied", true).put("trace_id", trace));
      case ReplayOutcome.Refused(var reason, var sentence) ->
          switch (reason) {
            case NOT_RUNNING -> Failed.of(409, "NOT_TAKEN", sentence);
            case UNKNOWN -> wrong("edge", sentence);
            case BAD_FRAME -> Failed.of(422, "BAD_FRAME", sentence);
            case FULL -> Failed.of(429, "QUEUE_FULL", sentence);
          };
    };
  }

  private static String text(@Nullable JsonNode given) {
    return given != null && given.isString() ? given.asString() : "";
  }

  private static Failed wrong(String field, String message) {
    return new Failed(
        422, "VALIDATION_FAILED", message, Json.mapper().createObjectNode().put("field", field));
  }
}
