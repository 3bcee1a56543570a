package dev.millrace.engine.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.node.Execution;
import dev.millrace.core.node.NodeContext;
import dev.millrace.core.time.FakeClock;
import dev.millrace.engine.EngineMetric;
import dev.millrace.engine.fixture.Collecting;
import dev.millrace.engine.fixture.Each;
import dev.millrace.engine.fixture.EngineFixture;
import dev.millrace.engine.fixture.Stamped;
import dev.millrace.engine.fixture.Watching;
import dev.millrace.testkit.Await;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Event time as nodes and operators see it.
@Timeout(60)
class WatermarkTest {
  private static final String A = node("a", 2, 100);
  private static final String B = node("b", 0, 100);

  private final FakeClock clock = new FakeClock();
  private final EngineFixture engine = new EngineFixture(clock, 2);

  @AfterEach
  void stop() {
    engine.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"auto", "off"})
  void aNodeSeesWhatHeldBeforeTheBatchAndAtItsEndWhatHoldsAfterIt(String fusion) throws Exception {
    var a = engine.source("a", new Stamped());
    var watching = engine.transform("w", new Watching());
    var sink = engine.sink("sink", new Collecting());
    var pipeline = start(fusion, A + plain("w", "sink"), "a-w w-sink");

    a.give(9_000);
    Await.until("it arrives", () -> sink.count() == 1 && watching.reached() == 7_000);
    a.give(12_000);
    Await.until("it arrives", () -> sink.count() == 2 && watching.reached() == 10_000);

    assertThat(watching.lines())
        .contains("process 9000: -", "end: 7000", "process 12000: 7000", "end: 10000");
    assertThat(pipeline.drain()).isInstanceOf(DrainReport.Clean.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"auto", "off"})
  void theSlowestSourceCountsUntilItHasBeenQuietForItsTimeout(String fusion) throws Exception {
    var a = engine.source("a", new Stamped());
    var b = engine.source("b", new Stamped());
    var watching = engine.sink("w", new Watching());
    var pipeline = start(fusion, A + B + plain("w"), "a-w b-w");

    a.give(50_000);
    b.give(10_000);
    Await.until("both", () -> watching.reached() == 10_000);
    quiet(60);
    a.give(60_000);
    Await.until("a counts not", () -> watching.lines().contains("process 60000: 10000"));
    quiet(39);
    assertThat(watching.reached()).isEqualTo(10_000);
    // 100 ms after its last frame b is idle, whenever it was asked since; then only a counts.
    quiet(1);
    Await.until("b is idle", () -> watching.reached() == 58_000);
    assertThat(watching.lines()).contains("end: 58000");

    b.give(20_000);
    Await.until("b is back", () -> watching.lines().contains("process 20000: 58000"));
    a.give(90_000);
    Await.until("a goes on", () -> watching.lines().contains("process 90000: 58000"));
    b.give(70_000);
    Await.until("b goes on", () -> watching.reached() == 70_000);
    assertThat(pipeline.drain()).isInstanceOf(DrainReport.Clean.class);
  }

  @Test
  void aSourceThatNeverMadeAFrameHoldsNobodyBackForLong() throws Exception {
    var a = engine.source("a", new Stamped());
    engine.source("b", new Stamped());
    var watching = engine.sink("w", new Watching());
    var pipeline = start("auto", A + B + plain("w"), "a-w b-w");

    a.give(50_000);
    Await.until("it arrives", () -> watching.lines().contains("process 50000: -"));
    quiet(100);

    Await.until("b is left out", () -> watching.reached() == 48_000);
    assertThat(pipeline.drain()).isInstanceOf(DrainReport.Clean.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"auto", "off"})
  void theWatermarkGoesOnWhereNoFrameDoes(String fusion) throws Exception {
    var a = engine.source("a", new Stamped());
    engine.transform("none", new Each((frame, outlet) -> {}));
    var watching = engine.sink("w", new Watching());
    var pipeline = start(fusion, A + plain("none", "w"), "a-none none-w");

    a.give(9_000);

    Await.until("it is told", () -> watching.reached() == 7_000);
    assertThat(watching.lines()).noneMatch(line -> line.startsWith("process"));
    assertThat(pipeline.drain()).isInstanceOf(DrainReport.Clean.class);
  }

  @Test
  void sourcesWithoutEventTimeTakeNoPart() throws Exception {
    var a = engine.source("a", new Stamped());
    var b = engine.source("b", new Stamped());
    var watching = engine.sink("w", new Watching());
    var other = engine.sink("v", new Watching());
    var pipeline = start("auto", A + plain("b", "w", "v"), "a-w b-w b-v");

    b.give(1);
    a.give(9_000);

    Await.until("a alone counts", () -> watching.reached() == 7_000);
    Await.until("b arrives", () -> !other.lines().isEmpty());
    assertThat(other.reached()).isEqualTo(NodeContext.NO_WATERMARK);
    var lines = pipeline.snapshot().nodes();
    assertThat(lines.get(1).eventTime()).isNull();
    assertThat(lines.get(3).eventTime()).isNull();
    assertThat(pipeline.drain()).isInstanceOf(DrainReport.Clean.class);
  }

  @Test
  void operatorsSeeHowFarItIsAndWhatCameLate() throws Exception {
    long now = clock.epochMicros();
    var a = engine.source("a", new Stamped());
    var watching = engine.sink("w", new Watching());
    var pipeline = start("off", A + plain("w"), "a-w");
    assertThat(pipeline.snapshot().nodes().get(1).eventTime())
        .isEqualTo(new PipelineSnapshot.EventTime(null, null, null));

    a.give(now, now - 2_001, now - 2_000);

    Await.until("it arrives", () -> watching.reached() == now - 2_000);
    var lines = pipeline.snapshot().nodes();
    assertThat(lines.get(0).eventTime())
        .isEqualTo(new PipelineSnapshot.EventTime(now - 2_000, 2_000L, 1L));
    assertThat(lines.get(1).eventTime())
        .isEqualTo(new PipelineSnapshot.EventTime(now - 2_000, 2_000L, null));
    assertThat(engine.metrics.counter(EngineMetric.SOURCE_LATE_FRAMES, "p", "a").get())
        .isEqualTo(1);
    assertThat(pipeline.drain()).isInstanceOf(DrainReport.Clean.class);
  }

  @Test
  void aGraphThatChangesGoesOnWhereItWas() throws Exception {
    var a = engine.source("a", new Stamped());
    var watching = engine.sink("w", new Watching());
    var added = engine.sink("x", new Watching());
    var pipeline = start("auto", A + plain("w"), "a-w");
    a.give(9_000);
    Await.until("it arrives", () -> watching.reached() == 7_000);

    var changed = engine.read(document("auto", A + plain("w", "x"), "a-w a-x"));
    assertThat(pipeline.apply(changed)).isInstanceOf(ApplyReport.Applied.class);

    Await.until("the new node hears of it", () -> added.reached() == 7_000);
    a.give(12_000);
    Await.until("it arrives", () -> watching.reached() == 10_000 && added.reached() == 10_000);
    assertThat(watching.lines()).contains("process 12000: 7000");
    assertThat(pipeline.drain()).isInstanceOf(DrainReport.Clean.class);
  }

  @Test
  void aSourceIsNotIdleWhileThereIsNoRoomForItsFrames() throws Exception {
    var a = engine.source("a", new Stamped());
    var b = engine.source("b", new Stamped());
    var slow = engine.sink("slow", new Collecting().stopped());
    var watching = engine.sink("w", new Watching());
    var nodes = A + B + plain("slow", "w");
    var edges =
        List.of("{\"from\":\"b\",\"to\":\"slow\",\"capacity\":1}", edge("b", "w"), edge("a", "w"));
    var pipeline = engine.pipeline(engine.read(json("off", nodes, edges)));
    pipeline.start();
    a.give(50_000);
    b.give(10_000);
    Await.until("both", () -> watching.reached() == 10_000);
    b.give(11_000);
    Await.until("b has no room", EngineFixture::workersAreParked);
    quiet(150);

    slow.resume();
    Await.until("b goes on", () -> watching.reached() == 11_000);
    quiet(99);
    assertThat(watching.reached()).isEqualTo(11_000);
    quiet(1);
    Await.until("b is idle", () -> watching.reached() == 48_000);
    assertThat(pipeline.drain()).isInstanceOf(DrainReport.Clean.class);
  }

  @Test
  void aOneShotRunEndsWithTheSameWatermarks() throws Exception {
    var frames =
        java.util.stream.LongStream.of(5_000, 90_000, 30_000)
            .mapToObj(at -> dev.millrace.core.frame.Frame.trigger(at, at))
            .toList();
    engine.sources("a", () -> new Stamped(frames, true, Execution.INLINE));
    engine.sources("b", () -> new Stamped(frames.subList(0, 1), true, Execution.INLINE));
    var middle = engine.transform("m", new Watching());
    var watching = engine.sink("w", new Watching());
    var graph = engine.read(document("auto", A + B + plain("m", "w"), "a-m m-w b-w"));

    var result =
        new OneShot("o", graph, clock, engine.services(), OneShot.Limits.DEFAULT).executeOnce();

    assertThat(result.failure()).isNull();
    assertThat(middle.lines()).contains("end: 88000");
    assertThat(watching.lines()).contains("end: 88000");
  }

  /// Time passes while everything is at rest.
  private void quiet(int millis) {
    Await.until("all rest", EngineFixture::workersAreParked);
    clock.advance(Duration.ofMillis(millis));
    Await.until("all rest", EngineFixture::workersAreParked);
  }

  private Pipeline start(String fusion, String nodes, String edges) throws Exception {
    var pipeline = engine.pipeline(engine.read(document(fusion, nodes, edges)));
    pipeline.start();
    return pipeline;
  }

  private static String document(String fusion, String nodes, String edges) {
    return json(
        fusion,
        nodes,
        java.util.Arrays.stream(edges.split(" ", -1))
            .map(ends -> edge(ends.split("-", -1)[0], ends.split("-", -1)[1]))
            .toList());
  }

  private static String json(String fusion, String nodes, List<String> edges) {
    return "{\"pipeline_config\":{\"fusion\":\""
        + fusion
        + "\"},\"nodes\":["
        + nodes.substring(1)
        + "],\"connections\":"
        + edges
        + "}";
  }

  private static String edge(String from, String to) {
    return "{\"from\":\"" + from + "\",\"to\":\"" + to + "\"}";
  }

  private static String plain(String... ids) {
    var text = new StringBuilder();
    for (var id : ids) {
      text.append(",{\"id\":\"").append(id).append("\",\"type\":\"").append(id).append("\"}");
    }
    return text.toString();
  }

  private static String node(String id, int lagMs, int idleMs) {
    return ",{\"id\":\""
        + id
        + "\",\"type\":\""
        + id
        + "\",\"event_time\":{\"lag_ms\":"
        + lagMs
        + ",\"idle_timeout_ms\":"
        + idleMs
        + "}}";
  }
}
