package dev.millrace.engine.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.Metadata;
import dev.millrace.core.frame.Samples;
import dev.millrace.core.node.Execution;
import dev.millrace.core.time.FakeClock;
import dev.millrace.core.trace.Correlation;
import dev.millrace.engine.fixture.Collecting;
import dev.millrace.engine.fixture.Each;
import dev.millrace.engine.fixture.EngineFixture;
import dev.millrace.engine.fixture.Numbers;
import dev.millrace.engine.fixture.Stamped;
import dev.millrace.engine.fixture.Watching;
import dev.millrace.engine.pipeline.ReplayOutcome.Replayed;
import dev.millrace.engine.provenance.ProvenanceEvent.Kind;
import dev.millrace.testkit.Await;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Event time, limits, traced and replayed frames where several instances share a node's work.
@Timeout(60)
class GroupMarksTest {
  private final EngineFixture engine = new EngineFixture(new FakeClock(), 2);

  @AfterEach
  void stop() {
    engine.close();
  }

  @Test
  void anInstanceSeesWhatHeldBeforeItsBatchAndAtItsEndWhatHoldsAfterIt() throws Exception {
    var source = engine.source("source", new Stamped());
    var watching = new CopyOnWriteArrayList<Watching>();
    engine.stateless(
        "work",
        () -> {
          var instance = new Watching();
          watching.add(instance);
          return instance;
        });
    var sink = engine.sink("sink", new Collecting());
    var pipeline = start(timed(), "{}");

    source.give(9_000);
    Await.until("it arrives", () -> sink.count() == 1 && placeOf(pipeline) == 7_000);
    source.give(12_000);
    Await.until("it arrives", () -> sink.count() == 2 && placeOf(pipeline) == 10_000);

    var lines = watching.stream().flatMap(each -> each.lines().stream()).toList();
    assertThat(lines).contains("process 9000: -", "end: 7000", "process 12000: 7000", "end: 10000");
    Await.until(
        "the other one hears of it when it is idle",
        () -> watching.stream().filter(each -> each.reached() == 10_000).count() == 2);
    assertThat(pipeline.drain()).isInstanceOf(DrainReport.Clean.class);
  }

  @Test
  void theWatermarkWaitsBehindTheGroupForFramesThatAreAtWork() throws Exception {
    var inside = new CountDownLatch(1);
    var gate = new CountDownLatch(1);
    var source = engine.source("source", new Stamped());
    engine.stateless(
        "work",
        () ->
            new Each(
                Execution.WAITING,
                (frame, outlet) -> {
                  if (frame.sequence() == 9_000) {
                    inside.countDown();
                    gate.await();
                  }
                  outlet.emit(frame);
                }));
    var sink = engine.sink("sink", new Watching());
    var pipeline = start(timed().replace("\"max\":2", "\"max\":2,\"ordered\":false"), "{}");
    source.give(5_000);
    Await.until("it arrives", () -> sink.reached() == 3_000);
    source.give(9_000);
    Await.until("it is at work", () -> inside.getCount() == 0);
    source.give(30_000);
    Await.until("it overtakes", () -> sink.lines().contains("process 30000: 3000"));
    Await.until("all rest", EngineFixture::workersAreParked);
    assertThat(sink.reached()).isEqualTo(3_000);
    gate.countDown();

    Await.until("it is told", () -> sink.reached() == 28_000);
    assertThat(sink.lines()).contains("process 9000: 3000");
    assertThat(pipeline.drain()).isInstanceOf(DrainReport.Clean.class);
  }

  @Test
  void aFrameThatIsTooLargeFailsTheInstanceThatMadeIt() throws Exception {
    engine.source("source", new Numbers(300));
    engine.stateless(
        "work",
        () ->
            new Each(
                (frame, outlet) -> {
                  int samples = frame.sequence() % 10 == 0 ? 11 : 10;
                  outlet.emit(frame.withBody(Samples.of("x", new double[samples])));
                }));
    var sink = engine.sink("sink", new Collecting());
    var pipeline =
        start("\"parallelism\":3,\"error_policy\":\"SkipFrame\"", "{\"max_frame_samples\":10}");

    assertThat(pipeline.awaitEnd()).isEqualTo(new PipelineState.Completed(270));
    assertThat(sink.sequences())
        .isEqualTo(LongStream.rangeClosed(1, 300).filter(n -> n % 10 != 0).boxed().toList());
    assertThat(pipeline.snapshot().nodes().get(1).errors()).isEqualTo(30);
  }

