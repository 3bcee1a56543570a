package dev.millrace.gateway.http;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.route.Response;
import dev.millrace.core.route.Route;
import dev.millrace.core.route.RouteContribution;
import dev.millrace.core.route.Surface;
import dev.millrace.core.time.Clock;
import dev.millrace.gateway.auth.AccessControl;
import dev.millrace.gateway.auth.Admission;
import dev.millrace.gateway.auth.LeaseWatch;
import dev.millrace.gateway.event.Refusal;
import dev.millrace.gateway.event.Rejects;
import dev.millrace.gateway.http.RouteTable.Found;
import dev.millrace.gateway.limit.AddressLimiter;
import dev.millrace.net.http.HttpExchange;
import dev.millrace.net.http.HttpService;
import dev.millrace.net.http.RequestHead;
import dev.millrace.net.websocket.Upgrade;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Answers every request of a listener out of one table.
///
/// In this order: the address's rate, the path, the `Host` and `Origin` headers, the caller's
/// credentials, the number of requests under way. Handlers run on virtual threads, a bounded number
/// at a time, each under a deadline; the few that a load balancer must reach whatever else happens
/// run on the loop and are asked nothing. Safe from any thread.
public final class Router implements HttpService {
  private static final Logger log = LoggerFactory.getLogger(Router.class);
  private static final Set<Surface> EVERYTHING =
      java.util.Collections.unmodifiableSet(EnumSet.allOf(Surface.class));
  private static final int ADDRESSES = 65_536;

  /// What a reload may change.
  private record Rules(RouterSpec spec, OriginRule origins) {}

