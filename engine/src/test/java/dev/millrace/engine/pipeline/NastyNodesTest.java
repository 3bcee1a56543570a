package dev.millrace.engine.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.node.Execution;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.time.FakeClock;
import dev.millrace.engine.EngineMetric;
import dev.millrace.engine.fixture.Breaking;
import dev.millrace.engine.fixture.Collecting;
import dev.millrace.engine.fixture.EngineFixture;
import dev.millrace.engine.fixture.Numbers;
import dev.millrace.engine.graph.Graph;
import dev.millrace.testkit.Await;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Nodes that throw, or never come back, in whichever call: what was opened is closed once, whoever
/// waits is released, and the report names the node and the call.
@Timeout(60)
class NastyNodesTest {
  private static final Duration LONG = Duration.ofSeconds(20);

  private final FakeClock clock = new FakeClock();
  private final EngineFixture engine = new EngineFixture(clock, 2);

  @AfterEach
  void stop() {
    engine.close();
  }

  @ParameterizedTest
  @CsvSource({
    "poll, INLINE", "poll, WAITING", "poll, NATIVE",
    "position, INLINE", "position, WAITING", "position, NATIVE",
    "drain, INLINE", "drain, WAITING", "drain, NATIVE"
  })
  void aSourceMayFailInEveryCallAndThePipelineEnds(String call, Execution execution)
      throws Exception {
    var nasty = new Breaking(call, execution);
    engine.source("nasty", nasty.source());
    var beside = engine.source("numbers", new Numbers(Long.MAX_VALUE));
    var sink = engine.sink("sink", new Collecting());
    var pipeline = engine.pipeline("{\"channel_capacity\":1}", "nasty -> sink", "numbers -> sink");
    pipeline.start();
    if (call.equals("drain")) {
      Await.until("something arrives", () -> sink.count() > 0);
      assertThat(pipeline.drain(LONG)).isInstanceOf(DrainReport.Failed.class);
    }

    assertThat(pipeline.awaitEnd()).isInstanceOf(PipelineState.Error.class);
    assertThat(pipeline.failure()).hasMessageContaining("nasty").hasMessageContaining(call);
    assertThat(nasty.closed).hasValue(1);
    assertThat(beside.closed).isTrue();
    assertThat(sink.closings).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({
    "ready, WAITING", "ready, NATIVE",
    "process, WAITING", "process, NATIVE",
    "batchEnd, WAITING", "batchEnd, NATIVE",
    "idle, WAITING", "idle, NATIVE",
    "finish, WAITING", "finish, NATIVE"
  })
  void aNodeOnAThreadOfItsOwnMayFailInEveryCall(String call, Execution execution) throws Exception {
    var nasty = new Breaking(call, execution);
    engine.source("numbers", new Numbers(call.equals("idle") ? Long.MAX_VALUE : 100));
    engine.transform("nasty", nasty.processor());
    var sink = engine.sink("sink", new Collecting());
    var pipeline = engine.pipeline("{\"channel_capacity\":1}", "numbers -> nasty -> sink");
    pipeline.start();

    assertThat(pipeline.awaitEnd()).isInstanceOf(PipelineState.Error.class);
    assertThat(pipeline.failure()).hasMessageContaining("nasty").hasMessageContaining(call);
    assertThat(nasty.closed).hasValue(1);
    assertThat(sink.closings).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ready", "batchEnd", "finish"})
  void whatIsNoFramesFailureIsNobodysToSkip(String call) throws Exception {
    var nasty = new Breaking(call, Execution.INLINE);
    engine.source("numbers", new Numbers(100));
    engine.transform("nasty", nasty.processor());
    engine.sink("sink", new Collecting());
    var pipeline = engine.pipeline("{\"error_policy\":\"SkipFrame\"}", "numbers -> nasty -> sink");
    pipeline.start();

    assertThat(pipeline.awaitEnd()).isInstanceOf(PipelineState.Error.class);
    assertThat(pipeline.failure()).hasMessageContaining("nasty").hasMessageContaining(call);
    assertThat(nasty.closed).hasValue(1);
  }

  @Test
  void aSourceThatFailsToOpenIsNamedAndWhatWasOpenIsClosed() {
    var nasty = new Breaking("open", Execution.NATIVE);
    engine.source("nasty", nasty.source());
    var sink = engine.sink("sink", new Collecting());
    var pipeline = engine.pipeline("{}", "nasty -> sink");

    assertThatThrownBy(pipeline::start)
        .isInstanceOf(ProblemException.class)
        .hasMessageContaining("node nasty could not be opened");
    assertThat(nasty.closed).hasValue(0);
    assertThat(sink.closings).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"INLINE", "WAITING", "NATIVE"})
  void aSourceThatFailsToCloseIsCountedAndDisturbsNobody(Execution execution) throws Exception {
    var nasty = new Breaking("close", execution);
    engine.source("nasty", nasty.source());
    var sink = engine.sink("sink", new Collecting());
    var pipeline = engine.pipeline("{}", "nasty -> sink");
    pipeline.start();
    Await.until("something arrives", () -> sink.count() > 0);

    assertThat(pipeline.drain(LONG)).isEqualTo(new DrainReport.Clean(sink.count()));
    assertThat(nasty.closed).hasValue(1);
    assertThat(engine.metrics.count(EngineMetric.NODE_ERRORS, "p", "nasty")).isEqualTo(1);
  }

  @Test
  void aNodeThatCannotSayWhatItHoldsKeepsNoDrainFromEnding() throws Exception {
    var nasty = new Breaking("heldFrames", Execution.INLINE);
    engine.source("numbers", new Numbers(Long.MAX_VALUE));
    engine.transform("nasty", nasty.processor());
    var sink = engine.sink("sink", new Collecting(Execution.WAITING).stopped());
    var pipeline = engine.pipeline("{\"channel_capacity\":1}", "numbers -> nasty -> sink");
    pipeline.start();
    Await.until("the sink refuses", () -> sink.refused);
    var clockwork =
        Thread.ofVirtual()
            .start(
                () -> {
                  Await.until("the drain is timed", () -> clock.pendingTimers() > 1);
                  clock.advance(LONG);
                });

    var report = pipeline.drain(LONG);

    clockwork.join();
    assertThat(report).isInstanceOf(DrainReport.TimedOut.class);
    assertThat(nasty.closed).hasValue(1);
    assertThat(sink.closings).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ready", "process", "batchEnd", "idle", "finish", "close"})
  void aNodeThatNeverComesBackFromACallIsReportedAndLeftBehind(String call) throws Exception {
    var never = new CountDownLatch(1);
    var entered = new CountDownLatch(1);
    var nasty = new Breaking(call, Execution.INLINE, () -> waits(entered, never));
    engine.source("numbers", new Numbers(call.equals("idle") ? Long.MAX_VALUE : 100));
    engine.transform("nasty", nasty.processor());
    var sink = engine.sink("sink", new Collecting(Execution.WAITING));
    engine.sink("beside", new Collecting()); // keeps the node in a chain of its own
    assertLeftBehind(
        engine.graph("{\"channel_capacity\":1}", "numbers -> nasty -> sink", "numbers -> beside"),
        entered);
    assertThat(sink.closings).isEqualTo(1);
    never.countDown();
  }

  @ParameterizedTest
  @ValueSource(strings = {"poll", "position"})
  void aSourceThatNeverComesBackFromACallIsReportedAndLeftBehind(String call) throws Exception {
    var never = new CountDownLatch(1);
    var entered = new CountDownLatch(1);
    var nasty = new Breaking(call, Execution.INLINE, () -> waits(entered, never));
    engine.source("nasty", nasty.source());
    var sink = engine.sink("sink", new Collecting(Execution.WAITING));
    assertLeftBehind(engine.graph("{}", "nasty -> sink"), entered);
    assertThat(sink.closings).isEqualTo(1);
    never.countDown();
  }

  @ParameterizedTest
  @ValueSource(strings = {"ready", "process", "batchEnd", "finish"})
  void aRunAtOnceEndsWithTheFailureOfWhicheverCall(String call) throws Exception {
    var nasty = new Breaking(call, Execution.INLINE);
    engine.transform("nasty", nasty.processor());
    var sink = engine.sink("sink", new Collecting());
    var run =
        new OneShot(
            "p",
            engine.graph("{}", "nasty -> sink"),
            engine.clock,
            engine.services(),
            OneShot.Limits.DEFAULT);

    var result = run.execute(List.of(Frame.trigger(0, 0)), Set.of());

    assertThat(result.failure()).hasMessageContaining("nasty").hasMessageContaining(call);
    assertThat(nasty.closed).hasValue(1);
    assertThat(sink.closings).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"poll", "position", "drain"})
  void aRunAtOnceEndsWithTheFailureOfASource(String call) throws Exception {
    var nasty = new Breaking(call, Execution.INLINE);
    engine.source("nasty", nasty.source());
    var sink = engine.sink("sink", new Collecting());
    var run =
        new OneShot(
            "p",
            engine.graph("{}", "nasty -> sink"),
            engine.clock,
            engine.services(),
            new OneShot.Limits(100, LONG));

    var result = run.execute(List.of(), Set.of());

    assertThat(result.failure()).hasMessageContaining("nasty").hasMessageContaining(call);
    assertThat(nasty.closed).hasValue(1);
    assertThat(sink.closings).isEqualTo(1);
  }

  private void assertLeftBehind(Graph graph, CountDownLatch entered) throws Exception {
    var pipeline = engine.pipeline(graph);
    pipeline.start();
    entered.await();
    Await.until("its worker is seen to wait", EngineFixture::workersAreParked);
    clock.advance(Duration.ofSeconds(6));

    assertThat(pipeline.awaitEnd()).isInstanceOf(PipelineState.Error.class);
    assertThat(Objects.requireNonNull(pipeline.failure()))
        .hasMessageContaining("nasty")
        .hasMessageContaining("did not come back");
  }

  private static void waits(CountDownLatch entered, CountDownLatch never) {
    entered.countDown();
    try {
      never.await();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
