package dev.millrace.engine.flow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.node.NodeContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WatermarkMergeTest {
  private static final long NONE = NodeContext.NO_WATERMARK;

  @Test
  void theSlowestEdgeHoldsTheOthersBack() {
    var merge = merge(true, true);
    merge.advance(0, new Watermark(9, false));
    assertThat(merge.now()).isEqualTo(new Watermark(NONE, false));

    merge.advance(1, new Watermark(5, false));
    assertThat(merge.now()).isEqualTo(new Watermark(5, false));
  }

  @Test
  void anEdgeWithoutEventTimeTakesNoPart() {
    var merge = merge(true, false);
    merge.advance(0, new Watermark(9, false));

    assertThat(merge.now()).isEqualTo(new Watermark(9, false));
  }

  @Test
  void anIdleEdgeIsLeftOutUntilItSaysOtherwiseAndNothingEverFalls() {
    var merge = merge(true, true);
    merge.advance(0, new Watermark(9, false));
    merge.advance(1, new Watermark(5, true));
    assertThat(merge.now()).isEqualTo(new Watermark(9, false));

    merge.advance(1, new Watermark(6, false));
    assertThat(merge.now()).isEqualTo(new Watermark(9, false));
    merge.advance(0, new Watermark(20, false));
    assertThat(merge.now()).isEqualTo(new Watermark(9, false));
    merge.advance(1, new Watermark(15, false));
    assertThat(merge.now()).isEqualTo(new Watermark(15, false));
  }

  @Test
  void whereAllAreIdleNobodyIsWaitedFor() {
    var merge = merge(true, true);
    merge.advance(0, new Watermark(9, true));
    merge.advance(1, new Watermark(5, true));

    assertThat(merge.now()).isEqualTo(new Watermark(9, true));
  }

  /// Random news and ends on random edges beside a model that computes everything anew each time;
  /// now and then the edges are joined anew, some of them others.
  @Test
  void itAgreesWithANaiveModel() {
    for (long seed = 1; seed <= 300; seed++) {
      var random = new Random(seed);
      var edges = new ArrayList<Model>();
      for (int i = 0; i < 1 + random.nextInt(4); i++) {
        edges.add(new Model(i == 0 || random.nextInt(4) > 0));
      }
      var merge = merge(edges);
      long reached = NONE;
      for (int step = 0; step < 200; step++) {
        int at = random.nextInt(edges.size());
        var edge = edges.get(at);
        switch (random.nextInt(12)) {
          case 0 -> {
            edge.queue.end();
            edge.ended = true;
            merge.look();
          }
          case 1 -> {
            int replaced = random.nextInt(edges.size());
            var from = new int[edges.size()];
            Arrays.setAll(from, i -> i == replaced ? -1 : i);
            edges.set(replaced, new Model(edges.get(replaced).counts));
            var next = merge(edges);
            next.adopt(merge, from);
            next.look();
            merge = next;
          }
          default -> {
            if (edge.counts && !edge.ended) {
              edge.told = new Watermark(random.nextInt(1_000), random.nextInt(4) == 0);
              merge.advance(at, edge.told);
            }
          }
        }
        var waited = edges.stream().filter(e -> e.counts && !e.ended && !e.told.idle()).toList();
        var least =
            waited.isEmpty()
                ? edges.stream().filter(e -> e.counts).mapToLong(e -> e.told.micros()).max()
                : waited.stream().mapToLong(e -> e.told.micros()).min();
        reached = Math.max(reached, least.orElseThrow());
        assertThat(merge.now())
            .as("seed " + seed + ", step " + step)
            .isEqualTo(new Watermark(reached, waited.isEmpty()));
      }
    }
  }

  private static final class Model {
    final Channel queue = new Channel(1, () -> {}, () -> {});
    final boolean counts;
    boolean ended;
    Watermark told = new Watermark(NONE, false);

    Model(boolean counts) {
      this.counts = counts;
    }
  }

  private static WatermarkMerge merge(List<Model> edges) {
    var counts = new boolean[edges.size()];
    for (int i = 0; i < counts.length; i++) {
      counts[i] = edges.get(i).counts;
    }
    var queues = edges.stream().map(edge -> edge.queue).toArray(EdgeQueue[]::new);
    return java.util.Objects.requireNonNull(WatermarkMerge.of(queues, counts));
  }

  private static WatermarkMerge merge(boolean... counts) {
    var edges = new ArrayList<Model>();
    for (boolean each : counts) {
      edges.add(new Model(each));
    }
    return merge(edges);
  }
}