  private final RouteTable table;
  private final List<Route> routes;
  private final AccessControl access;
  private final LeaseWatch leases;
  private final Clock clock;
  private final Metrics metrics;
  private final Rejects rejects;
  private final AddressLimiter rates;
  private final AtomicInteger running = new AtomicInteger(); // loops add, virtual threads take away
  private volatile Rules rules; // written by apply

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
      LeaseWatch leases,
      Clock clock,
      Metrics metrics) {
    this.rules = new Rules(spec, origins);
    this.access = access;
    this.leases = leases;
    this.clock = clock;
    this.metrics = metrics;
    this.rejects = access.rejects();
    this.rates = new AddressLimiter(ADDRESSES, clock);
    var onThreads = new ArrayList<Route>();
    contributions.forEach(contribution -> onThreads.addAll(contribution.routes()));
    onThreads.add(OpenApi.routeFor(List.copyOf(onThreads), onLoop, endpoints));
    this.table = new RouteTable(onThreads, onLoop, endpoints);
    this.routes = List.copyOf(plus(onThreads, onLoop));
    metrics.gauge(HttpMetric.IN_FLIGHT, running::get);
  }

  /// Goes by these from the next request on.
  public void apply(RouterSpec spec, OriginRule origins) {
    rules = new Rules(spec, origins);
  }

  /// Every route, for reference pages.
  public List<Route> routes() {
    return routes;
  }

  /// The same table for a listener that shows only some surfaces; on it the others do not exist.
  public HttpService serving(Set<Surface> surfaces) {
    var served = EnumSet.noneOf(Surface.class);
    served.addAll(surfaces);
    return new HttpService() {
      @Override
      public void serve(HttpExchange exchange) {
        Router.this.serve(exchange, served);
      }

      @Override
      public Upgrade upgrade(RequestHead head) {
        return Router.this.upgrade(head, served);
      }

      @Override
      public @Nullable Response refusal(RequestHead head) {
        return Router.this.refusal(head, served);
      }

      @Override
      public Response malformed(int status, String code, String message) {
        return Router.this.malformed(status, code, message);
      }
    };
  }

  @Override
  public void serve(HttpExchange exchange) {
    serve(exchange, EVERYTHING);
  }

  @Override
  public Upgrade upgrade(RequestHead head) {
    return upgrade(head, EVERYTHING);
  }

  @Override
  public @Nullable Response refusal(RequestHead head) {
    return refusal(head, EVERYTHING);
  }

  @Override
  public Response malformed(int status, String code, String message) {
    return Reply.finished(Response.failure(status, code, message), RequestIds.fresh(), Map.of());
  }

  private void serve(HttpExchange exchange, Set<Surface> served) {
    var now = rules;
    var head = exchange.head();
    var reply = new Reply(exchange, RequestIds.of(head), now.origins.headersFor(head));
    var found = table.find(head.method(), head.rawPath(), false, served);
    boolean always = found instanceof Found.Handled handled && handled.onLoop();
    Response refused = null;
    if (!always) {
      var tooMany = overRate(head, now);
      refused =
          tooMany != null
              ? turnedAway(found, tooMany, head, reply.id())
              : objection(found, head, now, reply.id());
    }
    if (refused != null) {
      reply.send(refused);
    } else if (found instanceof Found.Handled handled) {
      admit(reply, now, handled);
    }
  }

  /// A long body is read only for callers that may send one, as far as the head tells.
  private @Nullable Response refusal(RequestHead head, Set<Surface> served) {
    var now = rules;
    var found = table.find(head.method(), head.rawPath(), false, served);
    var id = RequestIds.of(head);
    var refused = objection(found, head, now, id);
    if (refused == null && found instanceof Found.Handled(var route, var onLoop, var body, var p)) {
      var rejected = access.objection(head, route.surface(), route.access());
      refused = rejected != null ? turnedAway(found, rejected, head, id) : bodyOnReading(head);
    }
    if (refused == null) {
      return null;
    }
    var tooMany = overRate(head, now);
    return Reply.finished(
        tooMany == null ? refused : tooMany.asResponse(), id, now.origins.headersFor(head));
  }

  private static @Nullable Response bodyOnReading(RequestHead head) {
    return head.method().equals("GET") || head.method().equals("HEAD")
        ? Response.failure(413, "BODY_TOO_LARGE", "a request that reads needs no body")
        : null;
  }

  /// Why a request gets no further than to the table, whoever sends it.
  private @Nullable Response objection(Found found, RequestHead head, Rules now, String id) {
    var host = now.origins.objectionToHost(head);
    if (host != null) {
      return turnedAway(found, foreign(host, head), head, id);
    }
    if (head.method().equals("OPTIONS") && !(found instanceof Found.Handled)) {
      return options(found, head, now);
    }
    return switch (found) {
      case Found.Nothing() -> Response.failure(404, "NOT_FOUND", "there is nothing at this path");
      case Found.WrongMethod(var allowed) -> {
        var methods = String.join(", ", allowed);
        yield Response.failure(405, "METHOD_NOT_ALLOWED", "this path answers to " + methods)
            .withHeader("Allow", methods);
      }
      case Found.Socket socket ->
          Response.failure(426, "UPGRADE_REQUIRED", "this path is a WebSocket")
              .withHeader("Upgrade", "websocket");
      case Found.Handled handled -> {
        var page = now.origins.objectionToRequest(head);
        yield page == null ? null : turnedAway(handled, foreign(page, head), head, id);
      }
    };
  }

  private void admit(Reply reply, Rules now, Found.Handled handled) {
    var route = handled.route();
    var decision = access.decide(reply.exchange().head(), route.surface(), route.access());
    if (decision.isDone()) {
      admitted(reply, now, handled, decision.join());
      return;
    }
    var _ =
        decision.whenComplete(
            (admission, failure) -> {
              if (failure == null) {
                admitted(reply, now, handled, admission);
              } else {
                metrics.counter(HttpMetric.HANDLER_FAILURES).inc();
                log.error("No decision about {} {}", route.method(), route.path(), failure);
                reply.send(Call.failure());
              }
            });
  }

  private void admitted(Reply reply, Rules now, Found.Handled handled, Admission admission) {
    switch (admission) {
      case Admission.Rejected rejected ->
          reply.send(turnedAway(handled, rejected, reply.exchange().head(), reply.id()));
      case Admission.Admitted(var principal, var lease) -> {
        var leased = new Leased(leases, lease, reply.exchange().loop());
        var call = new Call(reply, handled, principal, leased, clock, metrics);
        if (handled.onLoop()) {
          call.run();
        } else if (running.incrementAndGet() > now.spec.maxRequests()) {
          running.decrementAndGet();
          metrics.counter(HttpMetric.REFUSED_BUSY).inc();
          reply.send(
              Response.failure(503, "BUSY", "too many requests are running; try again in a second")
                  .withHeader("Retry-After", "1"));
        } else {
          call.start(now.spec.requestTimeout(), running::decrementAndGet);
        }
      }
    }
  }

  private Upgrade upgrade(RequestHead head, Set<Surface> served) {
    var now = rules;
    var id = RequestIds.of(head);
    var found = table.find(head.method(), head.rawPath(), true, served);
    var tooMany = overRate(head, now);
    if (tooMany != null) {
      return refused(id, turnedAway(found, tooMany, head, id));
    }
    if (!(found instanceof Found.Socket socket)) {
      return refused(id, Response.failure(404, "NOT_FOUND", "there is no WebSocket at this path"));
    }
    var endpoint = socket.endpoint();
    boolean anybody = endpoint.origins() == OriginPolicy.ANY;
    var host = anybody ? null : now.origins.objectionToHost(head);
    if (host != null) {
      return refused(id, turnedAway(found, foreign(host, head), head, id));
    }
    // What becomes of a page that may not come in is the dialect's, as with any rejected caller.
    var page = anybody ? null : now.origins.objectionToHandshake(head);
    if (page != null) {
      return opened(socket, head, id, foreign(page, head));
    }
    var decision = access.decide(head, endpoint.surface(), endpoint.access());
    return decision.isDone()
        ? opened(socket, head, id, decision.join())
        : new Upgrade.Later(
            decision.thenApply(admission -> () -> opened(socket, head, id, admission)));
  }

  private Upgrade opened(Found.Socket socket, RequestHead head, String id, Admission admission) {
    if (admission instanceof Admission.Rejected rejected) {
      var endpoint = socket.endpoint();
      tellOf("GET", endpoint.path(), endpoint.surface(), rejected, head, id);
    }
    var upgrade = socket.endpoint().opener().open(head, socket.parameters(), admission);
    return upgrade instanceof Upgrade.Refuse(var response) ? refused(id, response) : upgrade;
  }

  /// What a path answers to; asked by a page of another origin, whether it may.
  private Response options(Found found, RequestHead head, Rules now) {
    var methods = found instanceof Found.WrongMethod(var allowed) ? String.join(", ", allowed) : "";
    if (methods.isEmpty() && !head.rawPath().equals("*")) {
      return Response.failure(404, "NOT_FOUND", "there is nothing at this path");
    }
    var answer = Response.empty(204);
    if (!methods.isEmpty()) {
      answer = answer.withHeader("Allow", methods);
    }
    if (head.header("access-control-request-method").isEmpty()) {
      return answer;
    }
    var page = now.origins.objectionToHandshake(head);
    return page != null ? foreign(page, head).asResponse() : now.origins.permit(answer, methods);
  }

  private Admission.@Nullable Rejected overRate(RequestHead head, Rules now) {
    if (rates.take(head.remoteAddress(), now.spec.rate())) {
      return null;
    }
    metrics.counter(HttpMetric.REFUSED_RATE).inc();
    rejects.rejected(
        "http", "RateLimited", "more requests than one address may make", head.remoteAddress());
    return new Admission.Rejected(
        429, "RATE_LIMITED", "this address makes more requests than it may; slow down");
  }

  /// The answer to a caller that may not have what was found.
  private Response turnedAway(
      Found found, Admission.Rejected rejected, RequestHead head, String id) {
    switch (found) {
      case Found.Handled handled -> {
        var route = handled.route();
        tellOf(route.method(), route.path(), route.surface(), rejected, head, id);
      }
      case Found.Socket socket -> {
        var endpoint = socket.endpoint();
        tellOf("GET", endpoint.path(), endpoint.surface(), rejected, head, id);
      }
      case Found.Nothing _, Found.WrongMethod _ -> {} // there is no door
    }
    return rejected.asResponse();
  }

  private void tellOf(
      String method,
      String path,
      Surface surface,
      Admission.Rejected rejected,
      RequestHead head,
      String id) {
    rejects.refused(
        new Refusal(
            surface,
            method,
            path,
            rejected.code(),
            rejected.message(),
            rejected.caller(),
            head.remoteAddress(),
            id));
  }

  private Admission.Rejected foreign(String objection, RequestHead head) {
    metrics.counter(HttpMetric.REFUSED_ORIGIN).inc();
    rejects.rejected("http", "OriginNotAllowed", objection, head.remoteAddress());
    return new Admission.Rejected(403, "ORIGIN_NOT_ALLOWED", objection);
  }

  private static Upgrade refused(String id, Response response) {
    return new Upgrade.Refuse(Reply.finished(response, id, Map.of()));
  }

  private static List<Route> plus(List<Route> some, List<Route> more) {
    var all = new ArrayList<>(some);
    all.addAll(more);
    return all;
  }
}
