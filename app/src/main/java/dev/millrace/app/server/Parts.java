package dev.millrace.app.server;

import dev.millrace.app.config.Settings;
import dev.millrace.control.config.ConfigPart;
import dev.millrace.control.noc.NocEndpoint;
import dev.millrace.control.telemetry.IntervalEvents;
import dev.millrace.control.telemetry.Telemetry;
import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.problem.Problems;
import dev.millrace.engine.schedule.EngineRuntime;
import dev.millrace.gateway.acl.AclRules;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What of the process follows the configuration, and in which order: first what only checks, last
/// the pipelines, which take time.
final class Parts {
  private final Operations.Around around;
  private final EngineRuntime engine;
  private final Doors doors;
  private final Telemetry telemetry;
  private final IntervalEvents intervals;

  // Written once, before the first reload.
  private volatile @Nullable Surface surface;
  private volatile @Nullable NocEndpoint consoles;

  Parts(
      Operations.Around around,
      EngineRuntime engine,
      Doors doors,
      Telemetry telemetry,
      IntervalEvents intervals) {
    this.around = around;
    this.engine = engine;
    this.doors = doors;
    this.telemetry = telemetry;
    this.intervals = intervals;
  }

  void surface(Surface opened) {
    surface = opened;
  }

  void consoles(NocEndpoint endpoint) {
    consoles = endpoint;
  }

  List<ConfigPart<Settings>> all() {
    return List.of(
        part("auth", this::auth),
        part("tls", this::tls),
        part("limits", this::limits),
        part("logging", this::logging),
        part("telemetry", this::telemetry),
        new PipelinesPart(around.pipelines()));
  }

  private ConfigPart.Change auth(Settings before, Settings after) throws ProblemException {
    var policy = Doors.policy(after, new Problems()); // whose warnings the source has given
    var rules = AclRules.of(after.config().hub().acl());
    return change(
        () -> {
          doors.access().apply(policy);
          doors.topics().apply(rules);
        });
  }

  private ConfigPart.Change tls(Settings before, Settings after) throws ProblemException {
    var tls = doors.tls();
    var spec = after.config().server().tls();
    if (tls == null || spec == null) {
      return ConfigPart.Change.none();
    }
    var prepared = tls.prepare(spec, after.base(), Location.of("server.tls"));
    return change(prepared::commit);
  }

  private ConfigPart.Change limits(Settings before, Settings after) {
    return change(
        () -> {
          var config = after.config();
          around.loops().apply(config.server().connections());
          engine.apply(config.engine());
          var shown = surface;
          if (shown != null) {
            shown.apply(after);
          }
          var noc = consoles;
          if (noc != null) {
            noc.apply(config.server().consoles());
          }
        });
  }

  private ConfigPart.Change logging(Settings before, Settings after) {
    return change(
        () -> {
          var logs = around.foundation().logs();
          logs.apply(after.config().logging());
          // Those of before may still be in what is on its way.
          var secrets = new HashSet<>(before.secrets());
          secrets.addAll(after.secrets());
          logs.mask(secrets);
        });
  }

  private ConfigPart.Change telemetry(Settings before, Settings after) {
    return change(
        () -> {
          after.config().metrics().apply(around.foundation().metrics());
          telemetry.apply(after.config().telemetryKeys());
          intervals.apply(after.config().telemetryKeys());
        });
  }

  /// How one part is made ready.
  @FunctionalInterface
  private interface Preparation {
    ConfigPart.Change prepare(Settings before, Settings after) throws ProblemException;
  }

  private static ConfigPart<Settings> part(String name, Preparation preparation) {
    return new ConfigPart<>() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public Change prepare(Settings before, Settings after) throws ProblemException {
        return preparation.prepare(before, after);
      }
    };
  }

  private static ConfigPart.Change change(Runnable commit) {
    return new ConfigPart.Change() {
      @Override
      public void commit() {
        commit.run();
      }

      @Override
      public void rollBack() {}
    };
  }
}
