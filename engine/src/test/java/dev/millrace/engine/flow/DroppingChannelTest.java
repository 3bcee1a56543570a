package dev.millrace.engine.flow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.frame.Body;
import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.Metadata;
import dev.millrace.core.frame.SamplePool;
import dev.millrace.core.frame.Samples;
import dev.millrace.core.metric.Metrics;
import dev.millrace.core.node.SourcePosition;
import dev.millrace.core.time.FakeClock;
import dev.millrace.engine.EngineMetric;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class DroppingChannelTest {
  private static final Duration TIMEOUT = Duration.ofMillis(100);

  private final FakeClock clock = new FakeClock();
  private final AtomicInteger producerWakes = new AtomicInteger();
  private final Metrics metrics = new Metrics();
  private final SamplePool pool = new SamplePool(1_000, true);
  private long next = 1;

  @Test
  void theNewestAreDroppedAndTheFirstSurvive() {
    var channel = channel(4, Overflow.DROP_NEWEST);
    channel.send(batch(10, null));
    assertThat(rest(channel)).containsExactly(1L, 2L, 3L, 4L);
    assertThat(channel.droppedFrames()).isEqualTo(6);
    assertThat(drops("drop_newest")).isEqualTo(6);
  }

  @Test
  void theOldestAreDroppedAndTheLastSurvive() {
    var channel = channel(4, Overflow.DROP_OLDEST);
    for (int i = 0; i < 5; i++) {
      channel.send(batch(2, null));
    }
    assertThat(channel.queuedFrames()).isEqualTo(4);
    assertThat(rest(channel)).containsExactly(7L, 8L, 9L, 10L);
    assertThat(drops("drop_oldest")).isEqualTo(6);
  }

  @Test
  void framesInHandTakeRoomWhereTheNewestAreDroppedAndNoneWhereTheOldestAre() {
    for (var overflow : List.of(Overflow.DROP_NEWEST, Overflow.DROP_OLDEST)) {
      next = 1;
      var channel = channel(4, overflow);
      channel.send(batch(4, null));
      var hand = channel.poll();
      assertThat(hand).isNotNull();
      channel.send(batch(6, null));
      var waiting = rest(channel);
      if (overflow == Overflow.DROP_NEWEST) {
        assertThat(waiting).isEmpty();
      } else {
        assertThat(waiting).containsExactly(7L, 8L, 9L, 10L);
      }
      channel.release(4, 4);
    }
  }

  @Test
  void aBlockingEdgeDropsOnceItHasBeenFullForItsTimeoutAndUntilThereIsRoom() {
    var channel = channel(4, Overflow.BLOCK);
    channel.send(batch(4, null));
    assertThat(channel.free()).isZero();
    assertThat(channel.parkProducer()).isTrue();
    clock.advance(TIMEOUT.minusNanos(1));
    assertThat(producerWakes).hasValue(0);
    assertThat(channel.parkProducer()).isTrue();
    clock.advance(Duration.ofNanos(1));
    assertThat(producerWakes).hasValue(1);
    assertThat(channel.free()).isEqualTo(Integer.MAX_VALUE);
    channel.send(batch(70, null));
    assertThat(drops("timeout")).isEqualTo(70);

    assertThat(channel.poll()).isNotNull();
    channel.release(1, 1);
    assertThat(channel.free()).isEqualTo(1);
    channel.send(batch(1, null));
    assertThat(channel.free()).as("the next wait is a whole one").isZero();
    assertThat(channel.parkProducer()).isTrue();
    assertThat(clock.pendingTimers()).isEqualTo(1);
    channel.release(3, 3);
    assertThat(producerWakes).hasValue(2);
    assertThat(channel.free()).isEqualTo(3);
    assertThat(clock.pendingTimers()).isZero();
  }

  @Test
  void aPositionWhoseFramesWereAllDroppedIsDueAtOnce() {
    var channel = channel(2, Overflow.DROP_NEWEST);
    channel.send(batch(2, null));
    channel.send(batch(3, 5L));
    var first = channel.poll();
    assertThat(first).isNotNull();
    assertThat(first.size()).isEqualTo(2);
    assertThat(first.position()).isEqualTo(position(5));
  }

  @Test
  void nobodyWaitsForAConsumerThatIsGone() {
    for (var overflow : Overflow.values()) {
      var channel = channel(2, overflow);
      channel.send(lent(2));
      channel.abandon();
      assertThat(channel.free()).isEqualTo(Integer.MAX_VALUE);
      assertThat(channel.parkProducer()).isFalse();
      channel.send(lent(7));
      assertThat(channel.queuedFrames()).isZero();
      assertThat(channel.discardedFrames()).isEqualTo(9);
      channel.end();
      channel.close();
      assertThat(channel.exhausted()).isTrue();
      assertThat(pool.inUse()).isZero();
    }
  }

  @Test
  void aNewerBarrierTakesThePlaceOfAnOlderOne() {
    var channel = channel(4, Overflow.DROP_OLDEST);
    for (int id = 1; id <= 1_000; id++) {
      channel.send(batch(3, null));
      channel.send(Batch.ofBarrier(id));
    }
    var barriers = new ArrayList<Long>();
    for (var batch = channel.poll(); batch != null; batch = channel.poll()) {
      if (batch.barrier() != 0) {
        barriers.add(batch.barrier());
      }
    }
    assertThat(barriers).containsExactly(1_000L);
  }

  @ParameterizedTest
  @CsvSource({
    "BLOCK, 1",
    "BLOCK, 2",
    "BLOCK, 64",
    "DROP_OLDEST, 1",
    "DROP_OLDEST, 2",
    "DROP_OLDEST, 64",
    "DROP_NEWEST, 1",
    "DROP_NEWEST, 2",
    "DROP_NEWEST, 64"
  })
  void itKeepsExactlyWhatANaiveQueueOfSingleFramesKeeps(Overflow overflow, int capacity) {
    for (long seed = 1; seed <= 60; seed++) {
      for (int most : new int[] {1, 3, 64, 200}) {
        next = 1;
        new Walk(seed, overflow, capacity, most).run();
      }
    }
  }

  /// Frame by frame, without batches.
  private final class Walk {
    private final Random random;
    private final String about;
    private final Overflow overflow;
    private final int capacity;
    private final int most;
    private final DroppingChannel channel;
    private final ArrayDeque<Long> waiting = new ArrayDeque<>();
    private final ArrayDeque<Batch> hand = new ArrayDeque<>();
    private final HashMap<Integer, Long> told = new HashMap<>();
    private final HashMap<Integer, Long> sentPositions = new HashMap<>();
    private int inHand;
    private long dropped;
    private long fullSince = -1;
    private long barrier; // sent last
    private long barrierBefore; // the first frame behind it, while it has not come; else 0

    Walk(long seed, Overflow overflow, int capacity, int most) {
      this.random = new Random(seed);
      this.about = overflow + ", capacity " + capacity + ", batches of " + most + ", seed " + seed;
      this.overflow = overflow;
      this.capacity = capacity;
      this.most = most;
      this.channel = channel(capacity, overflow);
    }

    void run() {
      for (int step = 0; step < 300; step++) {
        if (random.nextInt(10) == 0) {
          barrierBefore = next;
          channel.send(Batch.ofBarrier(++barrier));
        }
        switch (random.nextInt(6)) {
          case 0, 1 -> send();
          case 2 -> take();
          case 3 -> letGo();
          case 4 -> clock.advance(Duration.ofMillis(random.nextInt(80)));
          default -> park();
        }
        check();
      }
      channel.end();
      while (!channel.exhausted()) {
        take();
      }
      while (!hand.isEmpty()) {
        letGo();
      }
      check();
      assertThat(waiting).as(about).isEmpty();
      assertThat(told).as(about).isEqualTo(sentPositions);
      assertThat(channel.discardedFrames()).as(about).isZero();
      assertThat(pool.inUse()).as(about).isZero();
      assertThat(clock.pendingTimers()).as(about).isZero();
    }

    private void send() {
      int size = Math.min(random.nextInt(most + 1), channel.free());
      int source = random.nextInt(3);
      Long position = random.nextBoolean() ? next + size - 1 : null;
      if (size == 0 && position == null) {
        return;
      }
      for (long frame = next; frame < next + size; frame++) {
        model(frame);
      }
      if (position != null) {
        sentPositions.put(source, position);
      }
      channel.send(lent(size, position, source));
    }

    private void model(long frame) {
      if (overflow == Overflow.DROP_OLDEST) {
        waiting.add(frame);
        if (waiting.size() > capacity) {
          waiting.remove();
          dropped++;
        }
      } else if (waiting.size() + inHand < capacity) {
        waiting.add(frame);
      } else {
        dropped++;
      }
    }

    private void take() {
      var batch = channel.poll();
      if (batch == null) {
        assertThat(waiting).as(about).isEmpty();
        assertThat(barrierBefore).as(about).isZero();
        return;
      }
      if (batch.barrier() != 0) {
        var first = waiting.peek();
        assertThat(batch.barrier()).as(about).isEqualTo(barrier);
        assertThat(first == null || first >= barrierBefore).as(about).isTrue();
        barrierBefore = 0;
        channel.release(1, 0);
        return;
      }
      for (int i = 0; i < batch.size(); i++) {
        var frame = batch.frames()[i].sequence();
        assertThat(frame).as(about).isEqualTo(waiting.poll());
        assertThat(barrierBefore == 0 || frame < barrierBefore).as(about).isTrue();
      }
      var position = batch.position();
      if (position != null) {
        var first = waiting.peek();
        assertThat(first == null || first > position.ordinal())
            .as("%s: %s overtakes frame %s", about, position, first)
            .isTrue();
        var before = told.put(batch.source(), position.ordinal());
        assertThat(before == null || before <= position.ordinal()).as(about).isTrue();
      }
      inHand += batch.size();
      hand.add(batch);
    }

    private void letGo() {
      var batch = hand.poll();
      if (batch != null) {
        batch.giveBack();
        inHand -= batch.size();
        channel.release(batch.credit(), batch.size());
        if (batch.size() > 0 && overflow == Overflow.BLOCK) {
          fullSince = -1;
        }
      }
    }

    private void park() {
      boolean parked = channel.parkProducer();
      if (overflow == Overflow.BLOCK) {
        if (parked && fullSince < 0) {
          fullSince = clock.nanoTime();
        }
        assertThat(parked).as(about).isEqualTo(expectedFree() == 0);
      }
    }

    private void check() {
      assertThat(channel.queuedFrames()).as(about).isEqualTo(waiting.size() + inHand);
      assertThat(channel.droppedFrames()).as(about).isEqualTo(dropped);
      assertThat(channel.totalFrames()).as(about).isEqualTo(next - 1);
      assertThat(channel.free()).as(about).isEqualTo(expectedFree());
    }

    private int expectedFree() {
      if (overflow != Overflow.BLOCK) {
        return Integer.MAX_VALUE;
      }
      int room = capacity - waiting.size() - inHand;
      if (room > 0) {
        return room;
      }
      boolean late = fullSince >= 0 && clock.nanoTime() - fullSince >= TIMEOUT.toNanos();
      return late ? Integer.MAX_VALUE : 0;
    }
  }

  /// Two threads: nothing is doubled or reordered, and what is missing was counted.
  @ParameterizedTest
  @CsvSource({"DROP_OLDEST, 1", "DROP_OLDEST, 64", "DROP_NEWEST, 2", "DROP_NEWEST, 64"})
  void twoThreadsLoseExactlyWhatIsCounted(Overflow overflow, int capacity) throws Exception {
    var work = new Semaphore(0);
    var spec = new EdgeSpec(capacity, overflow, Duration.ZERO);
    var metric = metrics.counter(EngineMetric.EDGE_DROPPED_FRAMES, "p", "a", "b", "x");
    var channel = new DroppingChannel(spec, clock, () -> {}, work::release, metric);
    int batches = 20_000;
    var producer =
        Thread.ofPlatform()
            .start(
                () -> {
                  for (int i = 0; i < batches; i++) {
                    channel.send(lent(1 + i % 7));
                  }
                  channel.end();
                });
    long last = 0;
    long seen = 0;
    while (!channel.exhausted()) {
      var batch = channel.poll();
      if (batch == null) {
        assertThat(work.tryAcquire(20, TimeUnit.SECONDS)).as("woken").isTrue();
        continue;
      }
      for (int i = 0; i < batch.size(); i++) {
        var frame = batch.frames()[i];
        assertThat(frame.sequence()).isGreaterThan(last);
        assertThat(((Samples) frame.body()).channel(0)[0]).isEqualTo((double) frame.sequence());
        last = frame.sequence();
        seen++;
      }
      batch.giveBack();
      channel.release(batch.credit(), batch.size());
    }
    producer.join();
    assertThat(seen + channel.droppedFrames()).isEqualTo(channel.totalFrames());
    assertThat(metric.get()).isEqualTo((double) channel.droppedFrames());
    assertThat(pool.inUse()).isZero();
  }

  private DroppingChannel channel(int capacity, Overflow overflow) {
    var metric =
        metrics.counter(EngineMetric.EDGE_DROPPED_FRAMES, "p", "a", "b", overflow.reason());
    return new DroppingChannel(
        new EdgeSpec(capacity, overflow, overflow == Overflow.BLOCK ? TIMEOUT : Duration.ZERO),
        clock,
        producerWakes::incrementAndGet,
        () -> {},
        metric);
  }

  private double drops(String reason) {
    return metrics.count(EngineMetric.EDGE_DROPPED_FRAMES, "p", "a", "b", reason);
  }

  private static List<Long> rest(DroppingChannel channel) {
    var sequences = new ArrayList<Long>();
    for (var batch = channel.poll(); batch != null; batch = channel.poll()) {
      for (var frame : batch.frames()) {
        sequences.add(frame.sequence());
      }
    }
    return sequences;
  }

  private Batch batch(int size, @org.jspecify.annotations.Nullable Long position) {
    var frames = new Frame[size];
    for (int i = 0; i < size; i++) {
      frames[i] = Frame.trigger(0, next++);
    }
    return new Batch(
        frames, size, position == null ? null : position(position), position == null ? 0 : 1, 0);
  }

  private Batch lent(int size) {
    return lent(size, null, 0);
  }

  private Batch lent(int size, @org.jspecify.annotations.Nullable Long position, int source) {
    var frames = new Frame[size];
    for (int i = 0; i < size; i++) {
      var buffer = pool.take(1);
      buffer.array()[0] = next;
      Body body = Samples.of("a", buffer);
      frames[i] = new Frame(0, next++, body, Metadata.NONE);
      Lent.retain(frames[i]);
    }
    return new Batch(
        frames,
        size,
        position == null ? null : position(position),
        position == null ? 0 : position,
        source,
        true);
  }

  private static SourcePosition position(long ordinal) {
    return SourcePosition.exact("s", ordinal);
  }
}
