package dev.millrace.engine.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.engine.fixture.EngineFixture;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class RandomWatermarkTest {
  private static final int GRAPHS = 60;

  /// Through joins, forks, branches, dead letters and edges that drop: the watermark never falls,
  /// overtakes no frame, and comes to what a naive model says.
  @ParameterizedTest
  @ValueSource(strings = {"auto", "off"})
  void noWatermarkOvertakesAFrameAndAllComeToTheEnd(String fusion) throws Exception {
    for (long seed = 1; seed <= GRAPHS; seed++) {
      var random = new TimedGraph(seed);
      try (var engine = new EngineFixture()) {
        random.register(engine);
        var json = random.json(fusion);
        var about = "seed " + seed + ", fusion " + fusion + ": " + json;
        var graph = engine.read(json);
        random.nodes.clear(); // those that were made to see that they can be
        var pipeline = engine.pipeline(graph);
        pipeline.start();
        if (seed % 4 == 0) {
          interrupt(pipeline, new Random(seed));
        }

        assertThat(pipeline.awaitEnd()).as(about).isInstanceOf(PipelineState.Completed.class);
        check(random, about);
      }
    }
  }

  @Test
  void aOneShotRunComesToTheSame() throws Exception {
    for (long seed = 1; seed <= GRAPHS; seed++) {
      var random = new TimedGraph(seed);
      try (var engine = new EngineFixture()) {
        random.register(engine);
        var json = random.json("auto");
        var graph = engine.read(json);
        random.nodes.clear();

        var result =
            new OneShot("o", graph, engine.clock, engine.services(), OneShot.Limits.DEFAULT)
                .executeOnce();

        assertThat(result.failure()).as("seed " + seed + ": " + json).isNull();
        check(random, "seed " + seed + ": " + json);
      }
    }
  }

  private static void check(TimedGraph random, String about) {
    assertThat(random.nodes).as(about).isNotEmpty();
    for (var node : random.nodes) {
      assertThat(node.complaints()).as(about).isEmpty();
      assertThat(node.reached())
          .as("node " + node.index + ", " + about)
          .isEqualTo(random.atTheEnd(node.index));
    }
  }

  private static void interrupt(Pipeline pipeline, Random random) throws Exception {
    for (int i = 0; i < random.nextInt(3); i++) {
      try {
        var _ = pipeline.pause(Duration.ofSeconds(5));
        pipeline.resume();
      } catch (IllegalStateException over) {
        return;
      }
    }
  }
}
