package dev.millrace.engine.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.node.Execution;
import dev.millrace.engine.EngineMetric;
import dev.millrace.engine.fixture.Collecting;
import dev.millrace.engine.fixture.Each;
import dev.millrace.engine.fixture.EngineFixture;
import dev.millrace.engine.fixture.Faulty;
import dev.millrace.engine.fixture.Numbers;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Whatever fails, wherever in a batch, fused or not, on whatever thread: the same frames, in the
/// same order, with the same counts as a plain loop over the frames.
@Timeout(120)
class SupervisedGraphTest {
  private static final String[] POLICIES = {"Propagate", "SkipFrame", "Forward", "UseDefault"};
  private static final Execution[] EXECUTIONS = {
    Execution.INLINE, Execution.WAITING, Execution.NATIVE
  };
  private static final String[] STRATEGIES = {
    "Never", "Immediate", "Exponential", "CircuitBreaker"
  };

  @Test
  void everyStrategyAndPolicyComesToTheSameAtEachPlaceOfABatch() throws Exception {
    for (var strategy : STRATEGIES) {
      for (var policy : POLICIES) {
        for (var fusion : new String[] {"auto", "off"}) {
          for (int times : new int[] {1, 2, 9}) {
            var faults = new TreeMap<>(Map.of(1L, times, 5L, times, 6L, times, 10L, times));
            check(strategy, policy, fusion, Execution.INLINE, 10, faults, "table");
          }
        }
      }
    }
  }

  @Test
  void nodesWithAThreadOfTheirOwnComeToTheSame() throws Exception {
    for (var execution : new Execution[] {Execution.WAITING, Execution.NATIVE}) {
      for (var strategy : STRATEGIES) {
        for (var policy : POLICIES) {
          var faults = new TreeMap<>(Map.of(1L, 2, 64L, 9, 65L, 1, 100L, 9));
          check(strategy, policy, "auto", execution, 100, faults, "own thread");
        }
      }
    }
  }

  @Test
  void randomFaultsComeToWhatAPlainLoopComesTo() throws Exception {
    long seed = System.nanoTime();
    var random = new Random(seed);
    for (int round = 0; round < 60; round++) {
      var faults = new TreeMap<Long, Integer>();
      long frames = 1 + random.nextLong(300);
      int failing = random.nextInt(12);
      for (int i = 0; i < failing; i++) {
        faults.put(1 + random.nextLong(frames), 1 + random.nextInt(4));
      }
      check(
          STRATEGIES[random.nextInt(STRATEGIES.length)],
          POLICIES[random.nextInt(POLICIES.length)],
          random.nextBoolean() ? "auto" : "off",
          EXECUTIONS[random.nextInt(EXECUTIONS.length)],
          frames,
          faults,
          "seed " + seed + " round " + round);
    }
  }

  private static void check(
      String strategy,
      String policy,
      String fusion,
      Execution execution,
      long frames,
      Map<Long, Integer> faults,
      String which)
      throws Exception {
    var told =
        which + ": " + strategy + " " + policy + " " + fusion + " " + execution + " " + faults;
    boolean retried = strategy.equals("Immediate") || strategy.equals("Exponential");
    int threshold = strategy.equals("CircuitBreaker") ? 2 : 0;
    var expected = new FailingLoop(frames, faults, retried ? 2 : 0, threshold, policy);
    try (var engine = new EngineFixture()) {
      var faulty = new Faulty(execution);
      faults.forEach(faulty::fails);
      engine.source("numbers", new Numbers(frames));
      engine.transforms("before", Each::passing);
      engine.transforms("faulty", faulty::fresh);
      engine.transforms("behind", Each::passing);
      var sink = engine.sink("sink", new Collecting());
      var letters = engine.sink("letters", new Collecting());
      var pipeline = engine.pipeline(engine.read(json(strategy, policy, fusion)));

      pipeline.start();
      var end = pipeline.awaitEnd();

      assertThat(sink.sequences()).as(told).isEqualTo(expected.out);
      assertThat(letters.sequences()).as(told).isEqualTo(expected.letters);
      assertThat(end instanceof PipelineState.Error).as(told).isEqualTo(expected.failed);
      var line = pipeline.snapshot().nodes().get(2);
      assertThat(line.errors()).as(told).isEqualTo(expected.errors);
      assertThat(line.framesIn()).as(told).isEqualTo(expected.handled);
      assertThat(line.framesOut()).as(told).isEqualTo(expected.out.size());
      assertThat(line.upkeep().retries()).as(told).isEqualTo(expected.retries);
      assertThat(line.upkeep().restarts()).as(told).isEqualTo(expected.restarts);
      assertThat(line.upkeep().skipped()).as(told).isEqualTo(expected.skipped);
      assertThat(line.upkeep().defaulted()).as(told).isEqualTo(expected.defaulted);
      assertThat(line.upkeep().circuitRejected()).as(told).isEqualTo(expected.rejected);
      assertThat(line.upkeep().deadLetters()).as(told).isEqualTo(expected.letters.size());
      assertThat(engine.metrics.count(EngineMetric.NODE_RETRIES, "p", "faulty"))
          .as(told)
          .isEqualTo((double) expected.retries);
      assertThat(faulty.complaint).as(told).isNull();
      assertThat(faulty.closed.get()).as(told).isEqualTo(faulty.opened.get());
      assertThat(faulty.opened.get()).as(told).isEqualTo(1 + expected.restarts);
      if (!expected.failed) {
        assertThat(sink.positions().getLast().ordinal()).as(told).isEqualTo(frames);
      }
    }
  }

  private static String json(String strategy, String policy, String fusion) {
    var restart =
        switch (strategy) {
          case "Immediate" -> "{\"Immediate\":{\"max_attempts\":2}}";
          case "Exponential" ->
              "{\"type\":\"exponential\",\"base_ms\":1,\"max_ms\":1,\"max_attempts\":2}";
          case "CircuitBreaker" ->
              "{\"CircuitBreaker\":{\"error_threshold\":2,\"timeout_ms\":86400000}}";
          default -> "\"never\"";
        };
    var value =
        switch (policy) {
          case "Forward" -> "{\"SkipFrame\":{\"forward_input\":true}}";
          case "UseDefault" -> "{\"UseDefault\":{\"payload\":{\"a\":[1.5]}}}";
          default -> "\"" + policy + "\"";
        };
    return """
    {"pipeline_config": {"fusion": "%s"},
     "nodes": [
       {"id": "numbers", "type": "numbers"},
       {"id": "before", "type": "before"},
       {"id": "faulty", "type": "faulty", "error_policy": %s, "restart": %s,
        "dead_letter": "letters"},
       {"id": "behind", "type": "behind"},
       {"id": "sink", "type": "sink"},
       {"id": "letters", "type": "letters"}],
     "connections": [
       {"from": "numbers", "to": "before"}, {"from": "before", "to": "faulty"},
       {"from": "faulty", "to": "behind"}, {"from": "behind", "to": "sink"}]}
    """
        .formatted(fusion, value, restart);
  }
}
