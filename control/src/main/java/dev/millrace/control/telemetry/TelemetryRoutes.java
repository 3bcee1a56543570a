package dev.millrace.control.telemetry;

import dev.millrace.core.route.Response;
import dev.millrace.core.route.Route;
import dev.millrace.core.route.RouteContribution;
import java.util.List;

/// The newest snapshot, and what a console may offer.
public final class TelemetryRoutes implements RouteContribution {
  private final Telemetry telemetry;
  private final Capabilities capabilities;

  public TelemetryRoutes(Telemetry telemetry, Capabilities capabilities) {
    this.telemetry = telemetry;
    this.capabilities = capabilities;
  }

  @Override
  public List<Route> routes() {
    return List.of(
        new Route(
            "GET",
            "/api/v1/telemetry",
            Route.Access.VIEWER,
            Route.Docs.of("The newest snapshot of the whole process; what is unknown is null.")
                .answers(
                    "{\"seq\":12,\"ts\":\"2026-02-20T15:30:00Z\",\"interval_ms\":10000,"
                        + "\"system\":{\"cpu_process_pct\":12.5,\"threads\":31}}")
                .fails(503, "NOT_YET", "no snapshot has been taken since the start"),
            request -> newest()),
        new Route(
            "GET",
            "/api/v1/console/capabilities",
            Route.Access.VIEWER,
            Route.Docs.of("What a console may offer to this caller.")
                .answers(
                    "{\"version\":\"0.1.0\",\"admin_enabled\":true,\"read_only_reason\":null,"
                        + "\"features\":[\"pipelines\",\"events\"]}"),
            request -> Response.json(200, capabilities.of(request.principal()))));
  }

  private Response newest() {
    var tick = telemetry.last();
    return tick == null
        ? Response.failure(
                503, "NOT_YET", "the first snapshot is taken a second after the start; try again")
            .withHeader("Retry-After", "1")
        : Response.json(200, SignalJson.of(tick));
  }
}
