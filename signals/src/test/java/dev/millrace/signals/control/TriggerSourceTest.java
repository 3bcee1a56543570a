package dev.millrace.signals.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.frame.Body;
import dev.millrace.core.frame.Frame;
import dev.millrace.core.node.Progress;
import dev.millrace.testkit.node.NodeHarness;
import dev.millrace.testkit.node.TestNodeContext;
import java.time.Duration;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

class TriggerSourceTest {

  @Test
  void ticksStartAtOnceAndFollowWithoutDrift() throws Exception {
    try (var context = new TestNodeContext();
        var run = NodeHarness.open(source("{interval_ms: 10}"), context)) {
      long start = context.clock().epochMicros();
      assertThat(run.poll(8)).isEqualTo(Progress.at(10_000_000));
      for (int i = 0; i < 3; i++) {
        context.clock().advance(Duration.ofMillis(13)); // late, but by less than an interval
        run.poll(8);
        context.clock().advance(Duration.ofMillis(7));
        run.poll(8);
      }
      assertThat(run.outputs()).hasSize(7);
      assertThat(run.outputs().getLast().sequence()).isEqualTo(6);
      assertThat(run.outputs().getLast().timestampMicros()).isEqualTo(start + 60_000);
      assertThat(run.outputs())
          .allSatisfy(frame -> assertThat(frame.body()).isEqualTo(Body.EMPTY))
          .allSatisfy(
              frame ->
                  assertThat(frame.metadata().entries())
                      .containsEntry("trigger_id", "node-" + frame.sequence()));
      assertThat(late(context)).isZero();
    }
  }

  @Test
  void missedTicksFallTogetherAndAreCountedAndTheNextOneIsOnTime() throws Exception {
    try (var context = new TestNodeContext();
        var run = NodeHarness.open(source("{interval_ms: 10}"), context)) {
      run.poll(8);
      context.clock().advance(Duration.ofMillis(57));
      assertThat(run.poll(8)).isEqualTo(Progress.at(60_000_000));
      assertThat(run.outputs()).extracting(Frame::sequence).containsExactly(0L, 1L);
      assertThat(late(context)).isEqualTo(4);
    }
  }

  @Test
  void aManualSourceOnlyHandsOnWhatComesFromOutside() throws Exception {
    try (var context = new TestNodeContext();
        var run = NodeHarness.open(source("{mode: manual}"), context)) {
      assertThat(run.poll(8)).isEqualTo(Progress.AWAIT);
      assertThat(run.outputs()).isEmpty();
    }
    var out = new ArrayList<Frame>();
    var outside = Fixture.frame(9, "a", 1);
    source("{mode: manual}").trigger(outside, out::add);
    source("{mode: periodic}").trigger(outside, out::add);
    assertThat(out).containsExactly(outside, outside);
  }

  @Test
  void aSourceWithACountEnds() throws Exception {
    for (var config : new String[] {"{mode: count, count: 3}", "{count: 3}"}) {
      try (var context = new TestNodeContext();
          var run = NodeHarness.open(source(config), context)) {
        run.pollUntil(100, 8);
        assertThat(run.done()).isTrue();
        assertThat(run.outputs()).extracting(Frame::sequence).containsExactly(0L, 1L, 2L);
      }
    }
  }

  @Test
  void anIntervalThatIsNotAboveZeroIsAnError() {
    assertThat(Fixture.problems(ControlTypes.TRIGGER_SOURCE, "{interval_ms: 0}"))
        .anySatisfy(what -> assertThat(what).contains("interval_ms is 0.0"));
    assertThat(Fixture.problems(ControlTypes.TRIGGER_SOURCE, "{interval_ms: -5}")).isNotEmpty();
    assertThat(Fixture.problems(ControlTypes.TRIGGER_SOURCE, "{mode: count}")).isNotEmpty();
    assertThat(Fixture.problems(ControlTypes.TRIGGER_SOURCE, "{mode: never}")).isNotEmpty();
  }

  @Test
  void numbersGoOnWhereTheyWereSaved() throws Exception {
    var first = source("{interval_ms: 10}");
    byte[] state;
    try (var context = new TestNodeContext();
        var run = NodeHarness.open(first, context)) {
      run.pollUntil(5, 1);
      state = Fixture.saved(first);
    }
    var second = source("{interval_ms: 10}");
    try (var context = new TestNodeContext();
        var run = NodeHarness.open(second, context)) {
      Fixture.restore(second, state);
      run.pollUntil(2, 1);
      assertThat(run.outputs()).extracting(Frame::sequence).containsExactly(5L, 6L);
    }
  }

  @Test
  void keepsTheContractOfASource() throws Exception {
    var frames = NodeHarness.source(() -> source("{interval_ms: 0.5}")).frames(200).check();
    assertThat(frames).hasSize(200);
    NodeHarness.source(() -> source("{count: 20}")).check();
  }

  private static double late(TestNodeContext context) {
    return context.metrics().count(ControlMetric.LATE_TICKS, "test", "node");
  }

  private static TriggerSource source(String config) {
    return (TriggerSource) Fixture.node(ControlTypes.TRIGGER_SOURCE, config);
  }
}
