package dev.millrace.engine.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.engine.graph.Graph;
import dev.millrace.engine.graph.GraphNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Random changes of random graphs.
@Timeout(60)
class ApplyWalkTest extends ChangeOfGraph {
  @Test
  void anyChangeOfAnyGraphKeepsEachFrameOfAPathOnceAndInOrder() throws Exception {
    long seed = System.nanoTime();
    var random = new Random(seed);
    var shape = new Shape(random);
    var pipeline = start(shape.graph(nodes));
    for (int change = 0; change < 200; change++) {
      shape.change();
      var report = pipeline.apply(shape.graph(nodes));
      assertThat(report)
          .as("seed %s change %s", seed, change)
          .isNotInstanceOf(ApplyReport.Refused.class);
      assertThat(pipeline.state()).as("seed %s", seed).isEqualTo(new PipelineState.Running());
      assertThat(pipeline.snapshot().nodes()).hasSameSizeAs(pipeline.graph().nodes());
      var now = pipeline.graph().nodes();
      assertThat(nodes.open.get())
          .as("seed %s: open instances", seed)
          .isBetween(
              now.stream().mapToInt(GraphNode::workersMin).sum(),
              now.stream().mapToInt(GraphNode::workersMax).sum());
      if (change % 10 == 0) {
        flows("end0");
      }
    }
    assertThat(pipeline.drain()).as("seed %s", seed).isInstanceOf(DrainReport.Clean.class);
    assertThat(nodes.open).as("seed %s", seed).hasValue(0);
    for (int lane = 0; lane < Shape.LANES; lane++) {
      assertInOrder("end" + lane, seed);
    }
    for (var sink : nodes.sinks.keySet()) {
      assertWithoutGaps(sink, seed);
    }
  }

  /// Lanes of gains between a source and a sink; changes insert, remove and alter nodes at any
  /// place, and join and cut side branches.
  private static final class Shape {
    static final int LANES = 3;
    private final Random random;
    private final List<List<String>> lanes = new ArrayList<>();
    private final List<String> sides = new ArrayList<>(); // `node sink`
    private int next;
    private int revision;

    Shape(Random random) {
      this.random = random;
      for (int i = 0; i < LANES; i++) {
        lanes.add(new ArrayList<>(List.of("gain fix" + i + " 1 false")));
      }
    }

    void change() {
      var lane = lanes.get(random.nextInt(LANES));
      int at = random.nextInt(lane.size());
      switch (random.nextInt(5)) {
        case 0, 1 -> lane.add(at, gain("g" + next++));
        case 2 -> {
          if (lane.size() > 1 && !lane.get(at).contains(" fix")) {
            var gone = id(lane.remove(at));
            sides.removeIf(side -> side.startsWith(gone + " "));
          }
        }
        case 3 -> lane.set(at, gain(id(lane.get(at))));
        default -> {
          if (sides.isEmpty() || random.nextBoolean()) {
            sides.add(id(lane.get(at)) + " side" + next++);
          } else {
            sides.remove(random.nextInt(sides.size()));
          }
        }
      }
    }

    Graph graph(ChangingGraph nodes) {
      var all = new ArrayList<String>();
      var edges = new ArrayList<String>();
      for (int i = 0; i < LANES; i++) {
        var last = "source" + i;
        all.add("count " + last + " 1 true");
        for (var node : lanes.get(i)) {
          all.add(node);
          edges.add(last + " " + id(node));
          last = id(node);
        }
        all.add("sink end" + i + " 1 " + (i == 1));
        edges.add(last + " end" + i);
      }
      for (var side : sides) {
        all.add("sink " + side.split(" ", -1)[1] + " 1 false");
        edges.add(side);
      }
      return nodes.graph("{\"channel_capacity\":20}", all, edges);
    }

    private String gain(String id) {
      return "gain "
          + id
          + " "
          + ++revision
          + " "
          + ChangingGraph.flag(random)
          + ChangingGraph.workers(random);
    }

    private static String id(String node) {
      return node.split(" ", -1)[1];
    }
  }

  /// All frames between the first and the last, once, each node's instances as they came.
  private void assertWithoutGaps(String sink, long seed) {
    long before = 0;
    Map<String, Integer> revisions = new HashMap<>();
    for (var frame : frames(sink)) {
      if (before > 0) {
        assertThat(frame.sequence()).as("seed %s sink %s", seed, sink).isEqualTo(before + 1);
      }
      before = frame.sequence();
      for (var node : frame.metadata().entries().keySet()) {
        if (!node.equals("from")) {
          int now = gainOf(frame, node);
          var last = revisions.put(node, now);
          assertThat(last == null ? 0 : last).as("seed %s", seed).isLessThanOrEqualTo(now);
        }
      }
    }
  }
}
