package dev.millrace.app.server;

import dev.millrace.app.cli.Version;
import dev.millrace.app.config.ListenerSpec;
import dev.millrace.app.config.Settings;
import dev.millrace.core.life.Closer;
import dev.millrace.core.metric.Metrics;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.route.Route;
import dev.millrace.core.route.RouteContribution;
import dev.millrace.core.time.Clock;
import dev.millrace.engine.api.PaletteRoutes;
import dev.millrace.engine.api.PipelineRoutes;
import dev.millrace.engine.api.ReadingRoutes;
import dev.millrace.gateway.api.HealthRoutes;
import dev.millrace.gateway.api.SessionRoutes;
import dev.millrace.gateway.api.StatsRoutes;
import dev.millrace.gateway.api.TopicReadingRoutes;
import dev.millrace.gateway.api.TopicRoutes;
import dev.millrace.gateway.http.OriginRule;
import dev.millrace.gateway.http.Router;
import dev.millrace.gateway.http.StaticFiles;
import dev.millrace.gateway.http.WebSocketEndpoint;
import dev.millrace.gateway.inbound.InboundEndpoint;
import dev.millrace.gateway.inbound.InboundQueue;
import dev.millrace.gateway.publish.PublishEndpoint;
import dev.millrace.gateway.session.SessionDesk;
import dev.millrace.gateway.sse.SseEndpoint;
import dev.millrace.gateway.webhook.SnapshotHook;
import dev.millrace.gateway.wse.ClientDesk;
import dev.millrace.gateway.wse.WseDialect;
import dev.millrace.gateway.wse.WseExtensions;
import dev.millrace.hub.HubSpec;
import dev.millrace.net.http.HttpListener;
import dev.millrace.net.http.HttpService;
import dev.millrace.net.tls.Tls;
import dev.millrace.net.websocket.WebSocketLimits;
import java.net.InetAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/// What the process shows to the outside: every listener, with every route and dialect. Closing it
/// stops accepting first, then tells connected clients to come back later and waits for them.
final class Surface implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(5);

  private final Router router;
  private final WseDialect wse;
  private final PublishEndpoint publish;
  private final SseEndpoint sse;
  private final InboundEndpoint inbound;
  private final SessionDesk sessions;
  private final IntSupplier connections;
  private final HttpListener listener;
  private final boolean secure;
  private final Closer closer;
  private final Clock clock;
  private volatile Duration closeTimeout; // written by apply

  private Surface(
      Settings settings,
      Operations.Around around,
      Doors doors,
      Operations operations,
      Closer closer,
      Clock clock,
      Metrics metrics)
      throws ProblemException {
    this.closer = closer;
    this.clock = clock;
    var config = settings.config();
    var limits = WebSocketLimits.of(config.server().connections());
    this.closeTimeout = limits.closeTimeout();
    var loops = around.loops();
    var queue = new InboundQueue(config.hub().inbound(), clock, metrics);
    this.wse =
        closer.opened(
            new WseDialect(
                around.hub(),
                config.hub(),
                limits,
                new WseDialect.Surroundings(
                    loops.loops(),
                    Version.current(),
                    doors.leases(),
                    doors.kills(),
                    doors.topics(),
                    queue),
                extensions(config.hub(), operations, closer, clock, metrics)
                    .withShelf(around.cluster().shelf()),
                clock,
                metrics));
    this.publish =
        closer.opened(
            new PublishEndpoint(
                around.hub(),
                config.hub().publish(),
                limits,
                doors.topics(),
                doors.leases(),
                doors.kills(),
                clock,
                metrics));
    this.inbound =
        closer.opened(
            new InboundEndpoint(
                around.hub(),
                queue,
                config.hub().inbound(),
                limits,
                new InboundEndpoint.Parts(
                    doors.topics(), doors.leases(), doors.kills(), clock, metrics)));
    this.sse =
        closer.opened(
            new SseEndpoint(
                around.hub(),
                config.hub().sse(),
                loops.loops(),
                doors.topics(),
                doors.kills(),
                clock,
                metrics));
    this.sessions =
        new SessionDesk(
            List.of(wse.clients(), sse.sessions(), publish.sessions(), inbound.sessions()));
    var noc = closer.opened(operations.noc());
    this.connections =
        () ->
            wse.connections()
                + publish.connections()
                + inbound.connections()
                + sse.connections()
                + noc.connections();
    this.router =
        new Router(
            config.server().requests(),
            routes(around, doors, sse, operations, wse, sessions, clock, metrics),
            HealthRoutes.onLoop(),
            endpoints(wse.endpoints(), publish.endpoints(), inbound.endpoints(), noc.endpoints()),
            new OriginRule(config.server().connections().allowedOrigins()),
            doors.access(),
            doors.leases(),
            clock,
            metrics);
    this.secure = doors.tls() != null;
    this.listener =
        listen(around, config.server().host(), config.server().port(), router, doors.tls());
    for (var further : config.server().listeners()) {
      listen(
          around,
          further.host(),
          further.port(),
          served(further),
          further.tls() ? doors.tls() : null);
    }
  }

  private static WseExtensions extensions(
      HubSpec hub, Operations operations, Closer closer, Clock clock, Metrics metrics) {
    var extensions = WseExtensions.NONE.withStatus(operations::systemStatus);
    var snapshots = hub.webhooks().snapshot();
    return snapshots == null
        ? extensions
        : extensions.withSnapshots(closer.opened(new SnapshotHook(snapshots, clock, metrics)));
  }

  static Surface open(
      Settings settings,
      Operations.Around around,
      Doors doors,
      Operations operations,
      Clock clock,
      Metrics metrics)
      throws ProblemException {
    var closer = new Closer();
    boolean opened = false;
    try {
      var surface = new Surface(settings, around, doors, operations, closer, clock, metrics);
      opened = true;
      return surface;
    } finally {
      if (!opened) {
        closer.close();
      }
    }
  }

  URI address() {
    var bound = listener.address();
    return URI.create(
        (secure ? "https://" : "http://") + literal(bound.getAddress()) + ":" + bound.getPort());
  }

  /// The connections of `/wse`.
  ClientDesk clients() {
    return wse.clients();
  }

  /// Those of every surface for clients.
  SessionDesk sessions() {
    return sessions;
  }

  /// Goes by other limits from now on, for connections and requests that come.
  void apply(Settings settings) {
    var config = settings.config();
    var limits = WebSocketLimits.of(config.server().connections());
    closeTimeout = limits.closeTimeout();
    wse.apply(config.hub(), limits);
    publish.apply(config.hub().publish(), limits);
    inbound.apply(limits);
    sse.apply(config.hub().sse());
    router.apply(
        config.server().requests(), new OriginRule(config.server().connections().allowedOrigins()));
  }

  @Override
  public void close() {
    var spread = wse.closeSpread();
    closer.close();
    awaitGoodbyes(closeTimeout.plus(spread));
  }

  /// Clients are told in a close frame to come back later; the loops must not end before it has
  /// left and been answered, or been given up by the connection's own deadline.
  private void awaitGoodbyes(Duration patience) {
    long deadline = clock.nanoTime() + patience.toNanos();
    try {
      while (connections.getAsInt() > 0 && clock.nanoTime() - deadline < 0) {
        Thread.sleep(POLL);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private HttpService served(ListenerSpec further) {
    return further.serve().isEmpty() ? router : router.serving(EnumSet.copyOf(further.serve()));
  }

  private HttpListener listen(
      Operations.Around around, String host, int port, HttpService service, @Nullable Tls tls)
      throws ProblemException {
    return closer.opened(HttpListener.bind(around.loops(), host, port, service, tls));
  }

  private static List<RouteContribution> routes(
      Operations.Around around,
      Doors doors,
      SseEndpoint sse,
      Operations operations,
      WseDialect wse,
      SessionDesk sessions,
      Clock clock,
      Metrics metrics) {
    var condition = operations.condition();
    var routes = new ArrayList<RouteContribution>();
    if (around.routes().stream().flatMap(own -> own.routes().stream()).noneMatch(Surface::isPage)) {
      routes.add(StaticFiles.startPage());
    }
    var pipelines = around.pipelines();
    routes.add(new PaletteRoutes(around.catalogue()));
    routes.add(new PipelineRoutes(pipelines::running, name -> pipelines.origin(name).label()));
    routes.add(new ReadingRoutes(pipelines::find, pipelines::isReplaced, clock));
    routes.add(new TopicRoutes(around.hub(), doors.topics(), clock));
    routes.add(new TopicReadingRoutes(around.hub(), doors.topics()));
    routes.add(new SessionRoutes(sessions));
    routes.add(sse);
    routes.addAll(around.routes());
    routes.add(new HealthRoutes(condition::report, condition::ready));
    routes.add(new StatsRoutes(condition::stats, metrics));
    routes.add(around.cluster().routes());
    routes.add(
        wse.routes(() -> around.live().get().config().server().connections().allowedOrigins()));
    routes.addAll(operations.routes());
    return routes;
  }

  private static boolean isPage(Route route) {
    return route.path().equals("/");
  }

  @SafeVarargs
  private static List<WebSocketEndpoint> endpoints(List<WebSocketEndpoint>... lists) {
    var all = new ArrayList<WebSocketEndpoint>();
    for (var list : lists) {
      all.addAll(list);
    }
    return all;
  }

  /// Something that can be opened: whoever listens everywhere listens on loopback too.
  private static String literal(InetAddress address) {
    var text =
        (address.isAnyLocalAddress() ? InetAddress.getLoopbackAddress() : address).getHostAddress();
    return text.contains(":") ? "[" + text + "]" : text;
  }
}
