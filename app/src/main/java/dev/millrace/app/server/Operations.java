package dev.millrace.app.server;

import dev.millrace.app.cli.Version;
import dev.millrace.app.config.Settings;
import dev.millrace.control.audit.AuditEvent;
import dev.millrace.control.audit.AuditRoutes;
import dev.millrace.control.audit.AuditTrail;
import dev.millrace.control.command.AdminRoutes;
import dev.millrace.control.command.ChannelTokenRoutes;
import dev.millrace.control.command.Command;
import dev.millrace.control.command.CommandCall;
import dev.millrace.control.command.CommandDesk;
import dev.millrace.control.command.KickCommand;
import dev.millrace.control.command.SessionEndRoutes;
import dev.millrace.control.config.ConfigRoutes;
import dev.millrace.control.config.ConfigSource;
import dev.millrace.control.config.ConfigWatch;
import dev.millrace.control.config.LiveConfig;
import dev.millrace.control.config.ReloadCommand;
import dev.millrace.control.config.ReloadOutcome;
import dev.millrace.control.config.Reloader;
import dev.millrace.control.data.BackupDesk;
import dev.millrace.control.data.BackupRoutes;
import dev.millrace.control.noc.NocEndpoint;
import dev.millrace.control.pipeline.GraphCommands;
import dev.millrace.control.pipeline.GraphRoutes;
import dev.millrace.control.pipeline.PipelineCommands;
import dev.millrace.control.pipeline.PipelineSet;
import dev.millrace.control.telemetry.Capabilities;
import dev.millrace.control.telemetry.IntervalEvents;
import dev.millrace.control.telemetry.PipelineView;
import dev.millrace.control.telemetry.Sections;
import dev.millrace.control.telemetry.Telemetry;
import dev.millrace.control.telemetry.TelemetryRoutes;
import dev.millrace.core.json.Json;
import dev.millrace.core.life.Closer;
import dev.millrace.core.node.NodeCatalogue;
import dev.millrace.core.problem.Problem;
import dev.millrace.core.route.Principal;
import dev.millrace.core.route.Role;
import dev.millrace.core.route.RouteContribution;
import dev.millrace.core.signal.SignalBus;
import dev.millrace.engine.schedule.EngineRuntime;
import dev.millrace.gateway.wse.SystemStatus;
import dev.millrace.gateway.wse.crypto.ChannelTokens;
import dev.millrace.hub.Hub;
import dev.millrace.net.EventLoops;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What operators have: commands, the configuration that follows its file, telemetry, the trail,
/// backups. Constructed before the port is open, begun when everything runs.
final class Operations implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Operations.class);

  /// Below what a request may take at least, so that the answer is the command's.
  private static final Duration COMMAND_DEADLINE = Duration.ofSeconds(25);

  private static final Principal SIGNAL =
      new Principal("signal", Principal.Kind.ANONYMOUS, Role.ADMIN);

  private final Around around;
  private final Closer closer = new Closer();
  private final Parts parts;
  private final AuditTrail audit;
  private final Telemetry telemetry;
  private final CommandDesk desk;
  private final Reloader<Settings> reloader;
  private final ConfigWatch watch;
  private final NocEndpoint noc;
  private final Condition condition;
  private final Feed feed;
  private final List<RouteContribution> routes;
  private final SecureRandom random = new SecureRandom();

  /// What the process is made of, for those who look after it.
  record Around(
      Foundation foundation,
      LiveConfig<Settings> live,
      ConfigSource<Settings> source,
      Path data,
      SignalBus signals,
      EventLoops loops,
      Hub hub,
      Cluster cluster,
      NodeCatalogue catalogue,
      PipelineSet pipelines,
      List<RouteContribution> routes) {
    Around {
      routes = List.copyOf(routes);
    }
  }

  /// `audit` is the trail of everything that is done here; it is closed by whoever opened it.
  Operations(Around around, EngineRuntime engine, Doors doors, AuditTrail audit) {
    this.around = around;
    this.audit = audit;
    var clock = around.foundation().clock();
    var metrics = around.foundation().metrics();
    var logs = around.foundation().logs();
    var live = around.live();
    var config = live.get().config();
    var inboxes = config.hub().inboxMessages() * around.loops().loops().size();
    this.feed = new Feed(around.hub(), around.cluster(), inboxes);
    var sections =
        new Sections(
            around.hub()::stats,
            feed::facts,
            () -> around.pipelines().running().stream().map(PipelineView::of).toList(),
            live::generation,
            this::configError,
            around.signals(),
            logs::droppedByLevel);
    this.telemetry = closer.opened(new Telemetry(config.telemetryKeys(), sections, clock, metrics));
    var intervals =
        closer.opened(new IntervalEvents(config.telemetryKeys(), sections, clock, metrics));
    this.condition = new Condition(around, audit);
    var backups = closer.opened(new BackupDesk(around.data(), Version.current(), clock, metrics));
    var backupRoutes = new BackupRoutes(backups);
    this.parts = new Parts(around, engine, doors, telemetry, intervals);
    this.reloader =
        closer.opened(
            new Reloader<>(
                live,
                Doors.checking(around.source()),
                parts.all(),
                around.signals(),
                clock,
                metrics));
    var commands = new ArrayList<Command>();
    commands.add(ReloadCommand.of(reloader));
    commands.add(logs.levelCommand());
    commands.add(KickCommand.of(feed::sessions));
    commands.addAll(new PipelineCommands(around.pipelines()).commands());
    var graphs =
        new GraphCommands(
            around.pipelines(), around.catalogue(), clock, COMMAND_DEADLINE.dividedBy(2));
    commands.addAll(graphs.commands());
    commands.add(backupRoutes.command());
    this.desk =
        new CommandDesk(
            commands, audit, around.signals(), COMMAND_DEADLINE, logs::masked, clock, metrics);
    var capabilities =
        new Capabilities(Version.current(), List.of("pipelines", "events", "config"));
    this.noc =
        new NocEndpoint(
            config.server().consoles(),
            new NocEndpoint.Setting(
                around.loops().loops(), UUID.randomUUID().toString(), capabilities, doors.leases()),
            new NocEndpoint.Behind(sections, telemetry, intervals, desk::execute, logs::tail),
            clock,
            metrics);
    this.watch = new ConfigWatch(reloader, this::reloadedByWatch, clock, metrics);
    this.routes =
        List.of(
            new AdminRoutes(desk),
            new SessionEndRoutes(desk),
            new GraphRoutes(desk, graphs),
            new ConfigRoutes(live),
            new TelemetryRoutes(telemetry, capabilities),
            new AuditRoutes(audit),
            new ChannelTokenRoutes(this::channelTokens, audit, logs::masked),
            backupRoutes);
  }

  /// With the keys of the moment.
  private Optional<ChannelTokens> channelTokens() {
    var spec = around.live().get().config().hub().channelTokens();
    return ChannelTokens.of(spec, around.foundation().clock(), random);
  }

  List<RouteContribution> routes() {
    return routes;
  }

  Condition condition() {
    return condition;
  }

  /// What the newest snapshot says of the machine, for clients of the hub.
  SystemStatus systemStatus() {
    var tick = telemetry.last();
    return tick == null ? SystemStatus.UNKNOWN : Condition.of(tick);
  }

  NocEndpoint noc() {
    return noc;
  }

  /// Has reloads reach `surface` too.
  void follow(Surface surface) {
    parts.surface(surface);
    parts.consoles(noc);
    feed.clients(surface.clients(), surface.sessions());
  }

  /// Everything runs: from now on the configuration follows its file.
  void begin() {
    telemetry.start();
    noc.start();
    closer.opened(watch.start());
    condition.serving(true);
    recordLifeCycle("start", null);
  }

  /// The process stops: no commands and no reloads any more.
  void end() {
    condition.serving(false);
    desk.stop();
    watch.close();
    recordLifeCycle("stop", null);
  }

  /// What a hang-up asks for, on a thread of its own.
  void reloadOnSignal() {
    var id = UUID.randomUUID().toString();
    Thread.ofVirtual()
        .name("millrace-hangup")
        .start(
            () -> {
              try {
                var _ =
                    desk.execute(
                        new CommandCall(
                            "reload",
                            Json.mapper().createObjectNode(),
                            SIGNAL,
                            CommandCall.Origin.SIGNAL,
                            id,
                            null));
              } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
              }
            });
  }

  @Override
  public void close() {
    closer.close();
  }

  private void reloadedByWatch(ReloadOutcome outcome) {
    switch (outcome) {
      case ReloadOutcome.Applied applied ->
          audit.record(AuditEvent.lifeCycle("watch", "reload", true, null).with(applied.outcome()));
      case ReloadOutcome.Rejected rejected ->
          audit.record(
              AuditEvent.lifeCycle("watch", "reload", false, "CONFIG_INVALID: " + first(rejected)));
      case ReloadOutcome.Unchanged unchanged -> log.debug("The file says what it said before");
      case ReloadOutcome.WouldApply dry -> log.debug("A dry run changes nothing");
    }
  }

  private void recordLifeCycle(String what, @Nullable String error) {
    var _ = audit.record(AuditEvent.lifeCycle("process", what, true, error));
  }

  private @Nullable String configError() {
    var errors = around.live().state().lastError();
    return errors.isEmpty() ? null : errors.getFirst().what();
  }

  private static String first(ReloadOutcome.Rejected rejected) {
    return rejected.problems().stream()
        .filter(Problem::isError)
        .map(Problem::what)
        .findFirst()
        .orElse("");
  }
}
