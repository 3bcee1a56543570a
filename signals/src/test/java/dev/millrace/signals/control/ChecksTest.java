package dev.millrace.signals.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.node.Execution;
import dev.millrace.core.node.NodeType;
import dev.millrace.core.node.Processor;
import dev.millrace.testkit.node.NodeHarness;
import dev.millrace.testkit.node.TestNodeContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// `AssertRMS`, `Delay` and `Fault`.
class ChecksTest {

  @Test
  void aFrameThatIsAsExpectedGoesOnAndAnotherFailsWithBothNumbers() throws Exception {
    var good = Fixture.frame(1, "a", 2, -2);
    assertThat(run("{expected_rms: 2.01}", good)).containsExactly(good);
    assertThatThrownBy(() -> run("{expected_rms: 2.5, tolerance: 0.1}", good))
        .hasMessageContaining("2.0")
        .hasMessageContaining("2.5")
        .hasMessageContaining("channel a");
    assertThatThrownBy(() -> run("{expected_rms: 1}", Fixture.frame(1, "a", Double.NaN)))
        .hasMessageContaining("NaN");
  }

  @Test
  void everyChannelIsCheckedUnlessOneIsNamed() throws Exception {
    var frame = Fixture.frame(1, Map.of("a", new double[] {1}, "b", new double[] {9}));
    assertThatThrownBy(() -> run("{expected_rms: 1}", frame)).hasMessageContaining("channel b");
    assertThat(run("{expected_rms: 1, channel: a}", frame)).hasSize(1);
    assertThatThrownBy(() -> run("{expected_rms: 1, channel: c}", frame))
        .hasMessageContaining("no channel c");
    assertThatThrownBy(() -> run("{expected_rms: 1}", Frame.trigger(1, 1)))
        .hasMessageContaining("no channel");
  }

  @Test
  void whereSilenceIsExpectedTheToleranceIsTheDifference() throws Exception {
    assertThat(run("{expected_rms: 0}", Fixture.frame(1, "a", 0.005))).hasSize(1);
    assertThatThrownBy(() -> run("{expected_rms: 0}", Fixture.frame(1, "a", 0.5))).isNotNull();
  }

  @Test
  void theAssertionKeepsTheContractOfANode() throws Exception {
    NodeHarness.processor(() -> node(ControlTypes.ASSERT_RMS, "{expected_rms: 1}"))
        .inputs(List.of(Fixture.frame(1, "a", 1), Fixture.frame(2, "a", -1)))
        .check();
  }

  @Test
  void aDelayedFrameGoesOnWhenItsTimeIsOverAndNotBefore() throws Exception {
    try (var context = new TestNodeContext()) {
      var delay = node(ControlTypes.DELAY, "{ms: 250}");
      assertThat(delay.execution()).isEqualTo(Execution.WAITING);
      delay.open(context);
      var out = new ArrayList<Frame>();
      var task = begun(delay, out);
      awaitTimer(context);
      context.clock().advance(Duration.ofMillis(249));
      assertThat(task.isDone()).isFalse();
      context.clock().advance(Duration.ofMillis(1));
      task.get(5, TimeUnit.SECONDS);
      assertThat(out).hasSize(1);
    }
  }

