package dev.millrace.engine.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.Samples;
import dev.millrace.core.node.Execution;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.problem.Problems;
import dev.millrace.engine.fixture.Collecting;
import dev.millrace.engine.fixture.Each;
import dev.millrace.engine.fixture.EngineFixture;
import dev.millrace.engine.fixture.Stamped;
import dev.millrace.engine.graph.Types;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Frames that have more samples than the graph allows.
@Timeout(60)
class FrameSizeTest {
  private static final String AT_MOST_TEN = "{\"max_frame_samples\":10}";

  private final EngineFixture engine = new EngineFixture();

  @AfterEach
  void stop() {
    engine.close();
  }

  @Test
  void aFrameThatIsTooLargeFailsTheNodeThatMadeIt() throws Exception {
    engine.source("a", source(1, 2, 3));
    engine.transform(
        "widen", new Each((frame, outlet) -> outlet.emit(sized(frame, 5 * wide(frame)))));
    var sink = engine.sink("sink", new Collecting());
    var pipeline = engine.pipeline(AT_MOST_TEN, "a -> widen -> sink");
    pipeline.start();

    assertThat(pipeline.awaitEnd()).isInstanceOf(PipelineState.Error.class);

    assertThat(pipeline.failure())
        .hasMessageContaining("widen")
        .hasMessageContaining("has 15 samples; max_frame_samples allows 10");
    assertThat(sink.sequences()).containsExactly(1L, 2L);
  }

  @Test
  void channelsCountTogether() throws Exception {
    engine.source("a", source(1));
    engine.transform(
        "two",
        new Each(
            (frame, outlet) ->
                outlet.emit(
                    frame.withBody(Samples.of(Map.of("l", new double[6], "r", new double[5]))))));
    engine.sink("sink", new Collecting());
    var pipeline = engine.pipeline(AT_MOST_TEN, "a -> two -> sink");
    pipeline.start();

    assertThat(pipeline.awaitEnd()).isInstanceOf(PipelineState.Error.class);
    assertThat(pipeline.failure()).hasMessageContaining("has 11 samples");
  }

  @Test
  void theErrorPolicyDecidesAboutIt() throws Exception {
    engine.source("a", source(1, 2, 3, 4));
    engine.transform(
        "widen", new Each((frame, outlet) -> outlet.emit(sized(frame, 5 * wide(frame)))));
    var sink = engine.sink("sink", new Collecting());
    var pipeline =
        engine.pipeline(
            "{\"max_frame_samples\":10,\"error_policy\":\"SkipFrame\"}", "a -> widen -> sink");
    pipeline.start();

    assertThat(pipeline.awaitEnd()).isEqualTo(new PipelineState.Completed(2));
    assertThat(sink.sequences()).containsExactly(1L, 2L);
    assertThat(pipeline.snapshot().nodes().get(1).errors()).isEqualTo(2);
  }

  @Test
  void aTriggerThatIsTooLargeIsRefused() throws Exception {
    engine.transform("pass", Each.passing());
    var sink = engine.sink("sink", new Collecting());
    var pipeline = engine.pipeline(AT_MOST_TEN, "pass -> sink");
    pipeline.start();
    var large = sized(Frame.trigger(0, 1), 11);

    for (var refused :
        List.<org.assertj.core.api.ThrowableAssert.ThrowingCallable>of(
            () -> pipeline.trigger(large), () -> pipeline.offer(large, "pass"))) {
      assertThatThrownBy(refused)
          .isInstanceOfSatisfying(
              ProblemException.class,
              thrown -> assertThat(thrown.problem().code()).isEqualTo(Pipeline.TOO_LARGE))
          .hasMessageContaining("has 11 samples; max_frame_samples allows 10");
    }
    pipeline.trigger(sized(Frame.trigger(0, 2), 10));

    assertThat(pipeline.drain()).isEqualTo(new DrainReport.Clean(1));
    assertThat(sink.sequences()).containsExactly(2L);
  }

