package dev.millrace.control.telemetry;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.signal.Killed;
import dev.millrace.core.signal.SignalBus;
import dev.millrace.core.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes a snapshot of the whole process every `telemetry_frequency_seconds`, announces it as a
/// [TelemetryTick] and keeps only the newest; every `telemetry_summary_seconds` it writes the
/// totals into the log.
///
/// Snapshots are built one at a time on a virtual thread, the first one second after the start.
/// Nobody waits for them. Safe from any thread.
public final class Telemetry implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Telemetry.class);

  /// Late enough to keep out of the way of a start.
  private static final Duration FIRST = Duration.ofSeconds(1);

  private static final Duration RECONCILE = Duration.ofSeconds(10);
  private static final double STEP_TO_WARN_MS = 500;

  private final Sections sections;
  private final Clock clock;
  private final Metrics metrics;
  private final SystemProbe probe;
  private final Kills kills = new Kills();
  private final Summary summary;
  private final Cadence snapshots;
  private final Cadence summaries;
  private final long startedNanos;
  private final SignalBus.Subscription<Killed> killed;

  private TelemetrySpec spec; // guarded by this
  private Sample before; // these two: confined to the runs, one at a time
  private long seq;
  private volatile @Nullable TelemetryTick last; // written by the runs

  /// What the next snapshot is compared with.
  private record Sample(
      long nanos, long epochMicros, HubSample hub, List<PipelineView> pipelines) {}

  public Telemetry(TelemetrySpec spec, Sections sections, Clock clock, Metrics metrics) {
    this(spec, sections, new Machine(), clock, metrics);
  }

  Telemetry(TelemetrySpec spec, Sections sections, Machine machine, Clock clock, Metrics metrics) {
    this.spec = spec;
    this.sections = sections;
    this.clock = clock;
    this.metrics = metrics;
    this.probe = new SystemProbe(machine);
    this.startedNanos = clock.nanoTime();
    var hub = HubSample.of(sections.hub().get(), metrics);
    var pipelines = sections.pipelines().get();
    this.before = new Sample(startedNanos, clock.epochMicros(), hub, pipelines);
    this.summary = new Summary(totals(sections, kills, before));
    this.snapshots = new Cadence("snapshot", clock, metrics, this::snapshot);
    this.summaries = new Cadence("summary", clock, metrics, this::writeSummary);
    this.killed =
        sections.bus().subscribe("telemetry-kills", Killed.class, kills::add, RECONCILE, () -> {});
  }

  /// Takes snapshots from now on.
  public synchronized Telemetry start() {
    var frequency = spec.frequency();
    snapshots.start(frequency.compareTo(FIRST) < 0 ? frequency : FIRST, frequency);
    spec.summary().ifPresent(period -> summaries.start(period, period));
    return this;
  }

  /// Takes on what has changed, counting the new periods from now.
  public synchronized void apply(TelemetrySpec changed) {
    if (!changed.frequency().equals(spec.frequency())) {
      snapshots.start(changed.frequency(), changed.frequency());
    }
    if (!changed.summary().equals(spec.summary())) {
      summaries.stop();
      changed.summary().ifPresent(period -> summaries.start(period, period));
    }
    spec = changed;
  }

  /// The newest snapshot; null before the first.
  public @Nullable TelemetryTick last() {
    return last;
  }

  /// Who listens now, without rates.
  public TelemetryTick.Clients clients() {
    return TelemetryTick.Clients.of(hub(), null, null, kills);
  }

  @Override
  public void close() {
    snapshots.close();
    summaries.close();
    killed.close();
    probe.close();
  }

  private void snapshot() {
    var now = sample();
    summary.saw(now.hub.stats().sessions(), now.nanos);
    long nanos = now.nanos - before.nanos;
    // Asked last: the operating system may take its time, and the counts are from one moment.
    var system = probe.read(clockStepMs(now, nanos));
    var tick = tick(now, nanos, system);
    before = now;
    last = tick;
    sections.bus().announce(tick);
  }

  private void writeSummary() {
    var now = sample();
    summary.saw(now.hub.stats().sessions(), now.nanos);
    summary.write(totals(sections, kills, now));
  }

  private Sample sample() {
    return new Sample(clock.nanoTime(), clock.epochMicros(), hub(), sections.pipelines().get());
  }

  private HubSample hub() {
    return HubSample.of(sections.hub().get(), metrics);
  }

  private double clockStepMs(Sample now, long nanos) {
    double millis = (now.epochMicros - before.epochMicros) / 1e3 - nanos / 1e6;
    if (Math.abs(millis) > STEP_TO_WARN_MS) {
      metrics.counter(TelemetryMetric.CLOCK_STEPS).inc();
      log.warn(
          "The clock of this machine was set by {} ms in the last {} ms; delays computed from"
              + " timestamps of that time are doubtful",
          Math.round(millis),
          nanos / 1_000_000);
    }
    return Math.round(millis * 10) / 10.0;
  }

  private TelemetryTick tick(Sample now, long nanos, SystemFigures system) {
    var stats = now.hub.stats();
    var old = before.hub.stats();
    var delivered = rate(stats.deliveries(), old.deliveries(), nanos);
    var bus = sections.bus();
    return new TelemetryTick(
        ++seq,
        SignalJson.instant(now.epochMicros),
        nanos / 1_000_000,
        Math.round((now.nanos - startedNanos) / 1e6) / 1e3,
        sections.generation().getAsLong(),
        system,
        List.of(),
        List.of(),
        TelemetryTick.Clients.of(
            now.hub,
            delivered,
            rate(now.hub.deliveredBytes(), before.hub.deliveredBytes(), nanos),
            kills),
        null,
        new TelemetryTick.Bus(bus.published(), bus.droppedBySubscriber()),
        new TelemetryTick.Log(sections.logDrops().get()),
        null,
        null,
        new TelemetryTick.Config(sections.configError().get()),
        new TelemetryTick.HubFigures(
            stats.topics(),
            stats.published(),
            rate(stats.published(), old.published(), nanos),
            stats.deliveries(),
            delivered,
            stats.leftOut(),
            stats.waitingMessages(),
            stats.memoryBytes()),
        pipelines(now, nanos));
  }

  private List<TelemetryTick.PipelineFigures> pipelines(Sample now, long nanos) {
    var rates = new PipelineRates(before.pipelines, nanos);
    return now.pipelines.stream()
        .map(
            view ->
                new TelemetryTick.PipelineFigures(
                    view.name(),
                    view.name(),
                    view.snapshot().state().name(),
                    view.error(),
                    view.snapshot().uptime().toMillis() / 1e3,
                    view.eventsRead(),
                    rates.eventsPerSecond(view),
                    view.errors(),
                    view.rejected()))
        .toList();
  }

  private static Summary.Totals totals(Sections sections, Kills kills, Sample now) {
    var killed = kills.byReason();
    return new Summary.Totals(
        now.nanos,
        byPipeline(now, PipelineView::eventsRead),
        byPipeline(now, PipelineView::errors),
        byPipeline(now, PipelineView::rejected),
        killed,
        sections.bus().droppedBySubscriber(),
        Map.copyOf(sections.logDrops().get()));
  }

  private static Map<String, Long> byPipeline(Sample now, ToLongFunction<PipelineView> count) {
    var counts = new TreeMap<String, Long>();
    now.pipelines.forEach(view -> counts.put(view.name(), count.applyAsLong(view)));
    return counts;
  }

  private static @Nullable Double rate(long now, long before, long nanos) {
    return Rates.perSecond(Rates.gained(now, before), nanos);
  }
}