  @Test
  void anInterruptEndsADelayAndItsTimer() throws Exception {
    try (var context = new TestNodeContext()) {
      var delay = node(ControlTypes.DELAY, "{ms: 60000}");
      delay.open(context);
      var out = new ArrayList<Frame>();
      var task = new FutureTask<Void>(() -> process(delay, out));
      var thread = Thread.ofVirtual().start(task);
      awaitTimer(context);
      thread.interrupt();
      assertThatThrownBy(() -> task.get(5, TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(InterruptedException.class);
      assertThat(out).isEmpty();
      assertThat(context.clock().pendingTimers()).isZero();
    }
  }

  @Test
  void aDelayOfNothingKeepsTheContractOfANode() throws Exception {
    NodeHarness.processor(() -> node(ControlTypes.DELAY, "{}")).check();
  }

  @Test
  void aFaultComesWhereItIsToldTo() throws Exception {
    assertThat(failing("{fail_every: 3}")).containsExactly(3, 6, 9);
    assertThat(failing("{fail_first: 2}")).containsExactly(1, 2);
    assertThat(failing("{fail_sequence: [5, 7]}")).containsExactly(5, 7);
    assertThat(failing("{}")).isEmpty();
  }

  @Test
  void theCountOutlivesTheInstanceSoThatARetryPasses() throws Exception {
    try (var context = new TestNodeContext()) {
      var frame = Fixture.frame(1, "a", 1);
      for (int attempt = 1; attempt <= 3; attempt++) {
        try (var run =
            NodeHarness.open(
                node(ControlTypes.FAULT, "{fail_first: 2, message: no luck}"), context)) {
          run.batch(frame);
          assertThat(run.outputs()).hasSize(attempt == 3 ? 1 : 0);
          if (attempt < 3) {
            assertThat(run.failures().getFirst()).hasMessageContaining("no luck");
          }
        }
      }
    }
  }

  @Test
  void theCountGoesIntoCheckpoints() throws Exception {
    byte[] state;
    try (var context = new TestNodeContext()) {
      var fault = node(ControlTypes.FAULT, "{fail_every: 2}");
      fault.open(context);
      fault.process(Fixture.frame(1, "a", 1), frame -> {});
      state = Fixture.saved(fault);
    }
    try (var context = new TestNodeContext()) {
      var fault = node(ControlTypes.FAULT, "{fail_every: 2}");
      fault.open(context);
      Fixture.restore(fault, state);
      assertThatThrownBy(() -> fault.process(Fixture.frame(2, "a", 1), frame -> {}))
          .isInstanceOf(Fault.FaultException.class)
          .hasMessageContaining("attempt 2");
    }
  }

  @Test
  void theFaultKeepsTheContractOfANode() throws Exception {
    NodeHarness.processor(() -> node(ControlTypes.FAULT, "{fail_every: 4}"))
        .inputs(Fixture.frames(1, 60))
        .failuresExpected()
        .check();
  }

  private static List<Integer> failing(String config) throws Exception {
    var failing = new ArrayList<Integer>();
    try (var context = new TestNodeContext();
        var run = NodeHarness.open(node(ControlTypes.FAULT, config), context)) {
      for (int i = 1; i <= 10; i++) {
        int before = run.failures().size();
        run.batch(Fixture.frame(i, "a", 1));
        if (run.failures().size() > before) {
          failing.add(i);
        }
      }
      assertThat(run.outputs()).hasSize(10 - failing.size());
    }
    return failing;
  }

  private static FutureTask<Void> begun(Processor delay, List<Frame> out) {
    var task = new FutureTask<Void>(() -> process(delay, out));
    Thread.ofVirtual().start(task);
    return task;
  }

  @SuppressWarnings("NullAway") // there is no value of Void but null
  private static Void process(Processor delay, List<Frame> out) throws Exception {
    delay.process(Fixture.frame(1, "a", 1), out::add);
    return null;
  }

  private static void awaitTimer(TestNodeContext context) {
    long deadline = System.nanoTime() + 5_000_000_000L;
    while (context.clock().pendingTimers() == 0) {
      assertThat(System.nanoTime()).as("no timer was set").isLessThan(deadline);
      Thread.onSpinWait();
    }
  }

  private static List<Frame> run(String config, Frame frame) throws Exception {
    var out = new ArrayList<Frame>();
    node(ControlTypes.ASSERT_RMS, config).process(frame, out::add);
    return out;
  }

  private static Processor node(NodeType<?> type, String config) {
    return (Processor) Fixture.node(type, config);
  }
}
