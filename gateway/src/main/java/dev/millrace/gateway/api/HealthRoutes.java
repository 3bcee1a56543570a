package dev.millrace.gateway.api;

import dev.millrace.core.route.Response;
import dev.millrace.core.route.Route;
import dev.millrace.core.route.RouteContribution;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/// Is it alive, is it well, may it have traffic. `/healthz` asks nobody and so runs on the loop;
/// the others ask the report they were given, which must be safe from any thread.
public final class HealthRoutes implements RouteContribution {
  private static final String EXAMPLE =
      "{\"status\":\"healthy\",\"data\":{\"healthy\":true,\"components\":{\"hub\":{\"healthy\":true}}}}";

  private final Supplier<HealthReport> report;
  private final BooleanSupplier ready;

  /// `ready` is whether this instance can serve and store.
  public HealthRoutes(Supplier<HealthReport> report, BooleanSupplier ready) {
    this.report = report;
    this.ready = ready;
  }

  /// For the router's loop: these answer as long as the process serves at all.
  public static List<Route> onLoop() {
    var alive = Response.text(200, "ok\n");
    return List.of(
        alive("/healthz", "The process serves: always 200.", alive),
        alive("/livez", "The same as /healthz.", alive));
  }

  @Override
  public List<Route> routes() {
    return List.of(
        health("/health"), health("/api/v1/health"), readiness("/ready"), readiness("/readyz"));
  }

  private Route health(String path) {
    return new Route(
        "GET",
        path,
        Route.Access.VIEWER,
        Route.Docs.of("How every configured component is; 503 when one is not well.")
            .answers(EXAMPLE)
            .fails(503, "", "The same, with a component that is not well."),
        request -> {
          var now = report.get();
          return Response.json(now.healthy() ? 200 : 503, now.body());
        });
  }

  private Route readiness(String path) {
    return new Route(
        "GET",
        path,
        Route.Access.PUBLIC,
        Route.Docs.of("200 while this instance can serve and store, else 503; the body is empty.")
            .fails(503, "", "This instance cannot serve or store now."),
        request -> Response.empty(ready.getAsBoolean() ? 200 : 503));
  }

  private static Route alive(String path, String summary, Response alive) {
    return new Route(
        "GET", path, Route.Access.PUBLIC, Route.Docs.of(summary).answers("ok"), request -> alive);
  }
}
