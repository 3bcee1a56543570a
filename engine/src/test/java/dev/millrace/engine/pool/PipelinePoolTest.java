package dev.millrace.engine.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.node.NodeContext;
import dev.millrace.core.node.Outlet;
import dev.millrace.core.node.Processor;
import dev.millrace.core.time.FakeClock;
import dev.millrace.engine.EngineMetric;
import dev.millrace.engine.fixture.Each;
import dev.millrace.engine.fixture.EngineFixture;
import dev.millrace.engine.fixture.Gate;
import dev.millrace.engine.fixture.Keeping;
import dev.millrace.testkit.Await;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PipelinePoolTest {
  private final AtomicInteger instances = new AtomicInteger();
  private final AtomicInteger most = new AtomicInteger();

  private PipelinePool pool(EngineFixture engine, PoolSpec spec, String... paths) {
    return new PipelinePool(
        "pool", engine.graph("{}", paths), spec, engine.runtime, engine.services());
  }

  /// A second's work, triggered ten times every half second with three places: the last begins at
  /// 4.5 s at the earliest.
  @Test
  void aSecondsWorkEveryHalfSecondTakesNoLongerThanItsPlacesAllow() throws Exception {
    var clock = new FakeClock();
    try (var engine = new EngineFixture(clock, 1)) {
      var inside = new AtomicInteger();
      engine.transforms("work", () -> new Second(inside));
      engine.transforms("keep", Keeping::new);
      try (var pool = pool(engine, PoolSpec.of(3), "work -> keep")) {
        var executions = new ArrayList<Execution>();
        long begin = clock.nanoTime();
        for (int half = 0; half < 13; half++) {
          if (half < 10) {
            executions.add(pool.execute(Frame.trigger(0, half)));
          }
          Await.until(
              "whoever has a place is at work",
              () -> inside.get() == pool.active() && (pool.waiting() == 0 || pool.active() == 3));
          int due = half < 2 ? 0 : half - 1;
          if (executions.stream().allMatch(one -> one.done().isDone()) && half >= 10) {
            break;
          }
          clock.advance(Duration.ofMillis(500));
          Await.until(
              "what was due is done",
              () -> executions.stream().filter(one -> one.done().isDone()).count() >= due);
        }
        for (int i = 0; i < 10; i++) {
          var outcome = executions.get(i).await();
          assertThat(outcome).isInstanceOf(Outcome.Completed.class);
          assertThat(((Outcome.Completed) outcome).collected().get("keep"))
              .containsExactly(Frame.trigger(0, i));
        }
        assertThat(clock.nanoTime() - begin).isLessThanOrEqualTo(6_500_000_000L);
      }
    }
  }

  @Test
  void thereAreNeverMoreInstancesThanPlacesAndEveryoneIsServedInOrder() throws Exception {
    for (boolean reuse : new boolean[] {false, true}) {
      try (var engine = new EngineFixture()) {
        instances.set(0);
        most.set(0);
        var random = new Random(11);
        var begun = new ConcurrentLinkedQueue<Long>();
        engine.transforms("count", () -> new Counted(begun));
        engine.transforms("keep", Keeping::new);
        var spec = reuse ? PoolSpec.of(3).withReuse() : PoolSpec.of(3);
        var executions = new ArrayList<Execution>();
        try (var pool = pool(engine, spec, "count -> keep")) {
          instances.set(0); // what the graph's validation made is none of the pool's
          most.set(0);
          for (int i = 0; i < 60; i++) {
            var frames = new Frame[1 + random.nextInt(5)];
            for (int f = 0; f < frames.length; f++) {
              frames[f] = Frame.trigger(i, f);
            }
            executions.add(pool.execute(frames));
          }
          for (int i = 0; i < 60; i++) {
            var done = (Outcome.Completed) executions.get(i).await();
            var kept = Objects.requireNonNull(done.collected().get("keep"));
            assertThat(kept)
                .extracting(Frame::sequence)
                .as("each run counts anew")
                .isEqualTo(LongStream.rangeClosed(1, kept.size()).boxed().toList());
            assertThat(done.frames()).isEqualTo(kept.size());
          }
        }
        assertThat(most.get()).as("reuse %s", reuse).isLessThanOrEqualTo(3);
        assertThat(instances.get()).as("reuse %s", reuse).isZero();
        assertThat(new String(engine.metrics.exposition(), StandardCharsets.UTF_8))
            .doesNotContain("pool_active{");
      }
    }
  }

  @Test
  void whoWaitsIsServedFirstComeFirstServedAndMayBeCancelledOrRefused() throws Exception {
    try (var engine = new EngineFixture()) {
      var order = new ConcurrentLinkedQueue<Long>();
      var gate = new Gate(dev.millrace.core.node.Execution.WAITING);
      engine.transforms(
          "gate",
          () ->
              new Each(
                  dev.millrace.core.node.Execution.WAITING,
                  (frame, out) -> {
                    order.add(frame.sequence());
                    gate.process(frame, out);
                  }));
      var pool = pool(engine, new PoolSpec(1, 4, false), "gate");
      var first = pool.execute(Frame.trigger(0, 0));
      gate.inside.await();
      var second = pool.execute(Frame.trigger(0, 1));
      var cancelled = pool.execute(Frame.trigger(0, 2));
      var fourth = pool.execute(Frame.trigger(0, 3));
      var fifth = pool.execute(Frame.trigger(0, 4));
      assertThat(pool.execute(Frame.trigger(0, 5)).await())
          .isEqualTo(new Outcome.Refused("the pool pool has 4 executions waiting already"));
      assertThat(new String(engine.metrics.exposition(), StandardCharsets.UTF_8))
          .contains("millrace_engine_pool_active{pool=\"pool\"} 1.0")
          .contains("millrace_engine_pool_waiting{pool=\"pool\"} 4.0");
      cancelled.cancel();
      assertThat(cancelled.await()).isEqualTo(new Outcome.Cancelled());
      gate.open();
      assertThat(first.await()).isInstanceOf(Outcome.Completed.class);
      assertThat(second.await()).isInstanceOf(Outcome.Completed.class);
      assertThat(fourth.await()).isInstanceOf(Outcome.Completed.class);
      assertThat(fifth.await()).isInstanceOf(Outcome.Completed.class);
      assertThat(order).containsExactly(0L, 1L, 3L, 4L);
      pool.close();
      assertThat(pool.execute().await()).isEqualTo(new Outcome.Refused("the pool pool is closed"));
    }
  }

  @Test
  void closingRefusesWhoeverWaitsAndDrainsWhatRuns() throws Exception {
    try (var engine = new EngineFixture()) {
      var gate = new Gate(dev.millrace.core.node.Execution.WAITING);
      engine.transforms(
          "gate", () -> new Each(dev.millrace.core.node.Execution.WAITING, gate::process));
      var pool = pool(engine, PoolSpec.of(1), "gate");
      var running = pool.execute(Frame.trigger(0, 0));
      gate.inside.await();
      var waits = pool.execute(Frame.trigger(0, 1));
      var closing = Thread.ofPlatform().start(pool::close);

      assertThat(waits.await()).isEqualTo(new Outcome.Refused("the pool pool was closed"));
      gate.open();
      closing.join();
      assertThat(running.await()).isInstanceOf(Outcome.Completed.class);
    }
  }

  @Test
  void aPlaceIsFreeAgainWhateverTheExecutionCameTo() throws Exception {
    try (var engine = new EngineFixture()) {
      var inside = new CountDownLatch(1);
      engine.transforms(
          "moody",
          () ->
              new Each(
                  dev.millrace.core.node.Execution.WAITING,
                  (frame, out) -> {
                    switch ((int) frame.sequence()) {
                      case 1 -> throw new IllegalStateException("boom");
                      case 2 -> throw new StackOverflowError("deep");
                      case 3 -> {
                        inside.countDown();
                        new CountDownLatch(1).await(); // until it is interrupted
                      }
                      default -> out.emit(frame);
                    }
                  }));
      engine.transforms("keep", Keeping::new);
      try (var pool = pool(engine, PoolSpec.of(1).withReuse(), "moody -> keep")) {
        var failed = (Outcome.Failed) pool.execute(Frame.trigger(0, 1)).await();
        assertThat(failed.sentence()).contains("node moody failed", "boom");
        assertThat(Objects.requireNonNull(failed.failure()).node()).isEqualTo("moody");
        assertThat(pool.execute(Frame.trigger(0, 2)).await()).isInstanceOf(Outcome.Failed.class);
        var hangs = pool.execute(Frame.trigger(0, 3));
        inside.await();
        hangs.cancel();
        assertThat(hangs.await()).isEqualTo(new Outcome.Cancelled());
        assertThat(pool.execute(Frame.trigger(0, 4)).await()).isInstanceOf(Outcome.Completed.class);
        Await.until("the place is free", () -> pool.active() == 0);
      }
    }
  }

  @Test
  void aPoolWithoutAPlaceIsRefused() {
    assertThatThrownBy(() -> PoolSpec.of(0)).hasMessage("max_concurrent 0 < 1");
    assertThat(EngineMetric.POOL_ACTIVE.labels()).containsExactly("pool");
  }

  /// Emits each frame a second after it came, by the clock of its context.
  private static final class Second implements Processor {
    private final AtomicInteger inside;
    private @Nullable NodeContext context;

    Second(AtomicInteger inside) {
      this.inside = inside;
    }

    @Override
    public dev.millrace.core.node.Execution execution() {
      return dev.millrace.core.node.Execution.WAITING;
    }

    @Override
    public void open(NodeContext opened) {
      context = opened;
    }

    @Override
    public void process(Frame frame, Outlet outlet) throws InterruptedException {
      var over = new CountDownLatch(1);
      Objects.requireNonNull(context).clock().after(Duration.ofSeconds(1), over::countDown);
      inside.incrementAndGet();
      over.await();
      outlet.emit(frame);
    }

    @Override
    public void close() {
      inside.decrementAndGet();
    }
  }

  /// Numbers the frames of its own run, and counts how many of its kind are open.
  private final class Counted implements Processor {
    private final ConcurrentLinkedQueue<Long> begun;
    private long count;

    Counted(ConcurrentLinkedQueue<Long> begun) {
      this.begun = begun;
    }

    @Override
    public void open(NodeContext context) {
      most.accumulateAndGet(instances.incrementAndGet(), Math::max);
    }

    @Override
    public void process(Frame frame, Outlet outlet) {
      begun.add(frame.timestampMicros());
      outlet.emit(Frame.trigger(frame.timestampMicros(), ++count));
    }

    @Override
    public void close() {
      instances.decrementAndGet();
    }
  }
}
