package dev.millrace.engine.flow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.metric.Metrics;
import dev.millrace.core.node.Outlet;
import dev.millrace.core.node.Processor;
import dev.millrace.core.node.SourcePosition;
import dev.millrace.core.time.FakeClock;
import dev.millrace.engine.EngineMetric;
import dev.millrace.engine.schedule.EngineRuntime;
import dev.millrace.engine.schedule.EngineSpec;
import dev.millrace.engine.schedule.Task;
import dev.millrace.engine.schedule.Wakeable;
import dev.millrace.testkit.node.TestNodeContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// A chain on a scheduler that gives it a turn only when it was woken, while its neighbours and the
/// clock go on at random, also in the middle of its steps.
class ChainWalkTest {
  private static final Wakeable NOBODY = () -> {};
  private static final int FRAMES = 400;

  @Test
  void whateverItsNeighboursDoMeanwhileNoFrameIsLostAndTheChainNeverSleepsOn() throws Exception {
    try (var context = new TestNodeContext()) {
      for (long seed = 1; seed <= 400; seed++) {
        new Walk(seed, context).run();
      }
    }
  }

  private static final class Walk implements Processor, ChainListener {
    private final String about;
    private final Random random;
    private final FakeClock clock = new FakeClock();
    private final Channel in;
    private final Reader blocking;
    private final Reader dropping;
    private final Chain chain;
    private final List<Long> seen = new ArrayList<>();
    private long sent;
    private boolean woken = true;
    private boolean ended;

    Walk(long seed, TestNodeContext context) throws Exception {
      about = "seed " + seed;
      random = new Random(seed);
      var metrics = new Metrics();
      Wakeable wake = () -> woken = true;
      in = new Channel(1 + random.nextInt(100), NOBODY, wake);
      blocking = new Reader(new Channel(1 + random.nextInt(100), wake, NOBODY));
      var spec = new EdgeSpec(1 + random.nextInt(20), Overflow.BLOCK, Duration.ofMillis(1));
      var drops = metrics.counter(EngineMetric.EDGE_DROPPED_FRAMES, "p", "n", "m", "timeout");
      dropping = new Reader(new DroppingChannel(spec, clock, wake, NOBODY, drops));
      var runtime = new EngineRuntime(EngineSpec.DEFAULT, clock, metrics); // has no workers
      var stats = new NodeStats(metrics, "p", "n");
      var stage = new Stage("n", this, stats, clock, new Tracing("p", () -> 0));
      stage.open(context);
      chain = new Chain(List.of(stage), -1, 0, runtime.shared(), clock, this);
      chain.connect(
          List.of(in),
          new int[][] {{0}},
          new boolean[1],
          List.of(new Outgoing(blocking.queue, null), new Outgoing(dropping.queue, null)));
    }

    void run() {
      while (!ended) {
        if (woken) {
          woken = false;
          woken |= chain.turn() == Task.Turn.AGAIN;
        }
        boolean moved = send();
        moved |= blocking.read();
        moved |= dropping.read();
        assertThat(woken || moved || ended).as("%s: the chain sleeps on", about).isTrue();
        meanwhile();
      }
      while (blocking.read() || dropping.read()) {
        meanwhile();
      }
      assertThat(seen).as(about).isEqualTo(LongStream.rangeClosed(1, FRAMES).boxed().toList());
      assertThat(blocking.got).as(about).isEqualTo(seen);
      assertThat(blocking.last).as(about).isEqualTo(FRAMES);
      assertThat(dropping.got).as(about).isSorted().doesNotHaveDuplicates();
      assertThat(dropping.got.size() + dropping.queue.droppedFrames()).as(about).isEqualTo(FRAMES);
      assertThat(dropping.last).as(about).isEqualTo(FRAMES);
    }

    private void meanwhile() {
      switch (random.nextInt(16)) {
        case 0, 1 -> blocking.read();
        case 2, 3 -> dropping.read();
        case 4 -> send();
        case 5 -> clock.advance(Duration.ofMillis(1));
        default -> {}
      }
    }

    /// Feeds the chain, if there is room and something left.
    private boolean send() {
      int count = (int) Math.min(Math.min(1 + random.nextInt(64), FRAMES - sent), in.free());
      if (count < 1) {
        return false;
      }
      var frames = new Frame[count];
      for (int i = 0; i < count; i++) {
        frames[i] = Frame.trigger(0, ++sent);
      }
      in.send(new Batch(frames, count, SourcePosition.exact("s", sent), sent, 0));
      if (sent == FRAMES) {
        in.end();
      }
      return true;
    }

    @Override
    public boolean ready() {
      meanwhile();
      return true;
    }

    @Override
    public void process(Frame frame, Outlet outlet) {
      meanwhile();
      seen.add(frame.sequence());
      outlet.emit(frame);
    }

    @Override
    public void failed(NodeFailure failure) {
      throw new AssertionError(about, failure);
    }

    @Override
    public void ended(Chain over) {
      ended = true;
    }

    /// The consumer of an edge, which handles batches in pieces.
    private final class Reader {
      private final EdgeQueue queue;
      private final List<Long> got = new ArrayList<>();
      private long last; // the position told last
      private @Nullable Batch hand;
      private int handled;

      Reader(EdgeQueue queue) {
        this.queue = queue;
      }

      /// Takes a batch, or handles a part of the one in hand.
      boolean read() {
        var batch = hand;
        if (batch == null) {
          hand = queue.poll();
          handled = 0;
          return hand != null;
        }
        int count = Math.min(batch.size() - handled, 1 + random.nextInt(20));
        for (int i = handled; i < handled + count; i++) {
          got.add(batch.frames()[i].sequence());
        }
        handled += count;
        if (handled == batch.size()) {
          hand = null;
          var position = batch.position();
          last = position == null ? last : position.ordinal();
        }
        queue.release(batch.size() == 0 ? 1 : count, count);
        return true;
      }
    }
  }
}
