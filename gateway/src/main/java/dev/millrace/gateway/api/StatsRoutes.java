package dev.millrace.gateway.api;

import dev.millrace.core.json.Json;
import dev.millrace.core.metric.Metrics;
import dev.millrace.core.route.Response;
import dev.millrace.core.route.Route;
import dev.millrace.core.route.RouteContribution;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import tools.jackson.databind.node.ObjectNode;

/// Numbers: for people at `/stats`, for Prometheus at `/metrics`.
public final class StatsRoutes implements RouteContribution {
  private static final String EXPOSITION = "text/plain; version=0.0.4; charset=utf-8";

  private final Supplier<ObjectNode> stats;
  private final Metrics metrics;

  /// `stats` makes a fresh object at each call, from any thread.
  public StatsRoutes(Supplier<ObjectNode> stats, Metrics metrics) {
    this.stats = stats;
    this.metrics = metrics;
  }

  @Override
  public List<Route> routes() {
    return List.of(
        stats("/stats"), stats("/api/v1/stats"), metrics("/metrics"), metrics("/api/v1/metrics"));
  }

  private Route stats(String path) {
    return new Route(
        "GET",
        path,
        Route.Access.VIEWER,
        Route.Docs.of("What the process has done so far.")
            .answers("{\"status\":\"success\",\"data\":{\"sessions\":3,\"published\":12}}"),
        request -> {
          var body = Json.mapper().createObjectNode().put("status", "success");
          body.set("data", stats.get());
          return Response.json(200, body);
        });
  }

  private Route metrics(String path) {
    return new Route(
        "GET",
        path,
        Route.Access.LOOPBACK_OR_VIEWER,
        Route.Docs.of("Every metric in the text format of Prometheus.")
            .answers(
                "# TYPE millrace_net_connections_open gauge\nmillrace_net_connections_open 3\n"),
        request -> new Response(200, EXPOSITION, metrics.exposition(), Map.of()));
  }
}
