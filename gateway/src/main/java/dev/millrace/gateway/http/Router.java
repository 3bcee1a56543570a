package dev.millrace.gateway.http;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.route.Principal;
import dev.millrace.core.route.Request;
import dev.millrace.core.route.Response;
import dev.millrace.core.route.Route;
import dev.millrace.core.route.RouteContribution;
import dev.millrace.core.time.Clock;
import dev.millrace.gateway.auth.AccessControl;
import dev.millrace.gateway.auth.Admission;
import dev.millrace.gateway.http.RouteTable.Found;
import dev.millrace.net.http.HttpExchange;
import dev.millrace.net.http.HttpService;
import dev.millrace.net.http.RequestHead;
import dev.millrace.net.websocket.Upgrade;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/// Answers every request of a listener out of one table.
///
/// Handlers run on virtual threads, a bounded number at a time, each under a deadline; the few that
/// a load balancer must reach whatever else happens run on the loop. Safe from any thread.
public final class Router implements HttpService {
  private final RouterSpec spec;
  private final RouteTable table;
  private final List<Route> routes;
  private final OriginRule origins;
  private final AccessControl access;
  private final Clock clock;
  private final Metrics metrics;
  private final AtomicInteger running = new AtomicInteger(); // loops add, virtual threads take away

  /// `onLoop` are routes whose handlers never wait and are open whatever the `Host` header says.
  /// The table also gets `GET /openapi.json`, made of everything in it.
  ///
  /// @throws IllegalArgumentException if two routes claim the same method and path
  public Router(
      RouterSpec spec,
      List<? extends RouteContribution> contributions,
      List<Route> onLoop,
      List<WebSocketEndpoint> endpoints,
      OriginRule origins,
      AccessControl access,
      Clock clock,
      Metrics metrics) {
    this.spec = spec;
    this.origins = origins;
    this.access = access;
    this.clock = clock;
    this.metrics = metrics;
    var onThreads = new ArrayList<Route>();
    contributions.forEach(contribution -> onThreads.addAll(contribution.routes()));
    onThreads.add(OpenApi.routeFor(plus(onThreads, onLoop), endpoints));
    this.table = new RouteTable(onThreads, onLoop, endpoints);
    this.routes = List.copyOf(plus(onThreads, onLoop));
    metrics.gauge(HttpMetric.IN_FLIGHT, running::get);
  }

  /// Every route, for reference pages.
  public List<Route> routes() {
    return routes;
  }

  @Override
  public void serve(HttpExchange exchange) {
    var head = exchange.head();
    var id = RequestIds.of(head);
    switch (table.find(head.method(), head.rawPath(), false)) {
      case Found.Nothing() ->
          answer(exchange, id, Response.failure(404, "NOT_FOUND", "there is nothing at this path"));
      case Found.WrongMethod(var allowed) ->
          answer(
              exchange,
              id,
              Response.failure(
                      405,
                      "METHOD_NOT_ALLOWED",
                      "this path answers to " + String.join(", ", allowed))
                  .withHeader("Allow", String.join(", ", allowed)));
      case Found.Socket socket ->
          answer(
              exchange,
              id,
              Response.failure(426, "UPGRADE_REQUIRED", "this path is a WebSocket")
                  .withHeader("Upgrade", "websocket"));
      case Found.Handled handled -> handle(exchange, id, handled);
    }
  }

  @Override
  public Upgrade upgrade(RequestHead head) {
    var id = RequestIds.of(head);
    if (!(table.find(head.method(), head.rawPath(), true) instanceof Found.Socket socket)) {
      return refused(id, Response.failure(404, "NOT_FOUND", "there is no WebSocket at this path"));
    }
    var endpoint = socket.endpoint();
    var objection =
        switch (endpoint.origins()) {
          case CONFIGURED -> origins.objectionToHandshake(head);
          case ANY -> null;
        };
    if (objection != null) {
      return refused(id, forbidden(objection));
    }
    var admission = access.admit(head, endpoint.surface(), endpoint.access());
    return switch (endpoint.opener().open(head, socket.parameters(), admission)) {
      case Upgrade.Accept accept -> accept;
      case Upgrade.Refuse(var response) -> refused(id, response);
    };
  }

  @Override
  public Response malformed(int status, String code, String message) {
    return Answers.finished(Response.failure(status, code, message), RequestIds.fresh());
  }

  private void handle(HttpExchange exchange, String id, Found.Handled handled) {
    var route = handled.route();
    var admission = access.admit(exchange.head(), route.surface(), route.access());
    if (!(admission instanceof Admission.Admitted(var principal))) {
      answer(exchange, id, ((Admission.Rejected) admission).asResponse());
      return;
    }
    var call = new Call(exchange, id, handled, principal, clock, metrics);
    if (handled.onLoop()) {
      call.run();
      return;
    }
    var objection = origins.objectionToRequest(exchange.head());
    if (objection != null) {
      answer(exchange, id, forbidden(objection));
    } else if (running.incrementAndGet() > spec.maxRequests()) {
      running.decrementAndGet();
      metrics.counter(HttpMetric.REFUSED_BUSY).inc();
      answer(
          exchange,
          id,
          Response.failure(503, "BUSY", "too many requests are running; try again in a second")
              .withHeader("Retry-After", "1"));
    } else {
      call.start(spec.requestTimeout(), running::decrementAndGet);
    }
  }

  private Response forbidden(String objection) {
    metrics.counter(HttpMetric.REFUSED_ORIGIN).inc();
    return Response.failure(403, "ORIGIN_NOT_ALLOWED", objection);
  }

  private static void answer(HttpExchange exchange, String id, Response response) {
    exchange.respond(Answers.finished(response, id));
  }

  private static Upgrade refused(String id, Response response) {
    return new Upgrade.Refuse(Answers.finished(response, id));
  }

  private static List<Route> plus(List<Route> some, List<Route> more) {
    var all = new ArrayList<>(some);
    all.addAll(more);
    return all;
  }

  /// The request as handlers see it.
  static Request request(
      HttpExchange exchange, String id, Found.Handled handled, Principal principal) {
    var head = exchange.head();
    return new Request(
        id,
        head.method(),
        head.path(),
        handled.parameters(),
        head.query(),
        head.headers(),
        exchange.body(),
        head.remoteAddress(),
        principal);
  }
}
