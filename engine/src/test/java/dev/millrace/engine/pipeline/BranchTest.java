package dev.millrace.engine.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.node.SourcePosition;
import dev.millrace.engine.fixture.Collecting;
import dev.millrace.engine.fixture.Each;
import dev.millrace.engine.fixture.EngineFixture;
import dev.millrace.engine.fixture.Numbers;
import java.util.List;
import java.util.function.LongPredicate;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BranchTest {
  private static final int FRAMES = 5_000;

  @Test
  void aFrameForABranchTakesTheEdgesOfThatBranchAndThoseOfNone() throws Exception {
    try (var engine = new EngineFixture()) {
      engine.source("numbers", new Numbers(FRAMES));
      engine.transform(
          "router",
          new Each(
              (frame, out) -> {
                if (frame.sequence() % 10 == 0) {
                  out.emit(frame);
                } else {
                  out.emit(frame, frame.sequence() % 2 == 0 ? "true" : "false");
                }
              }));
      var even = engine.sink("even", new Collecting());
      var odd = engine.sink("odd", new Collecting());
      var other = engine.sink("other", new Collecting());
      var all = engine.sink("all", new Collecting());
      var json =
          """
          {"nodes":[{"id":"numbers","type":"numbers"},{"id":"router","type":"router"},
            {"id":"even","type":"even"},{"id":"odd","type":"odd"},{"id":"other","type":"other"},
            {"id":"all","type":"all"}],
           "connections":[{"from":"numbers","to":"router"},
            {"from":"router","to":"even","branch":"true","capacity":7},
            {"from":"router","to":"odd","branch":"false"},
            {"from":"router","to":"other","branch":"other"},
            {"from":"router","to":"all"}]}\
          """;
      var pipeline = engine.pipeline(engine.read(json));
      pipeline.start();

      var end = pipeline.awaitEnd();

      assertThat(even.sequences()).isEqualTo(numbers(n -> n % 2 == 0));
      assertThat(odd.sequences()).isEqualTo(numbers(n -> n % 2 == 1 || n % 10 == 0));
      assertThat(other.sequences()).isEqualTo(numbers(n -> n % 10 == 0));
      assertThat(all.sequences()).isEqualTo(numbers(n -> true));
      assertThat(end)
          .isEqualTo(
              new PipelineState.Completed(
                  (long) even.count() + odd.count() + other.count() + all.count()));
      for (var sink : List.of(even, odd, other, all)) {
        assertThat(sink.positions().getLast())
            .as("also where the last frames took another branch")
            .isEqualTo(SourcePosition.exact("numbers-0", FRAMES));
      }
    }
  }

  @Test
  void aNodeWhoseOnlyEdgeNamesABranchIsNotFusedAndItsOtherFramesEndThere() throws Exception {
    try (var engine = new EngineFixture()) {
      engine.source("numbers", new Numbers(FRAMES));
      engine.transform(
          "router",
          new Each((frame, out) -> out.emit(frame, frame.sequence() % 2 == 0 ? "yes" : "no")));
      var sink = engine.sink("sink", new Collecting());
      var json =
          """
          {"nodes":[{"id":"numbers","type":"numbers"},{"id":"router","type":"router"},
            {"id":"sink","type":"sink"}],
           "connections":[{"from":"numbers","to":"router"},
            {"from":"router","to":"sink","branch":"yes"}]}\
          """;
      var graph = engine.read(json);
      assertThat(graph.chains()).hasSize(2);
      var pipeline = engine.pipeline(graph);
      pipeline.start();
      pipeline.awaitEnd();

      assertThat(sink.sequences()).isEqualTo(numbers(n -> n % 2 == 0));
    }
  }

  @Test
  void aBranchNamedWhereNoEdgeNamesOneGoesEverywhere() throws Exception {
    try (var engine = new EngineFixture()) {
      engine.source("numbers", new Numbers(FRAMES));
      engine.transform("router", new Each((frame, out) -> out.emit(frame, "any")));
      var one = engine.sink("one", new Collecting());
      var two = engine.sink("two", new Collecting());
      var pipeline = engine.pipeline("{}", "numbers -> router -> one", "router -> two");
      pipeline.start();
      pipeline.awaitEnd();

      assertThat(one.sequences()).isEqualTo(numbers(n -> true));
      assertThat(two.sequences()).isEqualTo(numbers(n -> true));
    }
  }

  private static List<Long> numbers(LongPredicate which) {
    return LongStream.rangeClosed(1, FRAMES).filter(which).boxed().toList();
  }
}
