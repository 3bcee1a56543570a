package dev.millrace.engine.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.node.Execution;
import dev.millrace.core.node.NodeContext;
import dev.millrace.core.node.Outlet;
import dev.millrace.core.node.Processor;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.time.FakeClock;
import dev.millrace.engine.fixture.Collecting;
import dev.millrace.engine.fixture.Each;
import dev.millrace.engine.fixture.EngineFixture;
import dev.millrace.engine.fixture.Numbers;
import dev.millrace.engine.schedule.EngineSpec;
import dev.millrace.testkit.Await;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What a snapshot says about nodes: what they do, since when, and how busy they are.
@Timeout(60)
class OperatorViewTest {
  private final FakeClock clock = new FakeClock();
  private final EngineFixture engine = new EngineFixture(clock, 2);

  /// A jump of the clock is not meant to make a turn look held here.
  @BeforeEach
  void sparesLongTurns() {
    engine.runtime.apply(EngineSpec.DEFAULT.withHoldLimit(Duration.ofDays(1)));
  }

  @AfterEach
  void stop() {
    engine.close();
  }

  @Test
  void aProducerBeforeAFullChannelIsBlockedAndWhoHoldsItUpIsNamed() throws Exception {
    var source = engine.source("numbers", new Numbers(1_000));
    var sink = engine.sink("sink", new Collecting(Execution.NATIVE).stopped());
    var pipeline = engine.pipeline("{\"channel_capacity\":37}", "numbers -> sink");
    pipeline.start();
    Await.until("the channel is full", () -> source.emitted.get() == 37);
    Await.until("the sink has been asked", () -> sink.refused);
    Await.until("both wait", () -> waiting(pipeline, "numbers") && waiting(pipeline, "sink"));
    long before = clock.epochMicros();

    clock.advance(Duration.ofMinutes(1));

    var numbers = line(pipeline, "numbers");
    assertThat(numbers.load().blocked()).isGreaterThan(0.99);
    assertThat(numbers.load().busy()).isLessThan(0.01);
    assertThat(numbers.standing())
        .isEqualTo(new PipelineSnapshot.Standing(NodeState.WAITING, before, null));
    assertThat(line(pipeline, "sink").load().blocked()).isGreaterThan(0.99); // it is not ready

    sink.resume();
    pipeline.awaitEnd();
    assertThat(line(pipeline, "numbers").standing().state()).isEqualTo(NodeState.ENDED);
    // The last turn is counted when it is over, which may be a little after the pipeline is.
    Await.until(
        "what was long ago counts no more",
        () -> {
          clock.advance(Duration.ofMinutes(10));
          return line(pipeline, "numbers").load().blocked() < 0.01;
        });
  }

  @Test
  void aNodeInALongCallIsRunningAndBusyWhileItLasts() throws Exception {
    var entered = new CountDownLatch(1);
    var release = new CountDownLatch(1);
    engine.source("numbers", new Numbers(1));
    engine.sink(
        "slow",
        new Each(
            Execution.NATIVE,
            (frame, out) -> {
              entered.countDown();
              release.await();
            }));
    var pipeline = engine.pipeline("{}", "numbers -> slow");
    pipeline.start();
    entered.await();
    long since = clock.epochMicros();

    clock.advance(Duration.ofSeconds(30));

    assertThat(line(pipeline, "slow").standing())
        .isEqualTo(new PipelineSnapshot.Standing(NodeState.RUNNING, since, null));
    assertThat(line(pipeline, "slow").load().busy()).isGreaterThan(0.99);
    release.countDown();
    pipeline.awaitEnd();
    assertThat(line(pipeline, "slow").load().batchTimes().p99Micros())
        .isBetween(30e6 * 7 / 8, 30e6 * 9 / 8);
  }

  @Test
  void theNodeThatFailedSaysWithWhatAndTheOthersEnd() throws Exception {
    clock.advance(Duration.ofSeconds(1));
    long when = clock.epochMicros();
    engine.source("numbers", new Numbers(Long.MAX_VALUE));
    engine.transform(
        "picky",
        new Each(
            (frame, out) -> {
              throw new IllegalArgumentException("not this one");
            }));
    engine.sink("sink", new Collecting());
    var pipeline = engine.pipeline("{}", "numbers -> picky -> sink");
    pipeline.start();
    pipeline.awaitEnd();
    clock.advance(Duration.ofSeconds(1));

    var standing = line(pipeline, "picky").standing();
    assertThat(standing.state()).isEqualTo(NodeState.FAILED);
    assertThat(standing.sinceMicros()).isEqualTo(when);
    assertThat(standing.lastError()).contains("node picky failed").contains("not this one");
    assertThat(line(pipeline, "sink").standing().state()).isEqualTo(NodeState.ENDED);
    assertThat(line(pipeline, "sink").standing().lastError()).isNull();
  }

  @Test
  void aNodeThatCouldNotBeOpenedHasFailed() {
    engine.source("numbers", new Numbers(1));
    engine.sink(
        "sink",
        new Processor() {
          @Override
          public void open(NodeContext context) {
            throw new IllegalStateException("no such device");
          }

          @Override
          public void process(Frame frame, Outlet outlet) {}
        });
    var pipeline = engine.pipeline("{}", "numbers -> sink");

    assertThatThrownBy(pipeline::start).isInstanceOf(ProblemException.class);

    assertThat(line(pipeline, "sink").standing().state()).isEqualTo(NodeState.FAILED);
    assertThat(line(pipeline, "sink").standing().lastError()).contains("no such device");
    assertThat(line(pipeline, "numbers").standing().state()).isEqualTo(NodeState.ENDED);
  }

  private static boolean waiting(Pipeline pipeline, String node) {
    return line(pipeline, node).standing().state() == NodeState.WAITING;
  }

  private static PipelineSnapshot.NodeLine line(Pipeline pipeline, String node) {
    return pipeline.snapshot().nodes().stream()
        .filter(line -> line.id().equals(node))
        .findFirst()
        .orElseThrow();
  }
}
