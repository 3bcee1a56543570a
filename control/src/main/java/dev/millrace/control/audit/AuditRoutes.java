package dev.millrace.control.audit;

import dev.millrace.core.json.Json;
import dev.millrace.core.route.Request;
import dev.millrace.core.route.Response;
import dev.millrace.core.route.Route;
import dev.millrace.core.route.RouteContribution;
import dev.millrace.core.route.Surface;
import java.util.List;

/// `GET /api/v1/audit`: the newest commands and what became of them.
public final class AuditRoutes implements RouteContribution {
  private static final int USUAL = 200;
  private static final int MOST = 1_000;

  private final AuditTrail trail;

  public AuditRoutes(AuditTrail trail) {
    this.trail = trail;
  }

  @Override
  public List<Route> routes() {
    return List.of(
        new Route(
            "GET",
            "/api/v1/audit",
            Surface.ADMIN,
            Route.Access.OPERATOR,
            Route.Docs.of("The newest commands, the newest first, and what became of them.")
                .parameter("limit", "query", "How many at most, 1 to 1000; default 200.")
                .answers(
                    """
                    {"entries":[{"ts":"2026-01-02T03:04:05.678901Z","n":17,"origin":"rest",
                     "command":"pause","target":"labels","arguments":{"pipeline":"labels"},
                     "ok":true,"applied":true,"error":null,"actor":"ops","role":"operator",
                     "address":"192.0.2.7","request_id":"r-1","generation":3}]}\
                    """)
                .fails(422, "VALIDATION_FAILED", "limit is no number from 1 to 1000"),
            this::newest));
  }

  private Response newest(Request request) {
    var given = request.queryValue("limit").orElse(String.valueOf(USUAL));
    if (!given.matches("[0-9]{1,4}") || !isLimit(Integer.parseInt(given))) {
      return Response.failure(
          422,
          "VALIDATION_FAILED",
          "limit is a number from 1 to " + MOST,
          Json.mapper().createObjectNode().put("field", "limit"));
    }
    var body = Json.mapper().createObjectNode();
    var entries = body.putArray("entries");
    trail.newest(Integer.parseInt(given)).forEach(entries::add);
    return Response.json(200, body);
  }

  private static boolean isLimit(int number) {
    return number >= 1 && number <= MOST;
  }
}
