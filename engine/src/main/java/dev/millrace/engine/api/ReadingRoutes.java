package dev.millrace.engine.api;

import dev.millrace.core.json.Json;
import dev.millrace.core.route.Request;
import dev.millrace.core.route.Response;
import dev.millrace.core.route.Route;
import dev.millrace.core.route.RouteContribution;
import dev.millrace.core.time.Clock;
import dev.millrace.engine.pipeline.Pipeline;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/// What one pipeline has to show besides its figures: the frames a node keeps, its counts as text
/// and as JSON, its changes of state, a tap. All of it is of the current run, or of the last.
public final class ReadingRoutes implements RouteContribution {
  private final Function<String, Optional<Pipeline>> pipelines;
  private final TapReading taps;

  /// `pipelines` finds the run of a name, at each request; `replaced` says whether another run is
  /// about to take the place of one that has ended.
  public ReadingRoutes(
      Function<String, Optional<Pipeline>> pipelines, Predicate<Pipeline> replaced, Clock clock) {
    this.pipelines = pipelines;
    this.taps = new TapReading(ended -> after(ended, pipelines, replaced), clock);
  }

  private static TapStream.Next after(
      Pipeline ended,
      Function<String, Optional<Pipeline>> pipelines,
      Predicate<Pipeline> replaced) {
    boolean soon = replaced.test(ended); // asked first: afterwards it may be there
    return pipelines
        .apply(ended.name())
        .filter(now -> !now.equals(ended))
        .<TapStream.Next>map(TapStream.Next.Run::new)
        .orElseGet(() -> soon ? new TapStream.Next.Soon() : new TapStream.Next.Nothing());
  }

  /// What is answered about a pipeline that is there.
  @FunctionalInterface
  private interface Reading {
    Response of(Pipeline pipeline, Request request) throws Exception;
  }

  @Override
  public List<Route> routes() {
    return List.of(
        route("collect/{node}", CollectReading.DOCS, CollectReading::read),
        route(
            "report",
            Route.Docs.of("Frames, errors and latency of each node, as text for people.")
                .answers(
                    """
                    === Pipeline Metrics ===

                    [gain]
                      Frames: 3 frames processed
                      Errors: 0 errors
                      Avg Latency: 2μs
                    """),
            (pipeline, request) -> Response.text(200, pipeline.report())),
        route(
            "metrics",
            Route.Docs.of("Frames, errors and latency of each node.")
                .answers(
                    "{\"gain\":{\"node_id\":\"gain\",\"frames_processed\":3,"
                        + "\"errors_count\":0,\"avg_latency_us\":2}}"),
            (pipeline, request) -> Response.json(200, StateJson.metrics(pipeline))),
        route(
            "events",
            Route.Docs.of(
                    "The last 64 changes of state of the current run, oldest first; time is in"
                        + " microseconds since the Unix epoch.")
                .answers(
                    "{\"events\":[{\"id\":\"labels\",\"from\":\"Idle\",\"to\":\"Initializing\","
                        + "\"time\":1767268800250000}]}"),
            (pipeline, request) -> events(pipeline)),
        route("tap", TapReading.DOCS, taps::read),
        route("provenance", ProvenanceReading.DOCS, ProvenanceReading::read));
  }

  private Route route(String path, Route.Docs docs, Reading reading) {
    return new Route(
        "GET",
        "/api/v1/pipelines/{name}/" + path,
        Route.Access.VIEWER,
        docs.parameter("name", "path", "The pipeline's name.")
            .fails(404, "UNKNOWN_PIPELINE", "there is no pipeline of that name"),
        request -> {
          var pipeline = pipelines.apply(request.parameter("name"));
          return pipeline.isPresent()
              ? reading.of(pipeline.get(), request)
              : Response.failure(
                  404,
                  "UNKNOWN_PIPELINE",
                  "there is no pipeline of that name; GET /api/v1/pipelines lists them");
        });
  }

  private static Response events(Pipeline pipeline) {
    var body = Json.mapper().createObjectNode();
    var list = body.putArray("events");
    pipeline.events().forEach(event -> list.add(StateJson.of(event)));
    return Response.json(200, body);
  }
}
