package dev.millrace.gateway.wse;

import dev.millrace.core.route.Response;
import dev.millrace.core.route.Route;
import dev.millrace.core.route.RouteContribution;
import dev.millrace.core.route.Surface;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/// What the dialect shows over HTTP: its health, open to all, and where debugging is on what it is
/// configured to. Handlers run on virtual threads.
final class WseRoutes implements RouteContribution {
  private static final int PROTOCOL_VERSION = 1;

  private final WseContext context;
  private final Supplier<List<String>> allowedOrigins;

  WseRoutes(WseContext context, Supplier<List<String>> allowedOrigins) {
    this.context = context;
    this.allowedOrigins = allowedOrigins;
  }

  @Override
  public List<Route> routes() {
    var routes = new ArrayList<Route>();
    routes.add(
        new Route(
            "GET",
            "/wse/health",
            Surface.WSE,
            Route.Access.PUBLIC,
            Route.Docs.of("How the WebSocket service is: always 200.")
                .answers("{\"status\":\"healthy\",\"websocket_service\":\"active\"}"),
            request -> health()));
    if (context.clients().debug()) {
      routes.add(
          new Route(
              "GET",
              "/wse/debug",
              Surface.WSE,
              Route.Access.VIEWER,
              Route.Docs.of("What the WebSocket service is configured to; with hub.debug only.")
                  .answers("{\"status\":\"ok\",\"protocol_version\":1}"),
              request -> debug()));
      routes.add(
          new Route(
              "GET",
              "/wse/compression-test",
              Surface.WSE,
              Route.Access.VIEWER,
              Route.Docs.of("What compression does to texts of some sizes; with hub.debug only.")
                  .answers("{\"compression_threshold\":1024,\"compression_level\":6}"),
              request -> Response.json(200, CompressionTrial.run(context.compression()))));
    }
    return routes;
  }

  private Response health() {
    boolean well = !context.isClosing();
    var body =
        SystemFrames.object()
            .put("status", well ? "healthy" : "unhealthy")
            .put("websocket_service", well ? "active" : "error");
    body.set("pubsub_bus", SessionReport.busStats(context));
    body.put("timestamp", context.frames.nowText());
    return Response.json(200, well ? body : body.put("error", "the server is stopping"));
  }

  private Response debug() {
    var spec = context.spec();
    var body = SystemFrames.object().put("status", "ok");
    body.set("pubsub_bus", SessionReport.busStats(context));
    body.put("protocol_version", PROTOCOL_VERSION);
    body.putArray("default_topics");
    var origins = body.putArray("allowed_origins");
    allowedOrigins.get().forEach(origins::add);
    body.put("heartbeat_interval", spec.heartbeatInterval().toMillis())
        .put("idle_timeout", spec.idleTimeout().toMillis())
        .put("max_message_size", Handshake.MAX_MESSAGE)
        .put("timestamp", context.frames.nowText());
    return Response.json(200, body);
  }
}
