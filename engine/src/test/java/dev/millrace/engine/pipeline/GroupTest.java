package dev.millrace.engine.pipeline;

import static dev.millrace.engine.pipeline.SharedWork.json;
import static dev.millrace.engine.pipeline.SharedWork.run;
import static dev.millrace.engine.pipeline.SharedWork.unsteady;
import static dev.millrace.engine.pipeline.SharedWork.upTo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.node.Execution;
import dev.millrace.core.node.SourcePosition;
import dev.millrace.core.time.FakeClock;
import dev.millrace.engine.EngineMetric;
import dev.millrace.engine.fixture.Collecting;
import dev.millrace.engine.fixture.Each;
import dev.millrace.engine.fixture.EngineFixture;
import dev.millrace.engine.fixture.Faulty;
import dev.millrace.engine.fixture.Numbers;
import dev.millrace.engine.tap.TapOptions;
import dev.millrace.testkit.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// A node whose work several instances share.
@Timeout(60)
class GroupTest {
  private static final Execution[] EXECUTIONS = {
    Execution.INLINE, Execution.WAITING, Execution.NATIVE
  };
  private static final String[] POLICIES = {"Propagate", "SkipFrame", "Forward", "UseDefault"};

  @ParameterizedTest
  @EnumSource(Execution.class)
  void framesKeepTheirOrderWhateverTheirWorkTakes(Execution execution) throws Exception {
    try (var engine = new EngineFixture()) {
      var sink = new Collecting();
      var pipeline =
          run(engine, new Numbers(2_000), () -> unsteady(execution), sink, "\"parallelism\":4");

      assertThat(pipeline.awaitEnd()).isEqualTo(new PipelineState.Completed(2_000));

      assertThat(sink.sequences()).isEqualTo(upTo(2_000));
      assertThat(sink.positions().getLast())
          .isEqualTo(SourcePosition.exact(Numbers.stream(0), 2_000));
      var line = pipeline.snapshot().nodes().get(1);
      assertThat(line.framesIn()).isEqualTo(2_000);
      assertThat(line.framesOut()).isEqualTo(2_000);
    }
  }

  @Test
  void withoutOrderAFastFrameOvertakesASlowOneAndNoneIsLost() throws Exception {
    try (var engine = new EngineFixture()) {
      var gate = new CountDownLatch(1);
      engine.source("source", new Numbers(100));
      engine.stateless(
          "work",
          () ->
              new Each(
                  Execution.WAITING,
                  (frame, out) -> {
                    if (frame.sequence() == 1) {
                      gate.await();
                    }
                    out.emit(frame);
                  }));
      var seen = new CountDownLatch(60);
      var count = new AtomicInteger();
      engine.transform(
          "sink",
          new Each(
              (frame, out) -> {
                count.incrementAndGet();
                seen.countDown();
              }));
      var pipeline =
          engine.pipeline(
              engine.read(
                  json("\"workers\":{\"min\":4,\"max\":4,\"ordered\":false}", "\"name\":\"x\"")));
      pipeline.start();

      Await.until("others pass the first", () -> seen.getCount() == 0);
      gate.countDown();

      assertThat(pipeline.awaitEnd()).isInstanceOf(PipelineState.Completed.class);
      assertThat(count.get()).isEqualTo(100);
    }
  }

