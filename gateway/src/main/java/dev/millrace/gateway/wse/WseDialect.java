package dev.millrace.gateway.wse;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.route.Route;
import dev.millrace.core.route.RouteContribution;
import dev.millrace.core.route.Surface;
import dev.millrace.core.time.Clock;
import dev.millrace.gateway.acl.TopicAccess;
import dev.millrace.gateway.auth.Admission;
import dev.millrace.gateway.auth.Lease;
import dev.millrace.gateway.auth.LeaseWatch;
import dev.millrace.gateway.event.Kills;
import dev.millrace.gateway.event.Rejects;
import dev.millrace.gateway.http.OriginPolicy;
import dev.millrace.gateway.http.WebSocketEndpoint;
import dev.millrace.gateway.inbound.InboundSink;
import dev.millrace.hub.Hub;
import dev.millrace.hub.HubSpec;
import dev.millrace.net.Loop;
import dev.millrace.net.http.RequestHead;
import dev.millrace.net.websocket.Upgrade;
import dev.millrace.net.websocket.WebSocketConnection;
import dev.millrace.net.websocket.WebSocketLimits;
import dev.millrace.net.websocket.WebSocketListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/// The endpoint `/wse`: opens a [WseSession] per connection, beats their hearts and closes them
/// when the server stops. Safe from any thread; sessions belong to their loops.
public final class WseDialect implements AutoCloseable {
  private static final List<String> PATHS = List.of("/wse", "/wse/", "/wse/wse");

  /// Longest message of a caller that is not let in: it is told so and closed, and what it says
  /// meanwhile must not take up memory.
  private static final int MOST_OF_STRANGERS = 4 << 10;

  private final WseContext context;
  private final Rejects rejects;
  private final List<Loop> loops;
  private final List<Workbench> benches = new ArrayList<>(); // by loop
  private Clock.Timer heartbeat; // guarded by the lock
  private boolean closed; // guarded by the lock

  /// Where the dialect runs, what it says of itself, who watches its leases, who is told of its
  /// kills, who decides about topics, and who gets the messages that it has no use for.
  public record Surroundings(
      List<Loop> loops,
      String serverVersion,
      LeaseWatch leases,
      Kills kills,
      TopicAccess topics,
      InboundSink inbound) {
    public Surroundings {
      loops = List.copyOf(loops);
    }
  }

  public WseDialect(
      Hub hub,
      HubSpec spec,
      WebSocketLimits limits,
      Surroundings around,
      WseExtensions extensions,
      Clock clock,
      Metrics metrics) {
    this.loops = around.loops();
    this.rejects = new Rejects(clock);
    this.context =
        new WseContext(hub, around, extensions, spec, limits, clock, new WseCounters(metrics));
    for (int i = 0; i < loops.size(); i++) {
      benches.add(new Workbench(spec.compression().level(), context.random));
    }
    metrics.gauge(WseMetric.CONNECTIONS, context.connections::get);
    metrics.gauge(WseMetric.KEPT, () -> context.restore.size() + context.restoreOfStrangers.size());
    if (context.signing.hasTypes()) {
      hub.finishWith(context.signing);
    }
    this.heartbeat = startHeartbeat(spec);
    around.topics().whenChanged(this::recheckEverywhere);
  }

  /// Goes by these from now on: heartbeats, idle time and what happens to clients everywhere, the
  /// rest with the next connection.
  public synchronized void apply(HubSpec spec, WebSocketLimits limits) {
    boolean anotherPace = !spec.heartbeatInterval().equals(context.spec().heartbeatInterval());
    context.apply(spec, limits);
    if (anotherPace && !closed) {
      heartbeat.cancel();
      heartbeat = startHeartbeat(spec);
    }
  }

  private Clock.Timer startHeartbeat(HubSpec spec) {
    return context.clock.every(
        spec.heartbeatInterval().dividedBy(Pulse.BEATS), this::beatEverywhere);
  }

  /// What the route table gets.
  public List<WebSocketEndpoint> endpoints() {
    var endpoints = new ArrayList<WebSocketEndpoint>();
    for (var path : PATHS) {
      endpoints.add(
          new WebSocketEndpoint(
              path,
              Surface.WSE,
              Route.Access.CLIENT,
              "Topics over WebSocket: subscribe, publish, heartbeats.",
              OriginPolicy.CONFIGURED,
              (request, parameters, admission) -> open(request, admission)));
    }
    if (context.clients().debug()) {
      endpoints.add(Echo.endpoint(() -> context.terms().limits()));
    }
    return endpoints;
  }

  /// What it shows over HTTP. `allowedOrigins` are those of the configuration of the moment.
  public RouteContribution routes(Supplier<List<String>> allowedOrigins) {
    return new WseRoutes(context, allowedOrigins);
  }

  /// Its connections, for operators.
  public ClientDesk clients() {
    return new ClientDesk(loops, benches.stream().map(Workbench::pulse).toList());
  }

  /// Connections now.
  public int connections() {
    return context.connections.get();
  }

  /// How long [#close] may take until it has told everybody.
  public Duration closeSpread() {
    return Drain.window(context.clients().closeSpread(), connections());
  }

  /// Closes every connection with 1012, so that its client comes back: some at once and the others
  /// over [#closeSpread], so that not all of them come back in one moment. Idempotent; returns
  /// before that.
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    heartbeat.cancel();
    context.close();
    var window = closeSpread();
    for (int i = 0; i < loops.size(); i++) {
      var loop = loops.get(i);
      var bench = benches.get(i);
      loop.execute(
          () -> {
            new Drain(loop, context.clock, bench.pulse().all(), window).begin();
            bench.retire();
          });
    }
  }

  private Upgrade open(RequestHead request, Admission admission) {
    var now = context.terms();
    return switch (admission) {
      case Admission.Rejected rejected -> {
        context.counters.refusedCaller.inc();
        yield now.clients().refuseUpgrade()
            ? rejected.asRefusal()
            : new Upgrade.Accept(
                connection -> new Rejection(connection, context.frames, rejected),
                now.limits().withMaxMessageBytes(MOST_OF_STRANGERS));
      }
      case Admission.Admitted(var principal, var lease) -> {
        var client = ClientInfo.of(request, principal);
        yield new Upgrade.Accept(
            connection -> listen(connection, client, lease, now), now.limits());
      }
    };
  }

  private WebSocketListener listen(
      WebSocketConnection connection, ClientInfo client, Lease lease, WseContext.Terms now) {
    if (context.connections.incrementAndGet() > now.spec().maxConnections()) {
      context.connections.decrementAndGet();
      context.counters.refusedOverload.inc();
      rejects.rejected(
          Surface.WSE.label(),
          "TooManyConnections",
          "hub.max_connections is reached",
          connection.remoteAddress());
      return new Overload(connection, context.frames);
    }
    return new WseSession(context, benchOf(connection.loop()), connection, client, lease);
  }

  private void recheckEverywhere() {
    for (int i = 0; i < loops.size(); i++) {
      var pulse = benches.get(i).pulse();
      loops.get(i).execute(() -> pulse.all().forEach(SubscriptionMessages::recheck));
    }
  }

  private void beatEverywhere() {
    for (int i = 0; i < loops.size(); i++) {
      loops.get(i).execute(benches.get(i).pulse()::beat);
    }
  }

  private Workbench benchOf(Loop loop) {
    int number = loops.indexOf(loop);
    if (number < 0) {
      throw new IllegalArgumentException("the dialect does not run on loop " + loop.index());
    }
    return benches.get(number);
  }
}
