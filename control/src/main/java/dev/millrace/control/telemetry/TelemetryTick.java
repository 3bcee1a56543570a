package dev.millrace.control.telemetry;

import dev.millrace.core.signal.Signal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The whole process at one moment. Rates are over `intervalMs`, which was measured, not assumed.
/// What nobody knows, or nothing in this process has, is null; a list is empty where there are none
/// of its kind.
public record TelemetryTick(
    long seq,
    Instant ts,
    long intervalMs,
    double uptimeSeconds,
    long generation,
    SystemFigures system,
    List<? extends Record> processes,
    List<? extends Record> assets,
    Clients clients,
    @Nullable Record arena,
    Bus bus,
    Log log,
    @Nullable Record db,
    @Nullable Record market,
    Config config,
    HubFigures hub,
    List<PipelineFigures> pipelines)
    implements Signal {

  public TelemetryTick {
    processes = List.copyOf(processes);
    assets = List.copyOf(assets);
    pipelines = List.copyOf(pipelines);
  }

  /// Who listens. `kills` counts since the start, by reason.
  public record Clients(
      @Nullable Integer registered,
      int connected,
      @Nullable Integer inWindow,
      int subscriptions,
      @Nullable Double msgsPerSec,
      @Nullable Double bytesPerSec,
      Map<String, Long> kills,
      @Nullable List<? extends Record> top) {

    static Clients of(
        HubSample hub, @Nullable Double msgsPerSec, @Nullable Double bytesPerSec, Kills kills) {
      var killed = kills.byReason("client");
      return new Clients(
          null,
          hub.stats().sessions(),
          null,
          hub.stats().subscriptions(),
          msgsPerSec,
          bytesPerSec,
          killed,
          null);
    }
  }

  /// The signal bus.
  public record Bus(long published, Map<String, Long> droppedBySubscriber) {}

  /// The logs.
  public record Log(Map<String, Long> droppedByLevel) {}

  /// The configuration.
  public record Config(@Nullable String lastError) {}

  /// Topics and their subscribers; totals since the start.
  public record HubFigures(
      int topics,
      long publishedTotal,
      @Nullable Double publishedPerSec,
      long deliveriesTotal,
      @Nullable Double deliveriesPerSec,
      long leftOutTotal,
      int waitingMessages,
      long memoryBytes) {}

  /// One pipeline; totals since it was started.
  public record PipelineFigures(
      String id,
      String name,
      String state,
      @Nullable String error,
      double uptimeSeconds,
      long eventsTotal,
      @Nullable Double eventsPerSec,
      long errorsTotal,
      long rejectedTotal) {}
}