  @ParameterizedTest
  @EnumSource(Execution.class)
  void aFrameThatWaitsHoldsThePositionAndNoLaterFramePassesIt(Execution execution)
      throws Exception {
    var clock = new FakeClock();
    try (var engine = new EngineFixture(clock, 2)) {
      var faulty = new Faulty(execution).fails(5, 1);
      var sink = new Collecting();
      var source = new Numbers(1_000);
      var pipeline =
          run(
              engine,
              source,
              faulty::fresh,
              sink,
              "\"parallelism\":4,\"restart\":{\"Exponential\":{\"base_ms\":60000,\"max_ms\":60000,"
                  + "\"max_attempts\":3}}");

      Await.until("the others work on", () -> faulty.attempts.get() > 20);
      Await.until("the retry is planned", () -> clock.timersIn(Duration.ofMinutes(1)) == 1);
      Await.until("the engine rests", EngineFixture::workersAreParked);
      assertThat(sink.sequences()).allMatch(sequence -> sequence < 5);
      assertThat(sink.positions()).allMatch(position -> position.ordinal() < 5);
      assertThat(source.emitted.get()).isLessThan(400);
      for (int seconds = 0; seconds < 56; seconds += 4) {
        clock.advance(Duration.ofSeconds(4)); // less than a worker may be held
        Await.until("the engine rests", EngineFixture::workersAreParked);
      }
      assertThat(sink.sequences()).allMatch(sequence -> sequence < 5);
      clock.advance(Duration.ofSeconds(4));

      assertThat(pipeline.awaitEnd()).isEqualTo(new PipelineState.Completed(1_000));
      assertThat(sink.sequences()).isEqualTo(upTo(1_000));
      assertThat(faulty.complaint).isNull();
    }
  }

  @Test
  void randomFaultsComeToWhatAPlainLoopComesTo() throws Exception {
    long seed = System.nanoTime();
    var random = new Random(seed);
    for (int round = 0; round < 60; round++) {
      var faults = new TreeMap<Long, Integer>();
      long frames = 1 + random.nextLong(400);
      int failing = random.nextInt(12);
      for (int i = 0; i < failing; i++) {
        faults.put(1 + random.nextLong(frames), 1 + random.nextInt(4));
      }
      var policy = POLICIES[random.nextInt(POLICIES.length)];
      var execution = EXECUTIONS[random.nextInt(EXECUTIONS.length)];
      int capacity = 1 + random.nextInt(200);
      check(random.nextBoolean() ? 2 : 0, policy, execution, frames, faults, capacity, seed, round);
    }
  }

  private static void check(
      int retries,
      String policy,
      Execution execution,
      long frames,
      Map<Long, Integer> faults,
      int capacity,
      long seed,
      int round)
      throws Exception {
    var told = "seed " + seed + " round " + round + " " + policy + " " + execution + " " + faults;
    var expected = new FailingLoop(frames, faults, retries, 0, policy);
    try (var engine = new EngineFixture()) {
      var faulty = new Faulty(execution);
      faults.forEach(faulty::fails);
      var letters = engine.sink("letters", new Collecting());
      var sink = new Collecting();
      var value =
          switch (policy) {
            case "Forward" -> "{\"SkipFrame\":{\"forward_input\":true}}";
            case "UseDefault" -> "{\"UseDefault\":{\"payload\":{\"a\":[1.5]}}}";
            default -> "\"" + policy + "\"";
          };
      var keys =
          "\"workers\":{\"min\":2,\"max\":4},\"dead_letter\":\"letters\",\"error_policy\":"
              + value
              + ",\"restart\":"
              + (retries == 0 ? "\"never\"" : "{\"Immediate\":{\"max_attempts\":2}}");
      var pipeline =
          run(
              engine,
              new Numbers(frames),
              faulty::fresh,
              sink,
              keys,
              "\"channel_capacity\":" + capacity);

      var end = pipeline.awaitEnd();

      assertThat(sink.sequences()).as(told).isEqualTo(expected.out);
      assertThat(letters.sequences()).as(told).isEqualTo(expected.letters);
      assertThat(end instanceof PipelineState.Error).as(told).isEqualTo(expected.failed);
      var failure = pipeline.failure();
      if (failure != null) {
        assertThat(failure.sequence()).as(told).isEqualTo(expected.letters.getLast());
        assertThat(sink.positions())
            .as(told)
            .allMatch(position -> position.ordinal() < failure.sequence());
      } else {
        var line = pipeline.snapshot().nodes().get(1);
        assertThat(line.errors()).as(told).isEqualTo(expected.errors);
        assertThat(line.framesIn()).as(told).isEqualTo(expected.handled);
        assertThat(line.framesOut()).as(told).isEqualTo(expected.out.size());
        assertThat(line.upkeep().retries()).as(told).isEqualTo(expected.retries);
        assertThat(line.upkeep().restarts()).as(told).isEqualTo(expected.restarts);
        assertThat(line.upkeep().skipped()).as(told).isEqualTo(expected.skipped);
        assertThat(line.upkeep().deadLetters()).as(told).isEqualTo(expected.letters.size());
        assertThat(sink.positions().getLast().ordinal()).as(told).isEqualTo(frames);
      }
      assertThat(faulty.complaint).as(told).isNull();
      assertThat(faulty.closed.get()).as(told).isEqualTo(faulty.opened.get());
    }
  }