  @ParameterizedTest
  @EnumSource(Execution.class)
  void aFrameIsPutInFrontOfTheGroupOnceMoreAndWhatBecomesOfItIsNotedOnce(Execution execution)
      throws Exception {
    var source = engine.source("source", new Stamped());
    engine.stateless("work", () -> new Each(execution, (frame, outlet) -> outlet.emit(frame)));
    var sink = engine.sink("sink", new Collecting());
    var pipeline = start("\"parallelism\":3", "{}");
    var frame =
        Frame.trigger(5, 7).withMetadata(new Metadata(Map.of(Correlation.METADATA_KEY, "t1")));
    assertThat(pipeline.replay("source", "work", frame))
        .isInstanceOfSatisfying(
            Replayed.class,
            replayed -> {
              Await.until("it arrives", () -> sink.count() == 1);
              Await.until(
                  "it is noted", () -> pipeline.provenance(replayed.trace(), 9).size() == 3);
              assertThat(pipeline.provenance(replayed.trace(), 9))
                  .extracting(event -> event.kind() + " " + event.node())
                  .containsExactlyInAnyOrder(
                      Kind.REPLAYED + " source",
                      Kind.PROCESSED + " work",
                      Kind.DELIVERED + " sink");
              assertThat(pipeline.replay("work", "sink", replayed.trace()))
                  .isInstanceOf(Replayed.class);
            });
    Await.until("the kept one arrives", () -> sink.count() == 2);
    source.give(9);
    Await.until("others go on", () -> sink.count() == 3);
    assertThat(sink.sequences()).isEqualTo(List.of(7L, 7L, 9L));
    assertThat(pipeline.drain()).isEqualTo(new DrainReport.Clean(3));
  }

  @Test
  void aReplayLeavesTheGroupBehindWhatWasGivenOutBeforeIt() throws Exception {
    var inside = new CountDownLatch(1);
    var gate = new CountDownLatch(1);
    var source = engine.source("source", new Stamped());
    engine.stateless(
        "work",
        () ->
            new Each(
                Execution.WAITING,
                (frame, outlet) -> {
                  if (frame.sequence() == 1) {
                    inside.countDown();
                    gate.await();
                  }
                  outlet.emit(frame);
                }));
    var sink = engine.sink("sink", new Collecting());
    var pipeline = start("\"parallelism\":2", "{}");
    source.give(1);
    Await.until("it is at work", () -> inside.getCount() == 0);
    assertThat(pipeline.replay("source", "work", Frame.trigger(5, 2))).isInstanceOf(Replayed.class);
    Await.until("all rest", EngineFixture::workersAreParked);
    assertThat(sink.count()).isZero();
    gate.countDown();

    Await.until("both arrive", () -> sink.count() == 2);
    assertThat(sink.sequences()).containsExactly(1L, 2L);
    assertThat(pipeline.drain()).isEqualTo(new DrainReport.Clean(2));
  }

  private static long placeOf(Pipeline pipeline) {
    var time = pipeline.snapshot().nodes().get(1).eventTime();
    return time == null || time.watermarkMicros() == null ? -1 : time.watermarkMicros();
  }

  /// Keys of the node `work` where the source has event time.
  private static String timed() {
    return "\"workers\":{\"min\":2,\"max\":2}";
  }

  private Pipeline start(String keys, String settings) throws Exception {
    var time = keys.contains("workers") ? ",\"event_time\":{\"lag_ms\":2}" : "";
    var json =
        "{\"pipeline_config\":"
            + settings
            + ",\"nodes\":[{\"id\":\"source\",\"type\":\"source\""
            + time
            + "},{\"id\":\"work\",\"type\":\"work\","
            + keys
            + "},{\"id\":\"sink\",\"type\":\"sink\"}],"
            + "\"connections\":[{\"from\":\"source\",\"to\":\"work\"},"
            + "{\"from\":\"work\",\"to\":\"sink\"}]}";
    var pipeline = engine.pipeline(engine.read(json));
    pipeline.start();
    return pipeline;
  }
}
