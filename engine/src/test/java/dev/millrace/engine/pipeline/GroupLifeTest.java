package dev.millrace.engine.pipeline;

import static dev.millrace.engine.pipeline.SharedWork.run;
import static dev.millrace.engine.pipeline.SharedWork.unsteady;
import static dev.millrace.engine.pipeline.SharedWork.upTo;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.node.Execution;
import dev.millrace.core.node.Outlet;
import dev.millrace.core.time.FakeClock;
import dev.millrace.engine.fixture.Collecting;
import dev.millrace.engine.fixture.Each;
import dev.millrace.engine.fixture.EngineFixture;
import dev.millrace.engine.fixture.Faulty;
import dev.millrace.engine.fixture.Handed;
import dev.millrace.engine.fixture.Numbers;
import dev.millrace.testkit.Await;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The instances that share the work of a node, from their opening to their end.
@Timeout(60)
class GroupLifeTest {
  @ParameterizedTest
  @EnumSource(Execution.class)
  void aDrainInTheMiddleLosesNothing(Execution execution) throws Exception {
    try (var engine = new EngineFixture()) {
      var sink = new Collecting();
      var source = new Numbers(Long.MAX_VALUE);
      var pipeline = run(engine, source, () -> unsteady(execution), sink, "\"parallelism\":3");
      Await.until("frames arrive", () -> sink.count() > 100);

      assertThat(pipeline.drain()).isInstanceOf(DrainReport.Clean.class);

      assertThat(sink.sequences()).isEqualTo(upTo(source.emitted.get()));
    }
  }

