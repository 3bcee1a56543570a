package dev.millrace.engine.api;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.FrameJson;
import dev.millrace.core.json.Json;
import dev.millrace.core.route.Request;
import dev.millrace.core.route.Response;
import dev.millrace.core.route.Route;
import dev.millrace.engine.pipeline.Pipeline;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Map;

/// The frames that a node keeps for readers, as one answer of bounded length.
final class CollectReading {
  static final int MOST_BYTES = 64 << 20; // an answer is held in memory

  static final Route.Docs DOCS =
      Route.Docs.of("The frames that a node keeps for readers, oldest first; also after the end.")
          .parameter("node", "path", "The node's id.")
          .parameter("limit", "query", "The newest so many; default all.")
          .answers(
              "{\"frames\":[{\"timestamp\":0,\"sequence_id\":0,"
                  + "\"payload\":{\"main_channel\":[0.0,0.5]},\"metadata\":{}}]}")
          .fails(404, "UNKNOWN_NODE", "there is no such node, or it keeps nothing")
          .fails(413, "ANSWER_TOO_LARGE", "the frames take more than 64 MiB; ask for fewer")
          .fails(422, "VALIDATION_FAILED", "limit is no whole number from 1");

  private CollectReading() {}

  static Response read(Pipeline pipeline, Request request) {
    var node = request.parameter("node");
    var limit = request.queryValue("limit");
    if (limit.isPresent() && !limit.get().matches("[1-9][0-9]{0,8}")) {
      return Response.failure(
          422,
          "VALIDATION_FAILED",
          "limit is a whole number from 1",
          Json.mapper().createObjectNode().put("field", "limit"));
    }
    var kept = pipeline.collected(node);
    boolean early = pipeline.snapshot().nodes().isEmpty();
    if (kept.isEmpty() && !(early && pipeline.graph().find(node).isPresent())) {
      return Response.failure(
          404, "UNKNOWN_NODE", "the pipeline has no node of that id that keeps frames");
    }
    var frames = kept.orElse(List.of());
    int most = limit.map(Integer::parseInt).orElse(Integer.MAX_VALUE);
    return answer(frames.subList(Math.max(0, frames.size() - most), frames.size()), MOST_BYTES);
  }

  static Response answer(List<Frame> frames, int mostBytes) {
    var out = new ByteArrayOutputStream(4_096);
    try (var json = Json.generator(out)) {
      json.writeStartObject().writeArrayPropertyStart("frames");
      for (var frame : frames) {
        FrameJson.write(frame, json);
        if (out.size() > mostBytes) {
          return Response.failure(
              413,
              "ANSWER_TOO_LARGE",
              "the frames take more than " + mostBytes + " bytes; ask for fewer with limit");
        }
      }
      json.writeEndArray().writeEndObject();
    }
    return new Response(200, Response.JSON, out.toByteArray(), Map.of());
  }
}
