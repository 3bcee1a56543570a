package dev.millrace.engine.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.frame.Frame;
import dev.millrace.engine.fixture.EngineFixture;
import dev.millrace.engine.graph.Graph;
import dev.millrace.testkit.Await;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;

/// What tests of changes have in common: a pipeline whose nodes say which of their instances a
/// frame went through, graphs for it, and what must hold of the frames that come out.
abstract class ChangeOfGraph {
  final EngineFixture engine = new EngineFixture();
  final ChangingGraph nodes = new ChangingGraph();

  @AfterEach
  void stop() {
    nodes.gate.countDown();
    engine.close();
    Await.until("all instances are closed", () -> nodes.open.get() == 0);
  }

  Pipeline start(Graph graph) throws Exception {
    var pipeline = engine.pipeline(graph);
    pipeline.start();
    return pipeline;
  }

  static ApplyReport applied(Pipeline pipeline, Graph next) {
    try {
      return pipeline.apply(next);
    } catch (InterruptedException interrupted) {
      throw new AssertionError(interrupted);
    }
  }

  Graph line(String settings, int gain) {
    return nodes.graph(
        settings,
        List.of("count source 1 false", "gain gain " + gain + " false", "sink sink 1 false"),
        List.of("source gain", "gain sink"));
  }

  void flows(String sink) {
    int now = count(sink);
    Await.until("frames come", () -> count(sink) > now + 100);
  }

  void assertStillRuns(Pipeline pipeline) throws Exception {
    assertThat(pipeline.state()).isEqualTo(new PipelineState.Running());
    flows("sink");
    assertThat(pipeline.apply(line("{}", 9))).isInstanceOf(ApplyReport.class);
    assertThat(pipeline.drain()).isInstanceOf(DrainReport.Clean.class);
    assertInOrder("sink", 0);
  }

  static void assertRefused(ApplyReport report, String code, String what) {
    assertThat(report)
        .isInstanceOfSatisfying(
            ApplyReport.Refused.class,
            refused -> {
              assertThat(refused.problem().code()).isEqualTo(code);
              assertThat(refused.problem().what()).contains(what);
            });
  }

  /// Each frame of the source once, in order, and each node's instances one after another.
  void assertInOrder(String sink, long seed) {
    var seen = frames(sink);
    Map<String, List<String>> switches = new HashMap<>();
    for (int i = 0; i < seen.size(); i++) {
      assertThat(seen.get(i).sequence()).as("seed %s sink %s", seed, sink).isEqualTo(i + 1);
      seen.get(i)
          .metadata()
          .entries()
          .forEach(
              (node, gain) -> {
                var gains = switches.computeIfAbsent(node, any -> new ArrayList<>());
                if (gains.isEmpty() || !gains.getLast().equals(gain)) {
                  gains.add(gain);
                }
              });
    }
    assertThat(seen).as("seed %s", seed).isNotEmpty();
    assertThat(switches.getOrDefault("gain", List.of())).doesNotHaveDuplicates();
  }

  Graph stuck(String settings, int gain) {
    return stuck(settings, gain + " false");
  }

  Graph stuck(String settings, String gain) {
    return nodes.graph(
        settings,
        List.of("count source 1 false", "stuck stuck " + gain, "sink sink 1 false"),
        List.of("source stuck", "stuck sink"));
  }

  Graph failing(String settings, int gain) {
    return nodes.graph(
        settings,
        List.of(
            "count source 1 false",
            "failing care 1 false",
            "gain gain " + gain + " false",
            "sink sink 1 false"),
        List.of("source care", "care gain", "gain sink"));
  }

  Graph failing(String settings, String care) {
    return nodes.graph(
        settings,
        List.of("count source 1 false", "failing care " + care, "sink sink 1 false"),
        List.of("source care", "care sink"));
  }

  Graph gathering(String type) {
    return nodes.graph(
        "{}",
        List.of("count source 1 false", type + " middle 1 false", "sink sink 1 false"),
        List.of("source middle", "middle sink"));
  }

  Graph entry(int gain) {
    return entry(gain + " false");
  }

  Graph entry(String gain) {
    return nodes.graph(
        "{\"channel_capacity\":5}",
        List.of("gain gain " + gain, "sink sink 1 false"),
        List.of("gain sink"));
  }

  Graph workers(String settings, int gain, boolean waits, String workers) {
    return nodes.graph(
        settings,
        List.of(
            "count source 1 false",
            "gain gain " + gain + " " + waits + workers,
            "sink sink 1 false"),
        List.of("source gain", "gain sink"));
  }

  static int gainOf(Frame frame, String node) {
    return Integer.parseInt(frame.metadata().entries().getOrDefault(node, "0"));
  }

  int count(String sink) {
    var frames = nodes.sinks.getOrDefault(sink, List.of());
    synchronized (frames) {
      return frames.size();
    }
  }

  Frame last(String sink) {
    var frames = nodes.sinks.getOrDefault(sink, List.of());
    synchronized (frames) {
      return frames.isEmpty() ? Frame.trigger(0, 0) : frames.getLast();
    }
  }

  List<Frame> frames(String sink) {
    var frames = nodes.sinks.getOrDefault(sink, List.of());
    synchronized (frames) {
      return List.copyOf(frames);
    }
  }
}
