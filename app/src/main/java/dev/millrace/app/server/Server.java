package dev.millrace.app.server;

import dev.millrace.app.cli.ExitCode;
import dev.millrace.app.cli.ExitException;
import dev.millrace.app.config.Settings;
import dev.millrace.core.life.Closer;
import dev.millrace.core.metric.Metrics;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.signal.SignalBus;
import dev.millrace.core.time.SystemClock;
import dev.millrace.engine.pipeline.Pipeline;
import dev.millrace.engine.pipeline.PipelineServices;
import dev.millrace.engine.schedule.EngineRuntime;
import dev.millrace.gateway.wse.LoopPort;
import dev.millrace.hub.Hub;
import dev.millrace.net.EventLoops;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One running Millrace. The constructor wires nothing up; [#start] constructs and starts
/// everything in order and undoes it, newest first, when a step fails; [#stop] drains and closes.
///
/// Confined to the thread that starts and stops it, but for [#pipelines], [#address] and the
/// statistics, which any thread may ask.
public final class Server implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Server.class);
  private static final int SIGNALS_WAITING = 1_024;
  private static final Duration POLL = Duration.ofMillis(5);

  private final Settings settings;
  private final ServiceHolder services;
  private final Closer closer = new Closer();
  private final SystemClock clock;
  private final Metrics metrics = new Metrics();
  private final List<Pipeline> pipelines = new ArrayList<>();
  private @Nullable Surface surface;
  private @Nullable Condition condition;

  /// `services` is what the catalogue that read the settings looks into.
  public Server(Settings settings, ServiceHolder services) {
    this.settings = settings;
    this.services = services;
    this.clock = closer.opened(new SystemClock());
  }

  /// Starts everything, in order.
  ///
  /// @throws ExitException naming what could not be had; everything started before is closed again
  public void start() throws ExitException {
    boolean started = false;
    try {
      startInOrder();
      started = true;
    } finally {
      if (!started) {
        close();
      }
    }
  }

  private void startInOrder() throws ExitException {
    var config = settings.config();
    var data = closer.opened(DataDirectory.open(Path.of(config.server().dataDir())));
    var signals = closer.opened(new SignalBus(SIGNALS_WAITING, clock, metrics));
    var loops = closer.opened(new EventLoops(config.server().connections(), clock, metrics));
    var ports = loops.loops().stream().map(LoopPort::new).toList();
    var hub = closer.opened(new Hub(config.hub(), ports, clock, metrics));
    services.provide(loops, hub);
    var engine = closer.opened(new EngineRuntime(config.engine(), clock, metrics)).start();
    for (var graph : settings.graphs()) {
      pipelines.add(
          closer.opened(
              new Pipeline(
                  graph.name(),
                  graph.graph(),
                  engine,
                  new PipelineServices(metrics, signals, data.root(), true))));
    }
    var howItIs = new Condition(hub, pipelines);
    // The port is taken before anything flows, and answers before that too.
    surface =
        closer.opened(
            Surface.open(
                config, new Surface.Behind(loops, hub, this::pipelines, howItIs), clock, metrics));
    for (var pipeline : pipelines) {
      try {
        pipeline.start();
      } catch (ProblemException problem) {
        throw new ExitException(
            ExitCode.BAD_CONFIGURATION,
            "The pipeline " + pipeline.name() + " cannot start.\n" + problem.getMessage(),
            problem);
      }
    }
    howItIs.serving(true);
    condition = howItIs;
    log.info("Serving on {}; pipelines: {}", address(), pipelines.size());
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
    return Path.of(settings.config().server().dataDir());
  }

  public List<Pipeline> pipelines() {
    return List.copyOf(pipelines);
  }

  public Hub hub() {
    return services.hub();
  }

  /// Waits until every pipeline has ended by itself. Returns at once without pipelines.
  public void awaitPipelines() throws InterruptedException {
    for (var pipeline : pipelines) {
      pipeline.awaitEnd();
    }
  }

  /// Drains: sources stop, what is under way is stored and published, and takes at most
  /// `server.drain_timeout`. Clients stay connected until [#close] tells them to come back later.
  public DrainResult stop() throws InterruptedException {
    if (condition != null) {
      condition.serving(false);
    }
    var patience = settings.config().server().drainTimeout();
    log.info("Draining, for {} s at most; a second signal ends at once", patience.toMillis() / 1e3);
    long deadline = clock.nanoTime() + patience.toNanos();
    var drains = new ArrayList<DrainResult.OfPipeline>();
    for (var pipeline : pipelines) {
      drains.add(new DrainResult.OfPipeline(pipeline.name(), pipeline.drain(until(deadline))));
    }
    while (hub().stats().waitingMessages() > 0 && !until(deadline).isZero()) {
      Thread.sleep(POLL);
    }
    return new DrainResult(List.copyOf(drains));
  }

  private Duration until(long deadline) {
    return Duration.ofNanos(Math.max(0, deadline - clock.nanoTime()));
  }

  @Override
  public void close() {
    closer.close();
  }
}
