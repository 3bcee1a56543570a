package dev.millrace.engine.api;

import dev.millrace.core.json.Json;
import dev.millrace.core.route.Request;
import dev.millrace.core.route.Response;
import dev.millrace.core.route.Route;
import dev.millrace.core.route.RouteContribution;
import dev.millrace.engine.pipeline.Pipeline;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/// `GET /api/v1/pipelines` and `GET /api/v1/pipelines/{name}`.
public final class PipelineRoutes implements RouteContribution {
  private static final String EXAMPLE =
      """
      {"name":"labels","origin":"config","state":"Running","status":{"Running":{"frames_processed":722}},
       "uptime_seconds":12.5,"trouble":null,
       "nodes":[{"id":"posts","type":"JetstreamPosts","role":"transform","execution":"inline",
         "chain":1,"frames_in":6001,"frames_out":722,"errors":0,"rejected":0,
         "latency_micros":1.9,"trouble":null,"workers":1,"state":"waiting",
         "since":"2026-01-01T12:00:00.250Z","last_error":null,"busy_pct":3.1,"blocked_pct":0.0,
         "p50_us":61.4,"p95_us":112.6,"p99_us":180.2}],
       "edges":[{"from":"firehose","to":"posts","frames":6001,"fused":false,"queued":0,
         "capacity":100,"fill_pct":0.0,"dropped":0}]}\
      """;

  private final Supplier<List<Pipeline>> pipelines;
  private final UnaryOperator<String> origin;

  /// Both are asked at each request; `origin` says who wrote the graph of the pipeline of a name.
  public PipelineRoutes(Supplier<List<Pipeline>> pipelines, UnaryOperator<String> origin) {
    this.pipelines = pipelines;
    this.origin = origin;
  }

  @Override
  public List<Route> routes() {
    return List.of(
        new Route(
            "GET",
            "/api/v1/pipelines",
            Route.Access.VIEWER,
            Route.Docs.of("The pipelines of this process and their states.")
                .answers(
                    "{\"pipelines\":[{\"name\":\"labels\",\"origin\":\"config\",\"state\":\"Running\","
                        + "\"status\":{\"Running\":{\"frames_processed\":722}},"
                        + "\"uptime_seconds\":12.5,\"trouble\":null}]}"),
            request -> list()),
        new Route(
            "GET",
            "/api/v1/pipelines/{name}",
            Route.Access.VIEWER,
            Route.Docs.of(
                    "One pipeline: its nodes and edges, with what has flowed over them. busy_pct"
                        + " and blocked_pct are the shares of the last seconds that the node's"
                        + " chain worked, and could not go on for want of room behind it; p50_us"
                        + " to p99_us are times per batch of up to 128 frames, latency_micros is"
                        + " per frame. Behind a source with event_time, watermark_micros and"
                        + " watermark_lag_ms say how far event time has come at the node and by how"
                        + " much it is behind the clock, null before it is known; late_frames"
                        + " counts the source's frames that were older than its watermark.")
                .parameter("name", "path", "The pipeline's name.")
                .answers(EXAMPLE)
                .fails(404, "NOT_FOUND", "There is no pipeline of that name."),
            this::one));
  }

  private Response list() {
    var body = Json.mapper().createObjectNode();
    var list = body.putArray("pipelines");
    pipelines
        .get()
        .forEach(
            pipeline -> list.add(PipelineJson.summary(pipeline, origin.apply(pipeline.name()))));
    return Response.json(200, body);
  }

  private Response one(Request request) {
    var name = request.parameter("name");
    return pipelines.get().stream()
        .filter(pipeline -> pipeline.name().equals(name))
        .findFirst()
        .map(pipeline -> Response.json(200, PipelineJson.whole(pipeline, origin.apply(name))))
        .orElseGet(
            () ->
                Response.failure(
                    404,
                    "NOT_FOUND",
                    "There is no pipeline of that name; GET /api/v1/pipelines lists them."));
  }
}