  @Test
  void aOneShotRunRefusesSuchTriggersAndFailsSuchNodes() throws Exception {
    engine.transforms(
        "widen", () -> new Each((frame, outlet) -> outlet.emit(sized(frame, 5 * wide(frame)))));
    engine.sink("end", new Collecting());
    var graph = engine.graph(AT_MOST_TEN, "widen -> end");
    var run = new OneShot("o", graph, engine.clock, engine.services(), OneShot.Limits.DEFAULT);

    assertThatThrownBy(() -> run.execute(List.of(sized(Frame.trigger(0, 1), 11)), Set.of("widen")))
        .hasMessageContaining("has 11 samples");
    var result = run.execute(List.of(sized(Frame.trigger(0, 1), 3)), Set.of("widen"));
    assertThat(result.failure()).isNotNull().hasMessageContaining("has 15 samples");
  }

  @Test
  void aDocumentWhoseDefaultIsTooLargeIsRefused() {
    var problems = new Problems();
    var read =
        Types.read(
            """
            pipeline_config: {max_frame_samples: 2}
            nodes:
              - {id: a, type: Count}
              - id: b
                type: Pass
                error_policy: {UseDefault: {payload: {x: [1, 2, 3]}}}
            connections: [{from: a, to: b}]
            """,
            problems);

    assertThat(read).isEmpty();
    assertThat(problems.all())
        .anySatisfy(
            problem -> {
              assertThat(problem.code()).isEqualTo("E_BAD_CONFIG");
              assertThat(problem.what()).contains("has 3 samples; max_frame_samples allows 2");
              assertThat(problem.location().line()).isEqualTo(6);
            });
  }

  /// Frames of random sizes through chains of nodes that change them, some of which are too large:
  /// those are lost at the node a naive interpreter names, and no others.
  @ParameterizedTest
  @ValueSource(strings = {"auto", "off"})
  void whatGoesThroughIsWhatANaiveModelLetsThrough(String fusion) throws Exception {
    for (long seed = 1; seed <= 25; seed++) {
      var random = new Random(seed);
      int most = 1 + random.nextInt(60);
      var sizes = random.ints(random.nextInt(400), 1, most + 1).asLongStream().toArray();
      var factors = random.ints(1 + random.nextInt(4), 1, 4).toArray();
      var path = new StringBuilder("a");
      try (var fresh = new EngineFixture()) {
        fresh.source("a", source(sizes));
        for (int i = 0; i < factors.length; i++) {
          int factor = factors[i];
          fresh.transform(
              "t" + i,
              new Each((frame, outlet) -> outlet.emit(sized(frame, factor * wide(frame)))));
          path.append(" -> t").append(i);
        }
        var sink = fresh.sink("sink", new Collecting());
        var about = "seed " + seed + ", fusion " + fusion;
        var graph =
            fresh.graph(
                "{\"error_policy\":\"SkipFrame\",\"fusion\":\""
                    + fusion
                    + "\",\"max_frame_samples\":"
                    + most
                    + "}",
                path + " -> sink");
        var pipeline = fresh.pipeline(graph);
        pipeline.start();

        assertThat(pipeline.awaitEnd()).as(about).isInstanceOf(PipelineState.Completed.class);

        var left = LongStream.of(sizes).boxed().toList();
        for (int i = 0; i < factors.length; i++) {
          int factor = factors[i];
          int before = left.size();
          left = left.stream().map(size -> size * factor).filter(size -> size <= most).toList();
          assertThat(pipeline.snapshot().nodes().get(1 + i).errors())
              .as(about + ", node " + i)
              .isEqualTo(before - left.size());
        }
        assertThat(sink.frames().stream().map(frame -> (long) wide(frame)).toList())
            .as(about)
            .isEqualTo(left);
      }
    }
  }

  private static Stamped source(long... sizes) {
    var frames =
        LongStream.of(sizes).mapToObj(size -> sized(Frame.trigger(0, size), (int) size)).toList();
    return new Stamped(frames, true, Execution.INLINE);
  }

  private static Frame sized(Frame frame, int samples) {
    return frame.withBody(Samples.of("x", new double[samples]));
  }

  private static int wide(Frame frame) {
    return ((Samples) frame.body()).channel(0).length;
  }
}
