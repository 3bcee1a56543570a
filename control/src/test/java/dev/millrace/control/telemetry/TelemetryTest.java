package dev.millrace.control.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.control.telemetry.Machine.Reading;
import dev.millrace.core.signal.Killed;
import dev.millrace.core.spec.Spec;
import dev.millrace.engine.pipeline.PipelineState;
import dev.millrace.testkit.Await;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TelemetryTest {
  private static final Duration TEN = Duration.ofSeconds(10);
  private static final Duration ONE = Duration.ofSeconds(1);
  private static final Reading READING = new Reading(12.5, 50.0, 1L << 30, 99L);

  private final FakeProcess process = new FakeProcess();
  private @Nullable Telemetry opened;

  @AfterEach
  void closeAll() {
    if (opened != null) {
      opened.close();
    }
    process.close();
  }

  private Telemetry telemetry(TelemetrySpec spec, Machine machine) {
    var telemetry =
        new Telemetry(spec, process.sections(), machine, process.clock, process.metrics).start();
    opened = telemetry;
    return telemetry;
  }

  private Telemetry telemetry() {
    return telemetry(TelemetrySpec.DEFAULT, new Machine(() -> () -> READING, TEN));
  }

  private static TelemetrySpec spec(double frequency, double summary) {
    return new TelemetrySpec(frequency, summary, new TelemetrySpec.Ui(1_000));
  }

  /// Advances and waits for the n-th snapshot.
  private TelemetryTick tickAfter(Duration time, int number) {
    process.clock.advance(time);
    process.awaitRuns("snapshot", number);
    return process.await(TelemetryTick.class, number);
  }

  @Test
  void theFirstSnapshotComesAfterASecondThenOneEachTenAndOnlyTheNewestIsKept() {
    var telemetry = telemetry();
    assertThat(telemetry.last()).isNull();
    assertThat(tickAfter(ONE, 1).intervalMs()).isEqualTo(1_000);
    var second = tickAfter(TEN, 2);
    assertThat(second.seq()).isEqualTo(2);
    assertThat(second.intervalMs()).isEqualTo(10_000);
    assertThat(second.uptimeSeconds()).isEqualTo(11);
    assertThat(telemetry.last()).isEqualTo(second);
  }

  @Test
  void theKeysAreFixedAndWhatNobodyKnowsIsNull() {
    process.pipelines = List.of(FakeProcess.view("labels", 100, 0));
    telemetry(
        TelemetrySpec.DEFAULT,
        new Machine(
            () -> {
              throw new UnsatisfiedLinkError("not here");
            },
            TEN));
    var json = SignalJson.of(tickAfter(ONE, 1));
    assertThat(json.propertyNames())
        .containsExactly(
            "seq",
            "ts",
            "interval_ms",
            "uptime_seconds",
            "generation",
            "system",
            "processes",
            "assets",
            "clients",
            "arena",
            "bus",
            "log",
            "db",
            "market",
            "config",
            "hub",
            "pipelines");
    var system = json.path("system");
    assertThat(system.propertyNames())
        .containsExactly(
            "cpu_process_pct",
            "cpu_system_pct",
            "rss_bytes",
            "heap_used_bytes",
            "heap_max_bytes",
            "threads",
            "open_fds",
            "gc_pause_ms",
            "clock_step_ms");
    for (var unknown : List.of("cpu_process_pct", "cpu_system_pct", "rss_bytes", "open_fds")) {
      assertThat(system.path(unknown).isNull()).as(unknown).isTrue();
    }
    assertThat(system.path("heap_used_bytes").asLong()).isPositive();
    assertThat(system.path("threads").asInt()).isPositive();
    for (var absent : List.of("arena", "db", "market")) {
      assertThat(json.path(absent).isNull()).as(absent).isTrue();
    }
    var clients = json.path("clients");
    assertThat(clients.path("registered").isNull()).isTrue();
    assertThat(clients.path("top").isNull()).isTrue();
    assertThat(clients.path("connected").isNumber()).isTrue();
    assertThat(json.path("config").path("last_error").isNull()).isTrue();
    assertThat(json.path("pipelines").path(0).path("id").asString()).isEqualTo("labels");
  }

  @Test
  void everyPartOfTheProcessIsAsked() {
    process.generation = 4;
    process.configError = "line 3: unknown key";
    process.logDrops.put("debug", 8L);
    process.pipelines =
        List.of(FakeProcess.view("a", 1, 0, new PipelineState.Error("no disk", true)));
    var telemetry = telemetry();
    process.bus.announce(new Killed("client", "12ab34cd", "SessionReplaced", null));
    process.bus.announce(new Killed("noc", "noc-1", "BackpressureOverflow", null));
    process.await(Killed.class, 2);
    process.hub(9, 100, 200);
    Await.until("the kills are counted", () -> telemetry.clients().kills().size() == 1);
    var tick = tickAfter(ONE, 1);
    assertThat(tick.generation()).isEqualTo(4);
    assertThat(tick.config().lastError()).isEqualTo("line 3: unknown key");
    assertThat(tick.log().droppedByLevel()).containsEntry("debug", 8L);
    assertThat(tick.system().rssBytes()).isEqualTo(1L << 30);
    assertThat(tick.clients().connected()).isEqualTo(9);
    assertThat(tick.clients().kills()).containsOnly(java.util.Map.entry("SessionReplaced", 1L));
    assertThat(tick.bus().published()).isEqualTo(2);
    assertThat(tick.bus().droppedBySubscriber()).containsKey("telemetry-kills");
    assertThat(tick.pipelines().getFirst().error()).isEqualTo("no disk");
    assertThat(tick.hub().waitingMessages()).isEqualTo(7);
  }

  @Test
  void ratesAreOverTheIntervalThatReallyPassed() {
    process.hub(1, 100, 1_000);
    process.pipelines = List.of(FakeProcess.view("a", 500, 0));
    telemetry();
    process.hub(1, 150, 3_000);
    process.pipelines = List.of(FakeProcess.view("a", 700, 0));
    var tick = tickAfter(ONE, 1);
    assertThat(tick.clients().msgsPerSec()).isEqualTo(2_000);
    assertThat(tick.hub().publishedPerSec()).isEqualTo(50);
    assertThat(tick.pipelines().getFirst().eventsPerSec()).isEqualTo(200);
    // Begun anew: what it has done since is the gain.
    process.pipelines = List.of(FakeProcess.view("a", 60, 0));
    assertThat(tickAfter(TEN, 2).pipelines().getFirst().eventsPerSec()).isEqualTo(6);
  }

  @Test
  void aLateTimerMakesOneSnapshotOverTheWholeTime() {
    telemetry();
    tickAfter(ONE, 1);
    var go = new Semaphore(0);
    process.onAsked = go::acquireUninterruptibly;
    process.clock.advance(Duration.ofSeconds(40));
    assertThat(process.metrics.count(TelemetryMetric.SKIPPED, "snapshot")).isEqualTo(3);
    process.onAsked = () -> {};
    go.release();
    process.awaitRuns("snapshot", 2);
    var second = process.await(TelemetryTick.class, 2);
    assertThat(tickAfter(TEN, 3).seq()).isEqualTo(3);
    assertThat(second.intervalMs() + process.await(TelemetryTick.class, 3).intervalMs())
        .isEqualTo(50_000);
  }

  @Test
  void aClockThatWasSetShowsInThatIntervalAloneAndIsSaid() {
    try (var recorder = new LogRecorder(Telemetry.class)) {
      telemetry();
      process.clock.jumpWallClock(Duration.ofMillis(400));
      assertThat(tickAfter(ONE, 1).system().clockStepMs()).isEqualTo(400);
      assertThat(recorder.records).isEmpty();
      process.clock.jumpWallClock(Duration.ofHours(-1));
      assertThat(tickAfter(TEN, 2).system().clockStepMs()).isEqualTo(-3_600_000);
      assertThat(recorder.records).hasSize(1);
      assertThat(tickAfter(TEN, 3).system().clockStepMs()).isZero();
      assertThat(recorder.records).hasSize(1);
      assertThat(process.metrics.count(TelemetryMetric.CLOCK_STEPS)).isEqualTo(1);
    }
  }

  @Test
  void theSummaryHasTheTotalsSinceTheLastOne() {
    process.pipelines = List.of(FakeProcess.view("a", 1_000, 0));
    process.logDrops.put("info", 5L);
    try (var recorder = new LogRecorder(Summary.class)) {
      var telemetry = telemetry(spec(10, 20), new Machine(() -> () -> READING, TEN));
      process.hub(4, 10, 10);
      process.pipelines = List.of(FakeProcess.view("a", 1_250, 0));
      process.logDrops.put("info", 7L);
      process.bus.announce(new Killed("client", "12ab", "BackpressureOverflow", null));
      Await.until("the kill is counted", () -> telemetry.clients().kills().size() == 1);
      tickAfter(ONE, 1);
      process.hub(8, 10, 10);
      tickAfter(TEN, 2);
      process.clock.advance(Duration.ofSeconds(9));
      Await.until("a summary", () -> recorder.records.size() == 1);
      assertThat(recorder.keyValues().getFirst())
          .isEqualTo(
              "INFO event=telemetry_summary interval_seconds=20.0 events={a=250} errors={}"
                  + " rejected={} kills={BackpressureOverflow=1} clients_peak=8"
                  + " clients_average=7.8 bus_dropped={} log_dropped={info=2}");
      process.awaitRuns("summary", 1);
      process.hub(2, 10, 10);
      tickAfter(ONE, 3);
      tickAfter(TEN, 4);
      process.clock.advance(Duration.ofSeconds(9));
      Await.until("another one", () -> recorder.records.size() == 2);
      assertThat(recorder.keyValues().getLast())
          .startsWith("INFO event=telemetry_summary interval_seconds=20.0 events={} errors={}")
          .contains("kills={} clients_peak=2 clients_average=2.0");
    }
  }

  @Test
  void aNewFrequencyAndTheEndOfSummariesHoldAtOnce() {
    var telemetry = telemetry(spec(3_600, 1), new Machine(() -> () -> READING, TEN));
    tickAfter(ONE, 1);
    process.awaitRuns("summary", 1);
    try (var recorder = new LogRecorder(Summary.class)) {
      telemetry.apply(spec(2, 0));
      assertThat(tickAfter(Duration.ofSeconds(2), 2).intervalMs()).isEqualTo(2_000);
      telemetry.apply(spec(2, 0)); // the same again restarts nothing
      process.clock.advance(ONE);
      assertThat(tickAfter(ONE, 3).intervalMs()).isEqualTo(2_000);
      assertThat(recorder.records).isEmpty();
      telemetry.apply(spec(2, 5));
      process.clock.advance(Duration.ofSeconds(5));
      Await.until("a summary", () -> recorder.records.size() == 1);
    }
  }

  @Test
  void afterClosingNothingHappens() {
    var telemetry = telemetry();
    telemetry.close();
    process.clock.advance(Duration.ofHours(2));
    assertThat(process.announced(TelemetryTick.class)).isEmpty();
  }

  @Test
  void theDefaultsReadBack() {
    assertThat(Spec.of(TelemetrySpec.class).keys())
        .extracting(Spec.Key::name)
        .containsExactly("telemetry_frequency_seconds", "telemetry_summary_seconds", "telemetry");
  }
}