  @Test
  void aNodeThatKeepsPositionsHearsThemAllItself() {
    try (var engine = new EngineFixture()) {
      engine.source("source", new Numbers(1));
      engine.stateless("work", Collecting::new);
      engine.sink("sink", new Collecting());
      assertThatThrownBy(() -> engine.read(json("\"parallelism\":2", "\"name\":\"x\"")))
          .hasMessageContaining("parallelism wants a type that keeps no positions");
    }
  }

  @Test
  void aTapSeesWhatAllOfThemMakeInOrder() throws Exception {
    try (var engine = new EngineFixture()) {
      engine.source("source", new Numbers(3_000));
      engine.stateless("work", () -> unsteady(Execution.WAITING));
      engine.sink("sink", new Collecting());
      var pipeline = engine.pipeline(engine.read(json("\"parallelism\":4", "\"name\":\"x\"")));
      try (var tap = pipeline.tap("work", TapOptions.DEFAULT)) {
        pipeline.start();
        var seen = new ArrayList<Long>();
        for (var event = tap.poll(Duration.ofSeconds(10));
            event != null && seen.size() < 500;
            event = tap.poll(Duration.ofSeconds(10))) {
          seen.add(event.frame().sequence());
        }
        assertThat(seen).isSorted().hasSizeGreaterThan(1).doesNotHaveDuplicates();
      }
      pipeline.awaitEnd();
    }
  }

  @Test
  void triggersThatFailedInstancesHadInHandCountAsDiscarded() throws Exception {
    try (var engine = new EngineFixture()) {
      var gate = new CountDownLatch(1);
      engine.stateless(
          "work",
          () ->
              new Each(
                  Execution.WAITING,
                  (frame, out) -> {
                    gate.await();
                    throw new IllegalStateException("as told");
                  }));
      engine.sink("sink", new Collecting());
      var pipeline =
          engine.pipeline(
              engine.read(
                  """
                  {"nodes": [{"id": "work", "type": "work", "parallelism": 3},
                     {"id": "sink", "type": "sink"}],
                   "connections": [{"from": "work", "to": "sink"}]}
                  """));
      pipeline.start();
      for (long i = 1; i <= 50; i++) {
        pipeline.trigger(Frame.trigger(0, i));
      }
      gate.countDown();

      assertThat(pipeline.awaitEnd()).isInstanceOf(PipelineState.Error.class);
      assertThat(engine.metrics.count(EngineMetric.EDGE_DISCARDED_FRAMES, "p", "", "work"))
          .isEqualTo(50);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 100})
  void triggersReachAnEntryWithSeveralInstances(int capacity) throws Exception {
    try (var engine = new EngineFixture()) {
      engine.stateless("work", () -> unsteady(Execution.WAITING));
      var sink = engine.sink("sink", new Collecting());
      var pipeline =
          engine.pipeline(
              engine.read(
                  """
                  {"pipeline_config": {"channel_capacity": %d},
                   "nodes": [{"id": "work", "type": "work", "parallelism": 3},
                     {"id": "sink", "type": "sink"}],
                   "connections": [{"from": "work", "to": "sink"}]}
                  """
                      .formatted(capacity)));
      pipeline.start();
      for (long i = 1; i <= 200; i++) {
        pipeline.trigger(Frame.trigger(0, i));
      }

      assertThat(pipeline.drain()).isEqualTo(new DrainReport.Clean(200));
      assertThat(sink.sequences()).isEqualTo(upTo(200));
    }
  }
}
