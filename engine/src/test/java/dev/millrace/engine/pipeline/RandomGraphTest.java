package dev.millrace.engine.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.node.NodeType;
import dev.millrace.engine.fixture.EngineFixture;
import dev.millrace.engine.fixture.Numbers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class RandomGraphTest {
  private static final int GRAPHS = 40;

  /// Each sink gets exactly what the interpreter says, and hears of every source's last position,
  /// never of one whose frames are still missing: joins of forked streams included.
  @ParameterizedTest
  @ValueSource(strings = {"auto", "off"})
  void everySinkGetsWhatANaiveInterpreterGivesIt(String fusion) throws Exception {
    for (long seed = 1; seed <= GRAPHS; seed++) {
      run(seed, fusion);
    }
  }

  private static void run(long seed, String fusion) throws Exception {
    var random = new RandomGraph(seed);
    try (var engine = new EngineFixture()) {
      var sinks = random.register(engine, 0);
      var json = random.json(fusion);
      var about = "seed " + seed + ", fusion " + fusion + ": " + json;
      var pipeline = engine.pipeline(engine.read(json));
      pipeline.start();

      var end = pipeline.awaitEnd();

      assertThat(end).as(about).isInstanceOf(PipelineState.Completed.class);
      for (var sink : sinks) {
        assertThat(sink.complaints()).as(about).isEmpty();
        assertThat(sink.missing().values()).as(about).allMatch(java.util.Map::isEmpty);
        if (random.frames > 0) {
          sink.missing()
              .keySet()
              .forEach(
                  source ->
                      assertThat(sink.told())
                          .as(about)
                          .containsEntry(Numbers.stream(source), random.frames));
        }
      }
      long last = sinks.stream().mapToLong(RandomGraph.CheckedSink::count).sum();
      long loose = looseEnds(pipeline);
      assertThat(end).as(about).isEqualTo(new PipelineState.Completed(last + loose));
    }
  }

  /// Whatever fails, everybody is released, every node ends, and no sink is ever told a position
  /// whose frames have been lost on one of the ways to it.
  @ParameterizedTest
  @ValueSource(strings = {"auto", "off"})
  void aFailureAnywhereReleasesEverybodyAndNoPositionRunsAhead(String fusion) throws Exception {
    for (long seed = 1; seed <= GRAPHS; seed++) {
      var random = new RandomGraph(seed);
      try (var engine = new EngineFixture()) {
        var sinks = random.register(engine, 1 + random.frames / 2);
        var json = random.json(fusion);
        var about = "seed " + seed + ", fusion " + fusion + ": " + json;
        var pipeline = engine.pipeline(engine.read(json));
        pipeline.start();

        var end = pipeline.awaitEnd();

        assertThat(end instanceof PipelineState.Error)
            .as(about)
            .isEqualTo(pipeline.failure() != null);
        assertThat(random.numbers).as(about).allMatch(source -> source.closed.get());
        for (var sink : sinks) {
          assertThat(sink.complaints()).as(about).isEmpty();
        }
      }
    }
  }

  /// A drain at any moment loses nothing that a source has emitted.
  @ParameterizedTest
  @ValueSource(strings = {"auto", "off"})
  void aDrainAtAnyMomentLosesNothing(String fusion) throws Exception {
    for (long seed = 1; seed <= GRAPHS; seed++) {
      var random = new RandomGraph(seed);
      try (var engine = new EngineFixture()) {
        var sinks = random.register(engine, 0);
        var json = random.json(fusion);
        var about = "seed " + seed + ", fusion " + fusion + ": " + json;
        var pipeline = engine.pipeline(engine.read(json));
        pipeline.start();

        var report = pipeline.drain();

        assertThat(report).as(about).isInstanceOf(DrainReport.Clean.class);
        for (var sink : sinks) {
          assertThat(sink.complaints()).as(about).isEmpty();
          sink.missing()
              .forEach(
                  (source, left) ->
                      assertThat(
                              left.headMap(
                                  random.numbers.get(source.intValue()).emitted.get(), true))
                          .as(about)
                          .isEmpty());
        }
      }
    }
  }

  /// Frames taken by transforms that nothing follows.
  private static long looseEnds(Pipeline pipeline) {
    var graph = pipeline.graph();
    var lines = pipeline.snapshot().nodes();
    long sum = 0;
    for (var node : graph.nodes()) {
      if (node.type().role() != NodeType.Role.SINK && graph.outgoing(node).isEmpty()) {
        sum += lines.get(node.index()).framesIn();
      }
    }
    return sum;
  }

  @Test
  void aChainOfTenThousandNodesValidatesAndRuns() throws Exception {
    try (var engine = new EngineFixture()) {
      engine.source("n", new Numbers(1_000));
      engine.transforms("pass", dev.millrace.engine.fixture.Each::passing);
      var sink = engine.sink("sink", new dev.millrace.engine.fixture.Collecting());
      var nodes = new StringBuilder("{\"id\":\"0\",\"type\":\"n\"}");
      var edges = new StringBuilder();
      for (int i = 1; i < 10_000; i++) {
        var type = i == 9_999 ? "sink" : "pass";
        nodes.append(",{\"id\":\"").append(i).append("\",\"type\":\"").append(type).append("\"}");
        edges.append(i == 1 ? "" : ",");
        edges.append("{\"from\":\"").append(i - 1).append("\",\"to\":\"").append(i).append("\"}");
      }
      long start = System.nanoTime();
      var graph = engine.read("{\"nodes\":[" + nodes + "],\"connections\":[" + edges + "]}");
      assertThat(System.nanoTime() - start).isLessThan(2_000_000_000L);
      assertThat(graph.chains()).hasSize(157).allMatch(chain -> chain.size() <= 64);

      var pipeline = engine.pipeline(graph);
      pipeline.start();

      assertThat(pipeline.awaitEnd()).isEqualTo(new PipelineState.Completed(1_000));
      assertThat(sink.count()).isEqualTo(1_000);
    }
  }
}
