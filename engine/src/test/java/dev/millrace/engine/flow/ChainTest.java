package dev.millrace.engine.flow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.metric.Metrics;
import dev.millrace.core.node.Outlet;
import dev.millrace.core.node.Processor;
import dev.millrace.core.time.FakeClock;
import dev.millrace.engine.EngineMetric;
import dev.millrace.engine.schedule.EngineRuntime;
import dev.millrace.engine.schedule.EngineSpec;
import dev.millrace.engine.schedule.Wakeable;
import dev.millrace.testkit.node.TestNodeContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A chain whose turns the test runs, between queues that the test fills and empties.
class ChainTest {
  private static final Wakeable NOBODY = () -> {};
  private static final Duration TIMEOUT = Duration.ofMillis(100);

  private final FakeClock clock = new FakeClock();
  private final Metrics metrics = new Metrics();
  private final Channel in = new Channel(100, NOBODY, NOBODY);
  private final DroppingChannel out =
      new DroppingChannel(
          new EdgeSpec(4, Overflow.BLOCK, TIMEOUT),
          clock,
          NOBODY,
          NOBODY,
          metrics.counter(EngineMetric.EDGE_DROPPED_FRAMES, "p", "node", "next", "timeout"));
  private final Passing node = new Passing();
  private final Chain chain = chain();
  private final TestNodeContext context = new TestNodeContext();
  private long next = 1;

  @BeforeEach
  void open() throws Exception {
    chain.stages().getFirst().open(context);
  }

  @AfterEach
  void close() {
    context.close();
  }

  /// Between the look for room and the step that uses it.
  @Test
  void anEdgeThatStopsDroppingInTheMiddleOfAStepHasNoFrameHandledTwice() {
    send(10);
    turn();
    assertThat(node.seen).containsExactly(1L, 2L, 3L, 4L);
    clock.advance(TIMEOUT);
    assertThat(Objects.requireNonNull(out.poll()).size()).isEqualTo(4);
    send(10);
    node.beforeFrame = 11;
    node.meanwhile = () -> out.release(1, 1); // while two frames are pending

    turn();

    out.release(3, 3);
    for (int i = 0; i < 20; i++) {
      turn();
      for (var batch = out.poll(); batch != null; batch = out.poll()) {
        out.release(batch.credit(), batch.size());
      }
    }
    assertThat(node.seen).isEqualTo(LongStream.rangeClosed(1, 20).boxed().toList());
    assertThat(in.queuedFrames()).isZero();
    assertThat(out.totalFrames()).isEqualTo(20);
    assertThat(out.discardedFrames()).isZero();
  }

  private void turn() {
    var _ = chain.turn();
  }

  private void send(int frames) {
    var batch = new Frame[frames];
    for (int i = 0; i < frames; i++) {
      batch[i] = Frame.trigger(0, next++);
    }
    in.send(new Batch(batch, frames, null, 0, -1));
  }

  private Chain chain() {
    var runtime = new EngineRuntime(EngineSpec.DEFAULT, clock, metrics); // has no workers
    var stats = new NodeStats(metrics, "p", "node");
    var stage = new Stage("node", node, stats, clock, new Tracing("p", () -> 0));
    var made = new Chain(List.of(stage), -1, 0, runtime.shared(), clock, new Listener());
    made.connect(List.of(in), new int[][] {{}}, new boolean[1], List.of(new Outgoing(out, null)));
    return made;
  }

  private static final class Listener implements ChainListener {
    @Override
    public void failed(NodeFailure failure) {
      throw new AssertionError(failure);
    }

    @Override
    public void ended(Chain ended) {
      throw new AssertionError("the chain has ended");
    }
  }

  private static final class Passing implements Processor {
    private final List<Long> seen = new ArrayList<>();
    private long beforeFrame;
    private Runnable meanwhile = () -> {};

    @Override
    public boolean ready() {
      if (seen.size() + 1 == beforeFrame) {
        beforeFrame = 0;
        meanwhile.run();
      }
      return true;
    }

    @Override
    public void process(Frame frame, Outlet outlet) {
      seen.add(frame.sequence());
      outlet.emit(frame);
    }
  }
}
