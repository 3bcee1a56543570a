package dev.millrace.engine.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.frame.Frame;
import dev.millrace.engine.fixture.EngineFixture;
import dev.millrace.engine.graph.Graph;
import dev.millrace.testkit.Await;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Changes of graphs whose ways part and come together again, with queues so small that everybody
/// waits for everybody.
@Timeout(60)
class ApplyMergeTest {
  private static final int WAYS = 3;

  private final EngineFixture engine = new EngineFixture();
  private final ChangingGraph nodes = new ChangingGraph();
  private int next; // numbers nodes
  private int revision; // grows with each node that changes

  @AfterEach
  void stop() {
    engine.close();
    Await.until("all instances are closed", () -> nodes.open.get() == 0);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 20})
  void eachWayHasEachFrameOnceAndInOrder(int capacity) throws Exception {
    long seed = System.nanoTime();
    var random = new Random(seed);
    var ways = new ArrayList<List<String>>();
    for (int way = 0; way < WAYS; way++) {
      ways.add(new ArrayList<>(List.of("gain way" + way + " 1 false")));
    }
    var pipeline = engine.pipeline(graph(capacity, ways, 1));
    pipeline.start();
    int joint = 1;
    for (int change = 0; change < 80; change++) {
      var way = ways.get(random.nextInt(WAYS));
      int at = random.nextInt(way.size());
      switch (random.nextInt(4)) {
        case 0 ->
            way.add(at, "gain n" + next++ + " " + ++revision + " " + ChangingGraph.flag(random));
        case 1 -> {
          if (way.size() > 1 && !way.get(at).contains(" way")) {
            way.remove(at);
          }
        }
        case 2 ->
            way.set(at, "gain " + id(way.get(at)) + " " + ++revision + " " + random.nextBoolean());
        default -> joint = ++revision;
      }
      assertThat(pipeline.apply(graph(capacity, ways, joint)))
          .as("seed %s change %s", seed, change)
          .isNotInstanceOf(ApplyReport.Refused.class);
      if (change % 8 == 0) {
        int now = frames().size();
        Await.until("frames come", () -> frames().size() > now + 20);
      }
    }
    assertThat(pipeline.drain()).as("seed %s", seed).isInstanceOf(DrainReport.Clean.class);
    assertEachWay(seed);
  }

  private void assertEachWay(long seed) {
    var counts = new HashMap<String, Long>();
    for (var frame : frames()) {
      var way =
          frame.metadata().entries().keySet().stream()
              .filter(key -> key.startsWith("way"))
              .findFirst()
              .orElseThrow();
      assertThat(frame.sequence())
          .as("seed %s, %s", seed, way)
          .isEqualTo(counts.merge(way, 1L, Long::sum));
    }
    assertThat(counts).hasSize(WAYS);
    assertThat(counts.values().stream().distinct()).as("seed %s", seed).hasSize(1);
  }

  private Graph graph(int capacity, List<List<String>> ways, int joint) {
    var all = new ArrayList<>(List.of("count source 1 true"));
    var edges = new ArrayList<String>();
    for (var way : ways) {
      var last = "source";
      for (var node : way) {
        all.add(node);
        edges.add(last + " " + id(node));
        last = id(node);
      }
      edges.add(last + " joint");
    }
    all.add("gain joint " + joint + " false");
    all.add("sink end 1 false");
    edges.add("joint end");
    return nodes.graph("{\"channel_capacity\":" + capacity + "}", all, edges);
  }

  private List<Frame> frames() {
    var frames = nodes.sinks.getOrDefault("end", List.of());
    synchronized (frames) {
      return List.copyOf(frames);
    }
  }

  private static String id(String node) {
    return node.split(" ", -1)[1];
  }
}
