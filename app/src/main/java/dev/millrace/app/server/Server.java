package dev.millrace.app.server;

import dev.millrace.app.cli.ExitCode;
import dev.millrace.app.cli.ExitException;
import dev.millrace.app.cli.Version;
import dev.millrace.app.config.Settings;
import dev.millrace.control.audit.AuditTrail;
import dev.millrace.control.audit.Refusals;
import dev.millrace.control.config.ConfigSource;
import dev.millrace.control.config.LiveConfig;
import dev.millrace.control.data.DataDirectory;
import dev.millrace.control.pipeline.PipelineSet;
import dev.millrace.core.life.Closer;
import dev.millrace.core.metric.Metrics;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.route.RouteContribution;
import dev.millrace.core.signal.SignalBus;
import dev.millrace.core.time.SystemClock;
import dev.millrace.engine.pipeline.Pipeline;
import dev.millrace.engine.pipeline.PipelineServices;
import dev.millrace.engine.schedule.EngineRuntime;
import dev.millrace.gateway.wse.LoopPort;
import dev.millrace.gateway.wse.WseEnvelope;
import dev.millrace.gateway.wse.filter.PayloadKey;
import dev.millrace.hub.Hub;
import dev.millrace.hub.HubPorts;
import dev.millrace.net.EventLoops;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One running Millrace. The constructor wires nothing up; [#start] constructs and starts
/// everything in order and undoes it, newest first, when a step fails; [#stop] drains and closes.
///
/// Confined to the thread that starts and stops it, but for [#pipelines], [#address], [#reload] and
/// the statistics, which any thread may ask.
public final class Server implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Server.class);
  private static final Duration POLL = Duration.ofMillis(5);

  private final Foundation foundation;
  private final ServiceHolder services;
  private final ConfigSource<Settings> source;
  private final LiveConfig<Settings> live;
  private final List<RouteContribution> routes;
  private final Closer closer = new Closer();
  private @Nullable PipelineSet pipelines;
  private @Nullable Surface surface;
  private @Nullable Cluster cluster;

  // Written once by start; a hang-up may come at any time.
  private volatile @Nullable Operations operations;

  /// `services` is what the catalogue that read the configuration looks into; `source` reads it
  /// again.
  public Server(
      Foundation foundation,
      ServiceHolder services,
      ConfigSource<Settings> source,
      ConfigSource.Loaded<Settings> first) {
    this(foundation, services, source, first, List.of());
  }

  /// The same, with routes of somebody else's on the same port.
  public Server(
      Foundation foundation,
      ServiceHolder services,
      ConfigSource<Settings> source,
      ConfigSource.Loaded<Settings> first,
      List<RouteContribution> routes) {
    this.routes = List.copyOf(routes);
    this.foundation = foundation;
    this.services = services;
    this.source = source;
    this.live =
        new LiveConfig<>(
            source.spec(), first, Instant.ofEpochMilli(foundation.clock().epochMillis()));
  }

  /// Starts everything, in order.
  ///
  /// @throws ExitException naming what could not be had; everything started before is closed again
  public void start() throws ExitException {
    boolean started = false;
    try {
      startInOrder();
      started = true;
    } catch (ProblemException problem) {
      throw new ExitException(exitCode(problem), String.valueOf(problem.getMessage()), problem);
    } finally {
      if (!started) {
        close();
      }
    }
  }

  private void startInOrder() throws ExitException, ProblemException {
    var settings = live.get();
    var config = settings.config();
    var data =
        closer.opened(DataDirectory.open(Path.of(config.server().dataDir()), Version.current()));
    closer.opened(NativeLibraries.unpackInto(data.nativeLibraries()));
    startLogs(data.root());
    config.metrics().apply(metrics());
    var signals = closer.opened(new SignalBus(config.sysbus().capacity(), clock(), metrics()));
    var loops = closer.opened(new EventLoops(config.server().connections(), clock(), metrics()));
    var ports = loops.loops().stream().map(LoopPort::new).toList();
    var instances = new Cluster(config.cluster(), config.hub().mappings(), clock(), metrics());
    cluster = instances;
    var outlets = instances.join(HubPorts.LOCAL.withCanonical(WseEnvelope.STAMPED));
    var hub = closer.opened(new Hub(config.hub(), ports, clock(), metrics(), outlets));
    PayloadKey.readFor(hub);
    closer.opened(instances).start(hub);
    services.provide(loops, hub);
    var engine = closer.opened(new EngineRuntime(config.engine(), clock(), metrics())).start();
    var set =
        closer.opened(
            new PipelineSet(
                engine,
                new PipelineServices(metrics(), signals, data.root(), true),
                () -> live.get().config().server().drainTimeout()));
    pipelines = set;
    var audit =
        closer
            .opened(
                new AuditTrail(data.root(), config.audit(), live::generation, clock(), metrics()))
            .start();
    var refusals = closer.opened(new Refusals(audit, clock()));
    var doors = closer.opened(Doors.open(settings, loops, signals, refusals, clock(), metrics()));
    var around =
        new Operations.Around(
            foundation,
            live,
            source,
            data.root(),
            signals,
            loops,
            hub,
            instances,
            services.catalogue(),
            set,
            routes);
    var made = closer.opened(new Operations(around, engine, doors, audit));
    operations = made;
    // The port is taken before anything flows, and answers before that too.
    var opened = closer.opened(Surface.open(settings, around, doors, made, clock(), metrics()));
    surface = opened;
    made.follow(opened);
    set.open(settings.graphs());
    made.begin();
    log.info("Serving on {}; pipelines: {}", address(), settings.graphs().size());
  }

  private void startLogs(Path dataRoot) throws ExitException {
    var logs = foundation.logs();
    logs.mask(live.secrets());
    try {
      logs.start(live.get().config().logging(), dataRoot);
    } catch (IOException failure) {
      throw new ExitException(
          ExitCode.IN_USE,
          "error: the log cannot be written: "
              + failure
              + "\n    fix Make it writable, or set logging.output to stderr.",
          failure);
    }
  }

  /// Where clients connect.
  public URI address() {
    if (surface == null) {
      throw new IllegalStateException("the server has not started");
    }
    return surface.address();
  }

  /// The folder of this process's files, as it was configured.
  public Path dataDir() {
    return Path.of(live.get().config().server().dataDir());
  }

  public List<Pipeline> pipelines() {
    return set().running();
  }

  public Hub hub() {
    return services.hub();
  }

  /// Reads the configuration again, as a hang-up asks for. Returns at once; what becomes of it is
  /// in the log. Does nothing before the start is through.
  public void reload() {
    var running = operations;
    if (running != null) {
      running.reloadOnSignal();
    }
  }

  /// Waits until every pipeline has ended by itself. Returns at once without pipelines.
  public void awaitPipelines() throws InterruptedException {
    set().awaitAll();
  }

  /// Drains: no command is taken any more, sources stop, what is under way is stored and published,
  /// and all of it takes at most `server.drain_timeout`. Clients stay connected until [#close]
  /// tells them to come back later.
  public DrainResult stop() throws InterruptedException {
    var patience = live.get().config().server().drainTimeout();
    log.info("Draining, for {} s at most; a second signal ends at once", patience.toMillis() / 1e3);
    long deadline = clock().nanoTime() + patience.toNanos();
    if (operations != null) {
      operations.end();
    }
    var stopped = set().stopAll(until(deadline));
    while (undelivered() > 0 && !until(deadline).isZero()) {
      Thread.sleep(POLL);
    }
    return new DrainResult(stopped);
  }

  private int undelivered() {
    return hub().stats().waitingMessages() + (cluster == null ? 0 : cluster.waiting());
  }

  @Override
  public void close() {
    closer.close();
  }

  private PipelineSet set() {
    if (pipelines == null) {
      throw new IllegalStateException("the server has not started");
    }
    return pipelines;
  }

  private Duration until(long deadline) {
    return Duration.ofNanos(Math.max(0, deadline - clock().nanoTime()));
  }

  private SystemClock clock() {
    return foundation.clock();
  }

  private Metrics metrics() {
    return foundation.metrics();
  }

  /// What is somebody else's is another code than what is written wrongly.
  private static ExitCode exitCode(ProblemException problem) {
    return switch (problem.problem().code()) {
      case "E_PORT_IN_USE", "E_PORT_NOT_PERMITTED", "E_BAD_ADDRESS" -> ExitCode.IN_USE;
      case String code when code.startsWith("E_DATA_") -> ExitCode.IN_USE;
      default -> ExitCode.BAD_CONFIGURATION;
    };
  }
}
