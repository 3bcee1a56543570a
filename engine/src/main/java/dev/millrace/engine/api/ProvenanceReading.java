package dev.millrace.engine.api;

import dev.millrace.core.json.Json;
import dev.millrace.core.route.Request;
import dev.millrace.core.route.Response;
import dev.millrace.core.route.Route;
import dev.millrace.engine.pipeline.Pipeline;
import dev.millrace.engine.provenance.Provenance;
import dev.millrace.engine.provenance.ProvenanceEvent;
import java.util.Locale;
import tools.jackson.databind.JsonNode;

/// What became of traced frames, as one answer.
final class ProvenanceReading {
  private static final int USUAL = 100;

  static final Route.Docs DOCS =
      Route.Docs.of(
              "What became of traced frames (trace_every of the engine, triggers, replays), oldest"
                  + " first: created, processed, forked (to names the nodes), dropped (why says"
                  + " what for), dead_lettered, delivered, replayed. frames is how many a node made"
                  + " of it. The last 4096 events of the run are kept; time is in microseconds.")
          .parameter("trace", "query", "The trace id of one frame; default all.")
          .parameter("limit", "query", "The latest so many events, 1 to 4096; default 100.")
          .answers(
              "{\"events\":[{\"time\":1767268800250000,\"trace\":\"b7e1\",\"sequence_id\":4,"
                  + "\"kind\":\"dropped\",\"node\":\"gain\",\"to\":\"out\",\"frames\":0,"
                  + "\"why\":\"overflow: drop_oldest\"}]}")
          .fails(422, "VALIDATION_FAILED", "an argument is wrong; details.field names it");

  private ProvenanceReading() {}

  static Response read(Pipeline pipeline, Request request) {
    var given = request.queryValue("limit").orElse(String.valueOf(USUAL));
    int limit = given.matches("[0-9]{1,4}") ? Integer.parseInt(given) : 0;
    if (limit < 1 || limit > Provenance.MOST_EVENTS) {
      return Response.failure(
          422,
          "VALIDATION_FAILED",
          "limit is a whole number from 1 to " + Provenance.MOST_EVENTS,
          Json.mapper().createObjectNode().put("field", "limit"));
    }
    var body = Json.mapper().createObjectNode();
    var list = body.putArray("events");
    pipeline
        .provenance(request.queryValue("trace").orElse(null), limit)
        .forEach(event -> list.add(json(event)));
    return Response.json(200, body);
  }

  private static JsonNode json(ProvenanceEvent event) {
    return Json.mapper()
        .createObjectNode()
        .put("time", event.epochMicros())
        .put("trace", event.trace())
        .put("sequence_id", event.sequence())
        .put("kind", event.kind().name().toLowerCase(Locale.ROOT))
        .put("node", event.node())
        .put("to", event.to())
        .put("frames", event.frames())
        .put("why", event.why());
  }
}
