package dev.millrace.control.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.engine.pipeline.PipelineState;
import dev.millrace.engine.pipeline.PipelineStateChanged;
import dev.millrace.gateway.session.SessionKind;
import dev.millrace.gateway.session.SessionSource;
import dev.millrace.gateway.session.SessionView;
import dev.millrace.gateway.wse.WseMetric;
import dev.millrace.hub.HubMetric;
import dev.millrace.hub.SendLatency;
import dev.millrace.testkit.Await;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class IntervalEventsTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final FakeProcess process = new FakeProcess();
  private final AtomicInteger asked = new AtomicInteger();
  private final AtomicInteger beats = new AtomicInteger();
  private int runs;
  private final IntervalEvents events =
      new IntervalEvents(TelemetrySpec.DEFAULT, process.sections(), process.clock, process.metrics);

  @AfterEach
  void closeAll() {
    events.close();
    process.close();
  }

  /// Begins, and waits until the first look at everything has been taken.
  private void start() {
    process.onAsked = asked::incrementAndGet;
    events.start(beats::incrementAndGet);
    advance(Duration.ZERO);
  }

  private void advance(Duration time) {
    process.clock.advance(time);
    process.awaitRuns("interval", ++runs);
  }

  @Test
  void nothingIsMeasuredUnlessSomebodyLooks() {
    process.onAsked = asked::incrementAndGet;
    process.clock.advance(Duration.ofSeconds(5));
    assertThat(asked).hasValue(0);
    start();
    advance(SECOND);
    process.await(FeedTick.class, 1);
    Await.until("a beat", () -> beats.get() == 1);
    events.stop();
    process.clock.advance(Duration.ofSeconds(5));
    assertThat(process.announced(FeedTick.class)).hasSize(1);
    assertThat(process.announced(PipelineTick.class)).hasSize(1);
  }

  @Test
  void nodesAndEdgesHaveTheRatesOfTheInterval() {
    process.pipelines = List.of(FakeProcess.view("a", 1_000, 10));
    start();
    process.pipelines = List.of(FakeProcess.view("a", 1_500, 60));
    advance(SECOND);
    var tick = process.await(PipelineTick.class, 1);
    assertThat(tick.seq()).isEqualTo(1);
    assertThat(tick.intervalMs()).isEqualTo(1_000);
    var line = tick.pipelines().getFirst();
    assertThat(line.state()).isEqualTo("Running");
    assertThat(line.error()).isEqualTo("store: slow disk");
    assertThat(tick.nodes())
        .extracting(PipelineTick.NodeLine::id)
        .containsExactly("read", "keep", "store");
    assertThat(tick.nodes())
        .extracting(PipelineTick.NodeLine::framesPerSec)
        .containsExactly(500.0, 500.0, 450.0);
    assertThat(tick.nodes()).extracting(PipelineTick.NodeLine::pipeline).containsOnly("a");
    var keep = tick.nodes().get(1);
    assertThat(keep.framesTotal()).isEqualTo(1_500);
    assertThat(keep.errorsTotal()).isEqualTo(2);
    assertThat(keep.errorsPerSec()).isZero();
    assertThat(keep.avgUs()).isEqualTo(1.3);
    assertThat(keep.state()).isEqualTo("running");
    assertThat(keep.p99Us()).isEqualTo(3);
    assertThat(keep.busyPct()).isEqualTo(25);
    assertThat(keep.blockedPct()).isEqualTo(50);
    assertThat(keep.idlePct()).isEqualTo(25);
    assertThat(keep.restarts()).isZero();
    assertThat(keep.skipped()).isZero();
    assertThat(keep.breaker()).isNull();
    assertThat(tick.nodes().getFirst().avgUs()).isNull();
    var fused = tick.edges().getFirst();
    assertThat(fused.ratePerSec()).isEqualTo(500);
    assertThat(fused.depth()).isNull();
    assertThat(fused.fillPct()).isNull();
    var queued = tick.edges().getLast();
    assertThat(queued.ratePerSec()).isEqualTo(500);
    assertThat(queued.depth()).isEqualTo(60);
    assertThat(queued.capacity()).isEqualTo(100);
    assertThat(queued.fillPct()).isEqualTo(60);
    assertThat(queued.strategy()).isEqualTo("block");
    assertThat(queued.droppedTotal()).isZero();
    assertThat(queued.droppedPerSec()).isZero();
    assertThat(SignalJson.payload(tick).path("nodes").path(0).propertyNames())
        .contains("frames_per_sec", "p50_us", "busy_pct", "breaker");
  }

  @Test
  void theHubHasTheRatesOfTheInterval() {
    process.hub(3, 100, 1_000);
    process.metrics.counter(HubMetric.DELIVERED_BYTES).inc(50);
    start();
    process.hub(4, 160, 4_000);
    process.metrics.counter(HubMetric.DELIVERED_BYTES).inc(900);
    process.metrics.counter(HubMetric.LEFT_OUT, "low").inc(6);
    advance(SECOND);
    var tick = process.await(FeedTick.class, 1);
    assertThat(tick.connections().active()).isEqualTo(4);
    assertThat(tick.connections().byState()).isNull();
    assertThat(tick.messages().inPerSec()).isEqualTo(60);
    assertThat(tick.messages().outPerSec()).isEqualTo(3_000);
    assertThat(tick.bytes().outPerSec()).isEqualTo(900);
    assertThat(tick.queue().depth()).isEqualTo(7);
    assertThat(tick.queue().droppedByPriority()).containsEntry("low", 6L);
    assertThat(tick.memoryBytes()).isEqualTo(4_096);
    assertThat(SignalJson.payload(tick).at("/send_latency/p50_us").isNull()).isTrue();
    assertThat(tick.top()).isNull();
    assertThat(tick.dlq()).isNull();
  }

  @Test
  void connectionsAreThereWithWhatTheyGotSinceTheLastTime() {
    var bounds = List.of(100L, 1_000L);
    process.feed =
        new FeedFacts(
            new SendLatency(bounds, List.of(5L, 5L, 0L)), 10, 64, clients(client("a", 100)), null);
    start();
    process.metrics.counter(HubMetric.PUBLISHED_BY_PRIORITY, "high").inc(40);
    process.metrics.counter(HubMetric.RECOVERIES, "recovered").inc(2);
    process.metrics.counter(WseMetric.CLOSED, "kicked").inc();
    process.metrics.counter(WseMetric.ENDED, "unclean").inc(3);
    process.metrics.counter(WseMetric.OPENED).inc(9);
    process.feed =
        new FeedFacts(
            new SendLatency(bounds, List.of(5L, 105L, 0L)),
            77,
            64,
            clients(client("a", 350), client("b", 4)),
            new FeedFacts.Cluster(
                6,
                new LinkedHashMap<>(Map.of("orders", 6)),
                false,
                11,
                250L,
                List.of(
                    new FeedFacts.Peer("b", true, 1_200, 1_500L, 3),
                    new FeedFacts.Peer("c", false, 11_000, null, 0))));
    advance(SECOND);
    var tick = process.await(FeedTick.class, 1);
    assertThat(tick.connections().total()).isEqualTo(9);
    assertThat(tick.connections().byState()).containsEntry("backpressured", 1);
    assertThat(tick.connections().disconnects())
        .containsOnly(Map.entry("kicked", 1L), Map.entry("unclean", 3L));
    assertThat(tick.messages().byPriority()).containsEntry("high", 40.0).containsEntry("low", 0.0);
    assertThat(tick.queue().capacity()).isEqualTo(64);
    assertThat(tick.queue().backpressuredConnections()).isOne();
    assertThat(tick.recovery()).isEqualTo(new FeedTick.Recovery(2, 0, 77));
    var json = SignalJson.payload(tick);
    assertThat(json.at("/send_latency").toString())
        .isEqualTo(
            "{\"p50_us\":550.0,\"p99_us\":991.0,\"bounds\":[100,1000],\"counts\":[0,100,0]}");
    assertThat(json.at("/dlq").toString()).isEqualTo("{\"size\":6,\"by_channel\":{\"orders\":6}}");
    assertThat(json.at("/breaker").toString())
        .isEqualTo("{\"state\":\"open\",\"failures\":11,\"next_retry_ms\":250}");
    assertThat(json.at("/peers").toString())
        .isEqualTo(
            "[{\"node\":\"b\",\"state\":\"up\",\"rtt_ms\":1.5,\"lag\":3,\"last_seen_ms\":1200},"
                + "{\"node\":\"c\",\"state\":\"silent\",\"rtt_ms\":null,\"lag\":0,"
                + "\"last_seen_ms\":11000}]");
    assertThat(json.at("/top/0").toString())
        .isEqualTo(
            "{\"conn_ref\":\"a\",\"user_ref\":\"ann\",\"topics\":2,\"out_per_sec\":250.0,"
                + "\"depth\":7,\"age_s\":60,\"transport\":\"websocket\",\"quality\":\"good\"}");
    assertThat(json.at("/top/1/out_per_sec").isNull()).isTrue();
  }

  private static SessionView client(String id, long sent) {
    return new SessionView(
        id, SessionKind.WSE, "ann", "connected", 2, 7, 60, sent, 1_000, 3, 40, 0, "good", "2.0.7");
  }

  private static SessionSource.Answer clients(SessionView... views) {
    return new SessionSource.Answer(
        List.of(views), views.length, Map.of("connected", 1, "backpressured", 1));
  }

  @Test
  void anotherIntervalHoldsAtOnce() {
    start();
    events.apply(new TelemetrySpec(10, 0, new TelemetrySpec.Ui(250)));
    advance(Duration.ofMillis(250));
    assertThat(process.await(FeedTick.class, 1).intervalMs()).isEqualTo(250);
  }

  @Test
  void whoComesBackGetsNoRateOverTheTimeNobodyLooked() {
    start();
    advance(SECOND);
    process.await(FeedTick.class, 1);
    events.stop();
    process.clock.advance(Duration.ofMinutes(10));
    process.hub(1, 1_000_000, 0);
    start();
    process.hub(1, 1_000_010, 0);
    advance(SECOND);
    assertThat(process.await(FeedTick.class, 2).messages().inPerSec()).isEqualTo(10);
  }

  @Test
  void aStateHasTheMomentItBeganUnlessThatWasMissed() {
    process.pipelines = List.of(FakeProcess.view("a", 1, 0));
    var since = events.pipelines().getFirst().since();
    assertThat(since).isEqualTo(SignalJson.instant(process.clock.epochMicros() - 60_000_000));
    var failed = new PipelineState.Error("no disk", true);
    process.bus.announce(
        new PipelineStateChanged("a", new PipelineState.Running(), failed, 1_000_000));
    process.pipelines = List.of(FakeProcess.view("a", 1, 0, failed));
    Await.until("the change is known", () -> events.pipelines().getFirst().since() != null);
    assertThat(events.pipelines().getFirst().since()).isEqualTo(SignalJson.instant(1_000_000));
    // It went on, and nobody told.
    process.pipelines = List.of(FakeProcess.view("a", 1, 0, new PipelineState.Idle()));
    assertThat(events.pipelines().getFirst().since()).isNull();
    // Gone, and forgotten with the next reconciling.
    process.pipelines = List.of();
    process.clock.advance(Duration.ofSeconds(10));
    Await.until(
        "it is forgotten",
        () -> {
          process.pipelines = List.of(FakeProcess.view("a", 1, 0, failed));
          var forgotten = events.pipelines().getFirst().since() == null;
          process.pipelines = List.of();
          return forgotten;
        });
  }
}
