package dev.millrace.engine.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.node.Execution;
import dev.millrace.core.node.SourcePosition;
import dev.millrace.core.time.FakeClock;
import dev.millrace.core.time.SystemClock;
import dev.millrace.engine.EngineMetric;
import dev.millrace.engine.fixture.Collecting;
import dev.millrace.engine.fixture.Each;
import dev.millrace.engine.fixture.EngineFixture;
import dev.millrace.engine.fixture.Numbers;
import dev.millrace.testkit.Await;
import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class OverflowTest {

  @ParameterizedTest
  @EnumSource
  void ofTenFramesForAStuckNodeExactlyTheRightFourSurvive(Execution execution) throws Exception {
    try (var engine = new EngineFixture()) {
      assertThat(survivors(engine, "drop_newest", execution)).isEqualTo(range(1, 4));
    }
    try (var engine = new EngineFixture()) {
      assertThat(survivors(engine, "drop_oldest", execution)).isEqualTo(range(7, 10));
    }
  }

  private static List<Long> survivors(EngineFixture engine, String strategy, Execution execution)
      throws Exception {
    engine.source("numbers", new Numbers(10));
    var sink = engine.sink("sink", new Collecting(execution).stopped());
    var pipeline =
        pipeline(engine, "numbers", "sink", "\"strategy\":\"" + strategy + "\",\"capacity\":4");
    pipeline.start();
    Await.until("six frames are dropped", () -> line(pipeline, 0).droppedFrames() == 6);
    assertThat(line(pipeline, 0).queuedFrames()).isEqualTo(4);
    assertThat(line(pipeline, 0).fill()).isEqualTo(1);

    sink.resume();

    assertThat(pipeline.awaitEnd()).isEqualTo(new PipelineState.Completed(4));
    assertThat(
            engine.metrics.count(
                EngineMetric.EDGE_DROPPED_FRAMES, "p", "numbers", "sink", strategy))
        .isEqualTo(6);
    assertThat(engine.metrics.count(EngineMetric.EDGE_DISCARDED_FRAMES, "p", "numbers", "sink"))
        .isZero();
    assertThat(sink.positions().getLast()).isEqualTo(SourcePosition.exact("numbers-0", 10));
    return sink.sequences();
  }

  @ParameterizedTest
  @ValueSource(strings = {"drop_newest", "drop_oldest"})
  void aStuckBranchThatDropsCostsItsSiblingsNothing(String strategy) throws Exception {
    try (var engine = new EngineFixture()) {
      engine.source("numbers", new Numbers(50_000));
      var stuck = engine.sink("stuck", new Collecting().stopped());
      var free = engine.sink("free", new Collecting());
      var json =
          """
          {"nodes":[{"id":"numbers","type":"numbers"},{"id":"stuck","type":"stuck"},
            {"id":"free","type":"free"}],
           "connections":[
            {"from":"numbers","to":"stuck","strategy":"%s","capacity":3},
            {"from":"numbers","to":"free"}]}\
          """
              .formatted(strategy);
      var pipeline = engine.pipeline(engine.read(json));
      pipeline.start();

      Await.until("the sibling has all", () -> free.count() == 50_000);

      assertThat(free.sequences()).isEqualTo(range(1, 50_000));
      assertThat(stuck.count()).isZero();
      stuck.resume();
      assertThat(pipeline.awaitEnd()).isEqualTo(new PipelineState.Completed(50_003));
      assertThat(stuck.sequences())
          .isEqualTo(strategy.equals("drop_newest") ? range(1, 3) : range(49_998, 50_000));
    }
  }

  @Test
  void aBlockingEdgeWithATimeoutHoldsItsSiblingsUpForThatLongAndNoLonger() throws Exception {
    var clock = new FakeClock();
    try (var engine = new EngineFixture(clock, 2)) {
      var numbers = engine.source("numbers", new Numbers(100));
      var stuck = engine.sink("stuck", new Collecting().stopped());
      var free = engine.sink("free", new Collecting());
      var json =
          """
          {"nodes":[{"id":"numbers","type":"numbers"},{"id":"stuck","type":"stuck"},
            {"id":"free","type":"free"}],
           "connections":[
            {"from":"numbers","to":"stuck","timeout_ms":200,"capacity":4},
            {"from":"numbers","to":"free"}]}\
          """;
      var pipeline = engine.pipeline(engine.read(json));
      pipeline.start();
      Await.until("the producer waits", () -> clock.pendingTimers() == 2); // and the watchdog
      Await.until("workers rest", EngineFixture::workersAreParked);
      clock.advance(Duration.ofMillis(199));
      Await.until("workers rest", EngineFixture::workersAreParked);
      assertThat(numbers.emitted).hasValue(4);

      clock.advance(Duration.ofMillis(1));
      Await.until("the sibling has all", () -> free.count() == 100);

      stuck.resume();
      assertThat(pipeline.awaitEnd()).isEqualTo(new PipelineState.Completed(104));
      assertThat(stuck.sequences()).isEqualTo(range(1, 4));
      assertThat(
              engine.metrics.count(
                  EngineMetric.EDGE_DROPPED_FRAMES, "p", "numbers", "stuck", "timeout"))
          .isEqualTo(96);
    }
  }

  @Test
  void aBranchThatIsClosedNeverHoldsTheOthersUp() throws Exception {
    try (var engine = new EngineFixture()) {
      engine.source("numbers", new Numbers(0, Long.MAX_VALUE, Execution.INLINE));
      engine.sink(
          "fails",
          new Each(
              (frame, out) -> {
                throw new IllegalStateException("as told");
              }));
      var free = engine.sink("free", new Collecting());
      var pipeline = engine.pipeline("{}", "numbers -> fails", "numbers -> free");
      pipeline.start();

      assertThat(pipeline.awaitEnd()).isInstanceOf(PipelineState.Error.class);

      assertThat(free.finished).isTrue();
      assertThat(free.sequences()).isEqualTo(range(1, free.count()));
    }
  }

  /// With a real clock and a slow consumer every frame is delivered or counted.
  @ParameterizedTest
  @ValueSource(strings = {"drop_newest\"", "drop_oldest\"", "block\",\"timeout_ms\":1"})
  void everyFrameIsDeliveredOrCounted(String strategy) throws Exception {
    try (var engine = new EngineFixture(new SystemClock(), 2)) {
      engine.source("numbers", new Numbers(3_000));
      var sink =
          engine.sink(
              "sink",
              new Each(
                  Execution.WAITING,
                  (frame, out) -> {
                    if (frame.sequence() % 50 == 0) {
                      java.util.concurrent.locks.LockSupport.parkNanos(2_000_000);
                    }
                  }));
      assertThat(sink.execution()).isEqualTo(Execution.WAITING);
      var pipeline =
          pipeline(engine, "numbers", "sink", "\"strategy\":\"" + strategy + ",\"capacity\":16");
      pipeline.start();

      var end = pipeline.awaitEnd();

      var edge = line(pipeline, 0);
      assertThat(edge.totalFrames()).isEqualTo(3_000);
      assertThat(end).isEqualTo(new PipelineState.Completed(3_000 - edge.droppedFrames()));
    }
  }

  private static Pipeline pipeline(EngineFixture engine, String from, String to, String edge) {
    return engine.pipeline(
        engine.read(
            """
            {"nodes":[{"id":"%1$s","type":"%1$s"},{"id":"%2$s","type":"%2$s"}],
             "connections":[{"from":"%1$s","to":"%2$s",%3$s}]}\
            """
                .formatted(from, to, edge)));
  }

  private static PipelineSnapshot.EdgeLine line(Pipeline pipeline, int edge) {
    return pipeline.snapshot().edges().get(edge);
  }

  private static List<Long> range(long first, long last) {
    return LongStream.rangeClosed(first, last).boxed().toList();
  }
}