  @ParameterizedTest
  @EnumSource(Execution.class)
  void closingInTheMiddleClosesEveryInstance(Execution execution) throws Exception {
    try (var engine = new EngineFixture()) {
      var faulty = new Faulty(execution);
      var sink = new Collecting();
      var pipeline =
          run(engine, new Numbers(Long.MAX_VALUE), faulty::fresh, sink, "\"parallelism\":3");
      Await.until("frames arrive", () -> sink.count() > 100);

      pipeline.close();

      assertThat(faulty.opened.get()).isEqualTo(3);
      assertThat(faulty.closed.get()).isEqualTo(3);
      assertThat(sink.sequences()).isEqualTo(upTo(sink.count()));
      for (var position : sink.positions()) {
        assertThat(position.ordinal()).isLessThanOrEqualTo(sink.count());
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Execution.class)
  void whileItIsPausedNoInstanceWorksAndAfterwardsNothingIsMissing(Execution execution)
      throws Exception {
    try (var engine = new EngineFixture()) {
      var calls = new AtomicInteger();
      var sink = new Collecting();
      var source = new Numbers(Long.MAX_VALUE);
      var pipeline =
          run(
              engine,
              source,
              () ->
                  new Each(
                      execution,
                      (frame, out) -> {
                        calls.incrementAndGet();
                        out.emit(frame);
                      }),
              sink,
              "\"parallelism\":3");
      for (int round = 1; round <= 20; round++) {
        int before = sink.count();
        Await.until("frames arrive", () -> sink.count() > before);
        assertThat(pipeline.pause(Duration.ofSeconds(10))).isEqualTo(new HoldReport.Held());
        int handled = calls.get();
        LockSupport.parkNanos(300_000);
        assertThat(calls.get()).isEqualTo(handled);
        pipeline.resume();
      }

      assertThat(pipeline.drain()).isInstanceOf(DrainReport.Clean.class);
      assertThat(sink.sequences()).isEqualTo(upTo(source.emitted.get()));
    }
  }

  @ParameterizedTest
  @EnumSource(Execution.class)
  void aPauseLeavesAFrameThatWaitsForItsRetryWhereItIs(Execution execution) throws Exception {
    var clock = new FakeClock();
    try (var engine = new EngineFixture(clock, 2)) {
      var faulty = new Faulty(execution).fails(7, 1);
      var sink = new Collecting();
      var pipeline =
          run(
              engine,
              new Numbers(500),
              faulty::fresh,
              sink,
              "\"parallelism\":3,\"restart\":{\"Exponential\":{\"base_ms\":60000,\"max_ms\":60000}}");
      Await.until("the others work on", () -> faulty.attempts.get() > 20);
      Await.until("the retry is planned", () -> clock.timersIn(Duration.ofMinutes(1)) == 1);
      Await.until("the engine rests", EngineFixture::workersAreParked);
      assertThat(pipeline.pause(Duration.ofSeconds(10))).isEqualTo(new HoldReport.Held());
      Await.until("the engine rests", EngineFixture::workersAreParked);
      int attempts = faulty.attempts.get();
      for (int seconds = 0; seconds < 120; seconds += 4) {
        clock.advance(Duration.ofSeconds(4)); // less than a worker may be held
        Await.until("the engine rests", EngineFixture::workersAreParked);
      }
      assertThat(faulty.attempts.get()).isEqualTo(attempts);
      pipeline.resume();

      assertThat(pipeline.awaitEnd()).isEqualTo(new PipelineState.Completed(500));
      assertThat(sink.sequences()).isEqualTo(upTo(500));
    }
  }

  @Test
  void aFullQueueBringsAllInstancesAtOnceAndAnIdleTimeTakesThemAway() throws Exception {
    var clock = new FakeClock();
    try (var engine = new EngineFixture(clock, 2)) {
      var gate = new CountDownLatch(1);
      var source = new Handed();
      var sink = new Collecting();
      var pipeline =
          run(
              engine,
              source,
              () -> new Each(Execution.WAITING, (frame, out) -> pass(gate, frame, out)),
              sink,
              "\"workers\":{\"min\":1,\"max\":4}",
              "\"channel_capacity\":16");
      assertThat(workers(pipeline)).isEqualTo(1);

      source.give(LongStream.rangeClosed(1, 40).toArray());
      Await.until("all are there", () -> workers(pipeline) == 4);
      gate.countDown();
      Await.until("all frames arrive", () -> sink.count() == 40);
      Await.until("the engine rests", EngineFixture::workersAreParked);
      clock.advance(Duration.ofSeconds(29));
      assertThat(workers(pipeline)).isEqualTo(4);
      Await.until(
          "they go",
          () -> {
            clock.advance(Duration.ofSeconds(1));
            return workers(pipeline) == 1;
          });

      source.give(41, 42);
      pipeline.drain();
      assertThat(sink.sequences()).isEqualTo(upTo(42));
    }
  }

  @Test
  void anInstanceThatCannotBeOpenedIsTroubleAndTheOthersWorkOn() throws Exception {
    try (var engine = new EngineFixture()) {
      var faulty = new Faulty(Execution.WAITING).failsToReopen(1_000_000);
      var sink = new Collecting();
      var pipeline =
          run(
              engine,
              new Numbers(Long.MAX_VALUE),
              faulty::fresh,
              sink,
              "\"workers\":{\"min\":1,\"max\":3}");

      Await.until("trouble", () -> !pipeline.health().troubles().isEmpty());
      int before = sink.count();
      Await.until("the first works on", () -> sink.count() > before + 1_000);

      assertThat(pipeline.drain()).isInstanceOf(DrainReport.Clean.class);
    }
  }

  @Test
  void howManyThereAreIsShownAndForgottenAtTheEnd() throws Exception {
    try (var engine = new EngineFixture()) {
      var sink = new Collecting();
      var pipeline =
          run(
              engine,
              new Numbers(Long.MAX_VALUE),
              () -> unsteady(Execution.INLINE),
              sink,
              "\"workers\":{\"min\":3,\"max\":3}");
      assertThat(exposed(engine))
          .contains("millrace_engine_node_instances{node=\"work\",pipeline=\"p\"} 3.0");
      assertThat(pipeline.snapshot().nodes().stream().map(PipelineSnapshot.NodeLine::workers))
          .containsExactly(1, 3, 1);
      pipeline.close();
      assertThat(exposed(engine)).doesNotContain("node_instances{");
    }
  }

  private static String exposed(EngineFixture engine) {
    return new String(engine.metrics.exposition(), StandardCharsets.UTF_8);
  }

  private static int workers(Pipeline pipeline) {
    return pipeline.snapshot().nodes().get(1).workers();
  }

  private static void pass(CountDownLatch gate, Frame frame, Outlet out)
      throws InterruptedException {
    gate.await();
    out.emit(frame);
  }
}
