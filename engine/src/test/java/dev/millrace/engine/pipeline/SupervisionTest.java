package dev.millrace.engine.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.node.Execution;
import dev.millrace.core.node.Outlet;
import dev.millrace.core.node.Processor;
import dev.millrace.core.node.Source;
import dev.millrace.core.node.SourcePosition;
import dev.millrace.core.time.FakeClock;
import dev.millrace.engine.fixture.Collecting;
import dev.millrace.engine.fixture.Each;
import dev.millrace.engine.fixture.EngineFixture;
import dev.millrace.engine.fixture.Faulty;
import dev.millrace.engine.fixture.Handed;
import dev.millrace.engine.fixture.Numbers;
import dev.millrace.testkit.Await;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class SupervisionTest {
  private static final String A_MINUTE =
      "\"restart\":{\"Exponential\":{\"base_ms\":60000,\"max_ms\":60000,\"max_attempts\":3}}";
  private static final String SKIP_AFTER_A_MINUTE = A_MINUTE + ",\"error_policy\":\"SkipFrame\"";

  private final FakeClock clock = new FakeClock();
  private final EngineFixture engine = new EngineFixture(clock, 2);
  private final Faulty faulty = new Faulty();

  @AfterEach
  void stop() {
    engine.close();
    assertThat(faulty.complaint).isNull();
    Await.until("every instance is closed", () -> faulty.closed.get() == faulty.opened.get());
  }

  @ParameterizedTest
  @EnumSource(Execution.class)
  void aRetryComesWhenItsWaitIsOverAndTheWaitsDouble(Execution execution) throws Exception {
    var slow = new Faulty(execution).fails(1, 4);
    var sink = engine.sink("sink", new Collecting());
    var pipeline =
        pipeline(
            slow,
            new Numbers(2),
            "\"restart\":{\"Exponential\":{\"base_ms\":100,\"max_ms\":300,\"max_attempts\":4}}");
    pipeline.start();

    int attempts = 1;
    for (int wait : new int[] {100, 200, 300, 300}) {
      awaitAttempts(slow, attempts);
      clock.advance(Duration.ofMillis(wait - 1));
      assertThat(slow.attempts.get()).isEqualTo(attempts++);
      clock.advance(Duration.ofMillis(1));
    }

    assertThat(pipeline.awaitEnd()).isEqualTo(new PipelineState.Completed(2));
    assertThat(sink.sequences()).containsExactly(1L, 2L);
    assertThat(upkeep(pipeline).retries()).isEqualTo(4);
  }

  @ParameterizedTest
  @ValueSource(strings = {"auto", "off"})
  void whileAFrameWaitsWhatWasMadeBeforeGoesOnAndItsPositionDoesNot(String fusion)
      throws Exception {
    faulty.fails(5, 1);
    var source = new Numbers(1_000);
    var sink = engine.sink("sink", new Collecting(Execution.WAITING));
    var pipeline =
        pipeline(faulty, source, A_MINUTE, "\"channel_capacity\":20,\"fusion\":\"" + fusion + "\"");
    pipeline.start();

    Await.until("the frames before arrive", () -> sink.count() == 4);
    awaitAttempts(faulty, 5);
    assertThat(source.emitted.get()).isLessThanOrEqualTo(40);
    assertThat(sink.positions()).allMatch(position -> position.ordinal() < 5);
    clock.advance(Duration.ofMinutes(1));

    assertThat(pipeline.awaitEnd()).isEqualTo(new PipelineState.Completed(1_000));
    assertThat(sink.sequences()).isEqualTo(LongStream.rangeClosed(1, 1_000).boxed().toList());
  }

  @ParameterizedTest
  @EnumSource(Execution.class)
  void aDrainEndsAllWaits(Execution execution) throws Exception {
    var slow = new Faulty(execution).fails(1, 2).fails(2, 9);
    var sink = engine.sink("sink", new Collecting());
    var source = new Handed();
    source.give(1, 2, 3);
    var pipeline = pipeline(slow, source, SKIP_AFTER_A_MINUTE);
    pipeline.start();
    awaitAttempts(slow, 1);

    long before = System.nanoTime();
    assertThat(pipeline.drain(Duration.ofSeconds(30))).isEqualTo(new DrainReport.Clean(2));

    assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(5));
    assertThat(sink.sequences()).containsExactly(1L, 3L);
    assertThat(slow.attempts.get()).isEqualTo(3 + 4 + 1);
    assertThat(slow.closed.get()).isEqualTo(slow.opened.get());
  }

  @ParameterizedTest
  @EnumSource(Execution.class)
  void closingEndsAWaitAtOnce(Execution execution) throws Exception {
    var slow = new Faulty(execution).fails(1, 2);
    engine.sink("sink", new Collecting());
    var pipeline = pipeline(slow, new Numbers(3), A_MINUTE);
    pipeline.start();
    awaitAttempts(slow, 1);

    pipeline.close();

    assertThat(pipeline.failure()).isNull();
    assertThat(slow.attempts.get()).isEqualTo(1);
    assertThat(slow.closed.get()).isEqualTo(1);
  }

  @Test
  void aSharedWorkerIsNotHeldByAnOpeningThatBlocks() throws Exception {
    var gate = new CountDownLatch(1);
    faulty.fails(1, 1).opensThrough(gate::await);
    var sink = engine.sink("sink", new Collecting());
    var pipeline = pipeline(faulty, new Numbers(3), "\"restart\":\"immediate\"");
    pipeline.start();
    Await.until("it opens", () -> faulty.openings.get() == 2);
    Await.until("the workers are free", EngineFixture::workersAreParked);

    clock.advance(Duration.ofMinutes(10)); // nobody is held, so nobody is given up
    assertThat(pipeline.state()).isEqualTo(new PipelineState.Running());
    gate.countDown();

    assertThat(pipeline.awaitEnd()).isEqualTo(new PipelineState.Completed(3));
    assertThat(sink.count()).isEqualTo(3);
  }

  @Test
  void anOpeningThatBlocksIsInterruptedByClosing() throws Exception {
    faulty.fails(1, 1).opensThrough(new CountDownLatch(1)::await);
    engine.sink("sink", new Collecting());
    var pipeline = pipeline(faulty, new Numbers(3), "\"restart\":\"immediate\"");
    pipeline.start();
    Await.until("it opens", () -> faulty.openings.get() == 2);

    pipeline.close();

    assertThat(pipeline.failure()).isNull();
    assertThat(faulty.closed.get()).isEqualTo(1);
  }

  @Test
  void anInstanceThatOpensAfterTheEndIsClosed() throws Exception {
    var gate = new CountDownLatch(1);
    faulty.fails(1, 1).opensThrough(() -> awaitStubbornly(gate));
    engine.sink("sink", new Collecting());
    var pipeline = pipeline(faulty, new Numbers(3), "\"restart\":\"immediate\"");
    pipeline.start();
    Await.until("it opens", () -> faulty.openings.get() == 2);

    pipeline.close();
    gate.countDown();

    Await.until("it was opened", () -> faulty.opened.get() == 2);
    Await.until("it was closed", () -> faulty.closed.get() == 2);
  }

  @Test
  void aFailedOpeningIsAFailedAttempt() throws Exception {
    faulty.fails(1, 1).failsToReopen(2);
    var sink = engine.sink("sink", new Collecting());
    var pipeline = pipeline(faulty, new Numbers(2), "\"restart\":\"immediate\"");

    pipeline.start();

    assertThat(pipeline.awaitEnd()).isEqualTo(new PipelineState.Completed(2));
    assertThat(sink.count()).isEqualTo(2);
    assertThat(line(pipeline).errors()).isEqualTo(3);
    assertThat(upkeep(pipeline).retries()).isEqualTo(3);
    assertThat(upkeep(pipeline).restarts()).isEqualTo(1);
  }

  @Test
  void afterOpeningsThatAllFailTheNextFrameGetsAnInstanceAgain() throws Exception {
    faulty.fails(2, 1).failsToReopen(3);
    var sink = engine.sink("sink", new Collecting());
    var pipeline =
        pipeline(
            faulty, new Numbers(4), "\"restart\":\"immediate\",\"error_policy\":\"SkipFrame\"");

    pipeline.start();

    assertThat(pipeline.awaitEnd()).isEqualTo(new PipelineState.Completed(3));
    assertThat(sink.sequences()).containsExactly(1L, 3L, 4L);
    assertThat(line(pipeline).errors()).isEqualTo(4);
  }

  @Test
  void anOpenCircuitRejectsUntilOneProbeHasSucceeded() throws Exception {
    faulty.fails(1, 1).fails(2, 1).fails(4, 1);
    var sink = engine.sink("sink", new Collecting());
    var source = new Handed();
    var pipeline =
        pipeline(
            faulty,
            source,
            "\"error_policy\":\"SkipFrame\","
                + "\"restart\":{\"CircuitBreaker\":{\"error_threshold\":2,\"timeout_ms\":1000}}");
    pipeline.start();
    assertThat(upkeep(pipeline).circuit()).isEqualTo("closed");

    source.give(1, 2, 3);
    Await.until("the circuit rejects", () -> upkeep(pipeline).circuitRejected() == 1);
    assertThat(upkeep(pipeline).circuit()).isEqualTo("open");
    clock.advance(Duration.ofSeconds(1));
    source.give(4, 5); // the probe fails, so that what follows is rejected
    Await.until("the circuit rejects", () -> upkeep(pipeline).circuitRejected() == 2);
    clock.advance(Duration.ofMillis(999));
    source.give(6);
    Await.until("the circuit rejects", () -> upkeep(pipeline).circuitRejected() == 3);
    clock.advance(Duration.ofMillis(1));
    source.give(7, 8);
    Await.until("frames pass", () -> sink.count() == 2);

    assertThat(sink.sequences()).containsExactly(7L, 8L);
    assertThat(upkeep(pipeline).circuit()).isEqualTo("closed");
    Await.until("it shows", () -> line(pipeline).errors() == 3);
    assertThat(upkeep(pipeline).skipped()).isEqualTo(6);
    assertThat(faulty.opened.get()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"SkipFrame", "Propagate"})
  void aDeadLetterSaysWhatFailedWhereAndHowOften(String policy) throws Exception {
    faulty.fails(2, 9);
    engine.sink("sink", new Collecting());
    var letters = engine.sink("letters", new Collecting(Execution.NATIVE));
    var pipeline =
        pipeline(
            faulty,
            new Numbers(3),
            "\"restart\":\"immediate\",\"dead_letter\":\"letters\",\"error_policy\":\""
                + policy
                + "\"");

    pipeline.start();
    pipeline.awaitEnd();

    assertThat(letters.sequences()).containsExactly(2L);
    assertThat(letters.frames().getFirst().metadata().entries())
        .containsEntry("error", "as told")
        .containsEntry("error_node", "faulty")
        .containsEntry("error_attempts", "4");
    assertThat(pipeline.snapshot().edges())
        .extracting(edge -> edge.from() + "->" + edge.to() + " " + edge.totalFrames())
        .contains("faulty->letters 1");
    if (policy.equals("SkipFrame")) {
      assertThat(letters.positions().getLast())
          .isEqualTo(SourcePosition.exact(Numbers.stream(0), 3));
    } else {
      assertThat(pipeline.failure()).hasMessageContaining("attempt 4");
    }
  }

  @Test
  void aFullDeadLetterNodeStopsWhoeverFeedsIt() throws Exception {
    for (long sequence = 1; sequence <= 200; sequence++) {
      faulty.fails(sequence, 1);
    }
    engine.sink("sink", new Collecting());
    var letters = engine.sink("letters", new Collecting().stopped());
    var source = new Numbers(200);
    var pipeline =
        pipeline(
            faulty,
            source,
            "\"dead_letter\":\"letters\",\"error_policy\":\"SkipFrame\"",
            "\"channel_capacity\":7");
    pipeline.start();

    Await.until("the letters are full", () -> letters.refused && source.emitted.get() >= 7);
    Await.until("all rest", EngineFixture::workersAreParked);
    assertThat(source.emitted.get()).isLessThanOrEqualTo(21);
    letters.resume();

    pipeline.awaitEnd();
    assertThat(letters.count()).isEqualTo(200);
  }

  @Test
  void whatAffectsTheProcessEndsThePipelineWhateverThePolicy() throws Exception {
    engine.sink("sink", new Collecting());
    engine.source("source", new Numbers(5));
    engine.transforms(
        "faulty",
        () ->
            new Each(
                (frame, out) -> {
                  throw new OutOfMemoryError("as told");
                }));
    var pipeline =
        engine.pipeline(
            engine.read(
                json(
                    "\"restart\":\"immediate\",\"error_policy\":\"SkipFrame\"", "\"name\":\"x\"")));

    pipeline.start();

    assertThat(pipeline.awaitEnd()).isInstanceOf(PipelineState.Error.class);
    assertThat(line(pipeline).errors()).isEqualTo(1);
  }

  @Test
  void whatANodeGatheredGoesOnBeforeItIsReplaced() throws Exception {
    var failed = new AtomicInteger();
    var sink = engine.sink("sink", new Collecting());
    engine.source("source", new Numbers(10));
    engine.transforms("faulty", () -> new Gathering(failed));
    var pipeline =
        engine.pipeline(engine.read(json("\"restart\":\"immediate\"", "\"name\":\"x\"")));

    pipeline.start();
    pipeline.awaitEnd();

    assertThat(failed.get()).isEqualTo(1);
    assertThat(sink.sequences()).isEqualTo(LongStream.rangeClosed(1, 10).boxed().toList());
  }

  private Pipeline pipeline(Faulty place, Source source, String supervision) {
    return pipeline(place, source, supervision, "\"name\":\"x\"");
  }

  private Pipeline pipeline(Faulty place, Source source, String supervision, String settings) {
    engine.source("source", source);
    engine.transforms("faulty", place::fresh);
    return engine.pipeline(engine.read(json(supervision, settings)));
  }

  /// `source -> faulty -> sink`, and a node for dead letters if the supervision names one.
  private static String json(String supervision, String settings) {
    return "{\"pipeline_config\":{"
        + settings
        + "},\"nodes\":[{\"id\":\"source\",\"type\":\"source\"},"
        + "{\"id\":\"faulty\",\"type\":\"faulty\","
        + supervision
        + "},{\"id\":\"sink\",\"type\":\"sink\"}"
        + (supervision.contains("letters") ? ",{\"id\":\"letters\",\"type\":\"letters\"}" : "")
        + "],\"connections\":[{\"from\":\"source\",\"to\":\"faulty\"},"
        + "{\"from\":\"faulty\",\"to\":\"sink\"}]}";
  }

  private static PipelineSnapshot.NodeLine line(Pipeline pipeline) {
    return pipeline.snapshot().nodes().get(1);
  }

  private static PipelineSnapshot.Upkeep upkeep(Pipeline pipeline) {
    return line(pipeline).upkeep();
  }

  /// Waits until the last of so many attempts has failed and its retry waits for the clock.
  private void awaitAttempts(Faulty place, int attempts) {
    Await.until(
        attempts + " attempts",
        () -> place.attempts.get() >= attempts && clock.pendingTimers() > 1);
    Await.until("all rest", EngineFixture::workersAreParked);
    assertThat(place.attempts.get()).isEqualTo(attempts);
  }

  private static void awaitStubbornly(CountDownLatch gate) {
    while (true) {
      try {
        gate.await();
        return;
      } catch (InterruptedException ignored) {
        // this node does not listen
      }
    }
  }

  /// Holds frames until the end of their batch; the first instance fails on the sixth frame.
  private static final class Gathering implements Processor {
    private final AtomicInteger failed;
    private final List<Frame> held = new ArrayList<>();

    Gathering(AtomicInteger failed) {
      this.failed = failed;
    }

    @Override
    public void process(Frame frame, Outlet outlet) throws IOException {
      if (frame.sequence() == 6 && failed.compareAndSet(0, 1)) {
        throw new IOException("as told");
      }
      held.add(frame);
    }

    @Override
    public void batchEnd(@Nullable SourcePosition position, Outlet outlet) {
      held.forEach(outlet::emit);
      held.clear();
    }
  }
}
