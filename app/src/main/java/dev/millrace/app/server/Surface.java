package dev.millrace.app.server;

import dev.millrace.app.cli.ExitCode;
import dev.millrace.app.cli.ExitException;
import dev.millrace.app.cli.Version;
import dev.millrace.app.config.MillraceConfig;
import dev.millrace.core.life.Closer;
import dev.millrace.core.metric.Metrics;
import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.time.Clock;
import dev.millrace.engine.api.PipelineRoutes;
import dev.millrace.engine.pipeline.Pipeline;
import dev.millrace.gateway.api.HealthRoutes;
import dev.millrace.gateway.api.StatsRoutes;
import dev.millrace.gateway.api.TopicRoutes;
import dev.millrace.gateway.auth.AccessControl;
import dev.millrace.gateway.http.BindRule;
import dev.millrace.gateway.http.OriginRule;
import dev.millrace.gateway.http.Router;
import dev.millrace.gateway.http.StaticFiles;
import dev.millrace.gateway.publish.PublishEndpoint;
import dev.millrace.gateway.wse.WseDialect;
import dev.millrace.hub.Hub;
import dev.millrace.net.EventLoops;
import dev.millrace.net.http.HttpListener;
import dev.millrace.net.websocket.WebSocketLimits;
import java.net.InetAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// What the process shows to the outside: one listener with every route and dialect. Closing it
/// stops accepting first, then tells connected clients to come back later and waits for them.
final class Surface implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(5);

  private final HttpListener listener;
  private final WseDialect wse;
  private final Closer closer;
  private final Clock clock;
  private final Duration closeTimeout;

  private Surface(
      HttpListener listener, WseDialect wse, Closer closer, Clock clock, Duration closeTimeout) {
    this.listener = listener;
    this.wse = wse;
    this.closer = closer;
    this.clock = clock;
    this.closeTimeout = closeTimeout;
  }

  /// What the surface shows of the rest of the process.
  record Behind(
      EventLoops loops, Hub hub, Supplier<List<Pipeline>> pipelines, Condition condition) {}

  static Surface open(MillraceConfig config, Behind behind, Clock clock, Metrics metrics)
      throws ExitException {
    var closer = new Closer();
    boolean opened = false;
    try {
      var limits = WebSocketLimits.of(config.server().connections());
      var wse =
          closer.opened(
              new WseDialect(
                  behind.hub(),
                  config.hub(),
                  new WseDialect.Setting(behind.loops().loops(), limits, Version.current()),
                  clock,
                  metrics));
      var publish = new PublishEndpoint(behind.hub(), limits, clock, metrics);
      var condition = behind.condition();
      var router =
          new Router(
              config.server().requests(),
              List.of(
                  StaticFiles.startPage(),
                  new PipelineRoutes(behind.pipelines()),
                  new TopicRoutes(behind.hub(), clock),
                  new HealthRoutes(condition::report, condition::ready),
                  new StatsRoutes(condition::stats, metrics)),
              HealthRoutes.onLoop(),
              Stream.concat(wse.endpoints().stream(), publish.endpoints().stream()).toList(),
              new OriginRule(config.server().connections().allowedOrigins()),
              AccessControl.open(),
              clock,
              metrics);
      var listener = closer.opened(listen(config, behind.loops(), router));
      opened = true;
      return new Surface(listener, wse, closer, clock, limits.closeTimeout());
    } finally {
      if (!opened) {
        closer.close();
      }
    }
  }

  URI address() {
    var bound = listener.address();
    return URI.create("http://" + literal(bound.getAddress()) + ":" + bound.getPort());
  }

  @Override
  public void close() {
    closer.close();
    awaitGoodbyes();
  }

  /// Clients are told in a close frame to come back later; the loops must not end before it has
  /// left and been answered, or been given up by the connection's own deadline.
  private void awaitGoodbyes() {
    long deadline = clock.nanoTime() + closeTimeout.toNanos();
    try {
      while (wse.connections() > 0 && clock.nanoTime() - deadline < 0) {
        Thread.sleep(POLL);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static HttpListener listen(MillraceConfig config, EventLoops loops, Router router)
      throws ExitException {
    var host = config.server().host();
    try {
      BindRule.check(host, Location.of("server.host"));
    } catch (ProblemException refused) {
      throw new ExitException(
          ExitCode.BAD_CONFIGURATION, String.valueOf(refused.getMessage()), refused);
    }
    try {
      return HttpListener.bind(loops, host, config.server().port(), router);
    } catch (ProblemException taken) {
      throw new ExitException(ExitCode.IN_USE, String.valueOf(taken.getMessage()), taken);
    }
  }

  private static String literal(InetAddress address) {
    var text = address.getHostAddress();
    return text.contains(":") ? "[" + text + "]" : text;
  }
}
