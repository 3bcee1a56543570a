package dev.millrace.engine.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.node.Execution;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.engine.fixture.Collecting;
import dev.millrace.engine.fixture.Each;
import dev.millrace.engine.fixture.EngineFixture;
import dev.millrace.engine.fixture.Gate;
import dev.millrace.engine.fixture.LogLines;
import dev.millrace.engine.fixture.Numbers;
import dev.millrace.testkit.Await;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class PauseTest {
  private static final Duration LONG = Duration.ofSeconds(20);

  private final EngineFixture engine = new EngineFixture();

  @AfterEach
  void stop() {
    engine.close();
  }

  @Test
  void aPauseStopsEverythingAndLosesAndDoublesNothing() throws Exception {
    for (long seed = 1; seed <= 20; seed++) {
      var random = new Random(seed);
      var run = "-" + seed;
      var source = engine.source("numbers" + run, new Numbers(Long.MAX_VALUE));
      engine.transform("pass" + run, new Each(Execution.WAITING, (f, out) -> out.emit(f)));
      var slow = engine.sink("slow" + run, new Collecting(Execution.NATIVE));
      var fast = engine.sink("fast" + run, new Collecting());
      var pipeline =
          engine.pipeline(
              "{\"channel_capacity\":" + (1 + random.nextInt(100)) + "}",
              "numbers" + run + " -> pass" + run + " -> slow" + run,
              "pass" + run + " -> fast" + run);
      pipeline.start();
      for (int pause = 0; pause < 5; pause++) {
        int more = fast.count() + random.nextInt(500);
        Await.until("it flows", () -> fast.count() >= more);
        assertThat(pipeline.pause(LONG)).as("seed %s", seed).isEqualTo(new HoldReport.Held());
        assertThat(pipeline.state()).isEqualTo(new PipelineState.Paused());
        long emitted = source.emitted.get();
        int handled = slow.count();
        LockSupport.parkNanos(200_000);
        assertThat(source.emitted.get()).as("seed %s", seed).isEqualTo(emitted);
        assertThat(slow.count()).as("seed %s", seed).isEqualTo(handled);
        pipeline.resume();
      }
      if (random.nextBoolean()) {
        pipeline.pause(LONG);
      }
      assertThat(pipeline.drain()).isInstanceOf(DrainReport.Clean.class);
      var all = LongStream.rangeClosed(1, source.emitted.get()).boxed().toList();
      assertThat(slow.sequences()).as("seed %s", seed).isEqualTo(all);
      assertThat(fast.sequences()).as("seed %s", seed).isEqualTo(all);
      pipeline.close();
    }
  }

  @Test
  void aTriggerWaitsForThePauseToEndAndAnOfferIsNotTaken() throws Exception {
    engine.transform("a", Each.passing());
    var sink = engine.sink("sink", new Collecting());
    var pipeline = engine.pipeline("{}", "a -> sink");
    pipeline.start();
    pipeline.pause(LONG);

    assertThat(pipeline.offer(Frame.trigger(0, 1))).isFalse();
    var waiting =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    pipeline.trigger(Frame.trigger(0, 2));
                  } catch (InterruptedException | ProblemException failed) {
                    throw new IllegalStateException(failed);
                  }
                });
    Await.until("it waits", () -> waiting.getState() == Thread.State.WAITING);
    assertThat(sink.count()).isZero();
    pipeline.resume();
    waiting.join();

    pipeline.drain();
    assertThat(sink.sequences()).containsExactly(2L);
  }

  @Test
  void onlyARunningPipelineIsPausedAndOnlyAPausedOneResumed() throws Exception {
    engine.source("numbers", new Numbers(Long.MAX_VALUE));
    engine.sink("sink", new Collecting());
    var pipeline = engine.pipeline("{}", "numbers -> sink");
    assertThatThrownBy(() -> pipeline.pause(LONG))
        .hasMessage("Invalid state transition: Idle -> Paused");
    pipeline.start();
    assertThatThrownBy(pipeline::resume).hasMessage("Invalid state transition: Running -> Running");
    pipeline.pause(LONG);
    assertThatThrownBy(() -> pipeline.pause(LONG))
        .hasMessage("Invalid state transition: Paused -> Paused");
    pipeline.close();
    assertThat(pipeline.awaitEnd()).isInstanceOf(PipelineState.Completed.class);
    assertThatThrownBy(pipeline::resume)
        .hasMessage("Invalid state transition: Completed -> Running");
    assertThat(pipeline.events())
        .extracting(event -> event.to().name())
        .containsExactly("Initializing", "Running", "Paused", "Completed");
  }

  @ParameterizedTest
  @EnumSource(
      value = Execution.class,
      names = {"WAITING", "NATIVE"})
  void aNodeThatIsInsideACallIsNamedAndStandsStillOnceItIsBack(Execution execution)
      throws Exception {
    engine.source("numbers", new Numbers(10));
    var gate = engine.transform("gate", new Gate(execution));
    var sink = engine.sink("sink", new Collecting());
    var pipeline = engine.pipeline("{}", "numbers -> gate -> sink");
    pipeline.start();
    gate.inside.await();

    var report = pipeline.pause(Duration.ofMillis(20));
    assertThat(report).isEqualTo(new HoldReport.Late(java.util.List.of("gate")));
    gate.open();
    pipeline.resume();

    assertThat(pipeline.awaitEnd()).isEqualTo(new PipelineState.Completed(10));
    assertThat(sink.count()).isEqualTo(10);
  }

  @Test
  void aNodeThatNeverComesBackIsNamedWhenAStopRunsOutOfTime() throws Exception {
    engine.source("numbers", new Numbers(10));
    var gate = engine.transform("gate", new Gate(Execution.NATIVE));
    engine.sink("sink", new Collecting());
    var pipeline = engine.pipeline("{}", "numbers -> gate -> sink");
    pipeline.start();
    gate.inside.await();

    try (var log = LogLines.warnings()) {
      var report = pipeline.drain(Duration.ofMillis(20));

      assertThat(report).isInstanceOf(DrainReport.TimedOut.class);
      assertThat(((DrainReport.TimedOut) report).left()).contains(new DrainReport.Left("gate", 10));
      assertThat(pipeline.state())
          .isEqualTo(new PipelineState.Error("the drain ran out of time; at work: gate", true));
      assertThat(log.lines())
          .anyMatch(
              line -> line.message().contains("did not come back and are left behind: [gate]"));
      assertThat(pipeline.drain()).isEqualTo(report);
    } finally {
      gate.open();
    }
  }

  @Test
  void aFailureDuringAPauseEndsIt() throws Exception {
    engine.source("numbers", new Numbers(Long.MAX_VALUE));
    var gate = new Gate(Execution.WAITING);
    engine.transform(
        "breaks",
        new Each(
            Execution.WAITING,
            (frame, out) -> {
              gate.process(frame, out);
              throw new IllegalStateException("boom");
            }));
    var sink = engine.sink("sink", new Collecting());
    var pipeline = engine.pipeline("{}", "numbers -> breaks -> sink");
    pipeline.start();
    gate.inside.await();
    assertThat(pipeline.pause(Duration.ofMillis(1))).isInstanceOf(HoldReport.Late.class);

    gate.open();

    assertThat(pipeline.awaitEnd()).isInstanceOf(PipelineState.Error.class);
    assertThat(sink.closings).isEqualTo(1);
  }
}
