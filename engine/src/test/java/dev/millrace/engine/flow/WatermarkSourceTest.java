package dev.millrace.engine.flow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.metric.Metrics;
import dev.millrace.core.node.NodeContext;
import dev.millrace.engine.graph.EventTime;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WatermarkSourceTest {
  private static final long MILLI = 1_000_000;

  @Test
  void theWatermarkIsBehindTheNewestFrameByTheLag() {
    var source = source(2, 100);
    source.saw(frames(5_000, 9_000, 7_000), 0, 3, 0);

    assertThat(source.now()).isEqualTo(new Watermark(7_000, false));
    assertThat(source.lateFrames()).isZero();
  }

  @Test
  void aFrameOlderThanWhatHeldBeforeItIsLateAndChangesNothing() {
    var source = source(2, 100);
    source.saw(frames(9_000, 6_999, 7_000, 1), 0, 4, 0);

    assertThat(source.now().micros()).isEqualTo(7_000);
    assertThat(source.lateFrames()).isEqualTo(2);
  }

  @Test
  void quietCountsFromTheLastFrameNotFromTheFirstLook() {
    var source = source(0, 100);
    source.begin(0);
    source.saw(frames(1), 0, 1, 30 * MILLI);

    assertThat(source.quiet(90 * MILLI)).isEqualTo(40 * MILLI);
    assertThat(source.now().idle()).isFalse();
    assertThat(source.quiet(130 * MILLI)).isZero();
    assertThat(source.now()).isEqualTo(new Watermark(1, true));

    source.saw(frames(1), 0, 1, 140 * MILLI);
    assertThat(source.now().idle()).isFalse();
  }

  @Test
  void withoutAnyFrameItCountsFromTheBeginning() {
    var source = source(0, 100);
    source.begin(7 * MILLI);
    source.begin(50 * MILLI);

    assertThat(source.quiet(107 * MILLI)).isZero();
    assertThat(source.now()).isEqualTo(new Watermark(NodeContext.NO_WATERMARK, true));
  }

  @Test
  void timeInWhichItCouldNotBeAskedIsNotQuiet() {
    var source = source(0, 100);
    source.begin(0);
    source.wasHeldUp(20 * MILLI, 220 * MILLI);

    assertThat(source.quiet(250 * MILLI)).isEqualTo(50 * MILLI);
  }

  @Test
  void theEndsOfTheScaleDoNotWrap() {
    var source = source(86_400_000, 100);
    source.saw(frames(Long.MIN_VALUE, Long.MIN_VALUE + 5), 0, 2, 0);
    assertThat(source.now().micros()).isEqualTo(Long.MIN_VALUE + 1);

    source.saw(frames(Long.MAX_VALUE), 0, 1, 0);
    assertThat(source.now().micros()).isEqualTo(Long.MAX_VALUE - 86_400_000_000L);
  }

  /// Random frames, looks and waits beside a model that keeps every frame.
  @Test
  void itAgreesWithANaiveModel() {
    for (long seed = 1; seed <= 300; seed++) {
      var random = new Random(seed);
      int lagMs = random.nextInt(5);
      var source = source(lagMs, 50);
      source.begin(0);
      long now = 0;
      long last = 0;
      long newest = Long.MIN_VALUE;
      long late = 0;
      boolean idle = false;
      for (int step = 0; step < 200; step++) {
        now += random.nextInt(30) * MILLI;
        if (random.nextBoolean()) {
          var stamps = random.longs(1 + random.nextInt(4), 0, 10_000 + step * 500L).toArray();
          source.saw(frames(stamps), 0, stamps.length, now);
          for (long stamp : stamps) {
            late += newest != Long.MIN_VALUE && stamp < newest - lagMs * 1_000L ? 1 : 0;
            newest = Math.max(newest, stamp);
          }
          last = now;
          idle = false;
        } else {
          var _ = source.quiet(now);
          idle |= now - last >= 50 * MILLI;
        }
        long expected = newest == Long.MIN_VALUE ? newest : newest - lagMs * 1_000L;
        assertThat(source.now())
            .as("seed " + seed + ", step " + step)
            .isEqualTo(new Watermark(expected, idle));
        assertThat(source.lateFrames()).as("seed " + seed + ", step " + step).isEqualTo(late);
      }
    }
  }

  private static WatermarkSource source(int lagMs, int idleMs) {
    return new EventTime(lagMs, idleMs).source(new Metrics(), "p", "n");
  }

  private static Frame[] frames(long... stamps) {
    return Arrays.stream(stamps).mapToObj(at -> Frame.trigger(at, 1)).toArray(Frame[]::new);
  }
}
