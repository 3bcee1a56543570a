package dev.millrace.engine.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.Metadata;
import dev.millrace.core.frame.SamplePool;
import dev.millrace.core.frame.Samples;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ChannelTest {

  @Test
  void itBehavesLikeANaiveQueueWithCredit() {
    for (long seed = 1; seed <= 200; seed++) {
      walk(seed);
    }
  }

  private static void walk(long seed) {
    var random = new Random(seed);
    int capacity = 1 + random.nextInt(200);
    var producerWakes = new AtomicInteger();
    var channel = new Channel(capacity, producerWakes::incrementAndGet, () -> {});
    var model = new ArrayDeque<Batch>();
    Batch hand = null;
    int used = 0; // credit, frames in hand included
    int frames = 0;
    boolean waits = false;
    for (int step = 0; step < 500; step++) {
      var about = "seed " + seed + " step " + step;
      int free = channel.free();
      assertThat(free).as(about).isLessThanOrEqualTo(capacity - used);
      assertThat(free == capacity - used || free >= Batch.MAX_FRAMES).as(about).isTrue();
      assertThat(channel.queuedFrames()).as(about).isEqualTo(frames);
      switch (random.nextInt(3)) {
        case 0 -> {
          int size = random.nextInt(Math.min(capacity, Batch.MAX_FRAMES) + 1);
          if (Math.max(1, size) <= capacity - used) {
            var batch = batch(step, size);
            channel.send(batch);
            model.add(batch);
            used += batch.credit();
            frames += size;
          } else if (used == capacity) {
            assertThat(channel.parkProducer()).as(about).isTrue();
            waits = true;
          }
        }
        case 1 -> {
          if (hand == null) {
            hand = channel.poll();
            assertThat(hand).as(about).isSameAs(model.poll());
          }
        }
        default -> {
          if (hand != null) {
            int before = producerWakes.get();
            channel.release(hand.credit(), hand.size());
            assertThat(producerWakes.get() - before).as(about).isEqualTo(waits ? 1 : 0);
            waits = false;
            used -= hand.credit();
            frames -= hand.size();
            hand = null;
          }
        }
      }
    }
  }

  @Test
  void twoThreadsThatParkNeverMissEachOther() throws Exception {
    for (int capacity : new int[] {1, 2, 63, 200}) {
      exchange(capacity, 100_000);
    }
  }

  private static void exchange(int capacity, int frames) throws Exception {
    var producerPermits = new Semaphore(0);
    var consumerPermits = new Semaphore(0);
    var channel = new Channel(capacity, producerPermits::release, consumerPermits::release);
    var producer =
        Thread.ofPlatform()
            .start(
                () -> {
                  for (int sent = 0; sent < frames; ) {
                    int count = Math.min(Math.min(Batch.MAX_FRAMES, channel.free()), frames - sent);
                    if (count > 0) {
                      channel.send(batch(sent, count));
                      sent += count;
                    } else if (channel.parkProducer()) {
                      park(producerPermits);
                    }
                  }
                  channel.end();
                });
    int received = 0;
    while (!channel.exhausted()) {
      var batch = channel.poll();
      if (batch == null) {
        if (!channel.exhausted()) {
          park(consumerPermits);
        }
        continue;
      }
      assertThat(batch.frames()[0].sequence()).isEqualTo(received);
      received += batch.size();
      channel.release(batch.credit(), batch.size());
    }
    producer.join();
    assertThat(received).isEqualTo(frames);
    assertThat(channel.totalFrames()).isEqualTo(frames);
    assertThat(channel.discardedFrames()).isZero();
  }

  @Test
  void anAbandonedChannelReleasesItsProducerAndCountsWhatItLoses() {
    var wakes = new AtomicInteger();
    var channel = new Channel(2, wakes::incrementAndGet, () -> {});
    channel.send(batch(0, 2));
    assertThat(channel.parkProducer()).isTrue();

    channel.abandon();

    assertThat(wakes).hasValue(1);
    assertThat(channel.free()).isEqualTo(Integer.MAX_VALUE);
    channel.send(batch(2, 5));
    assertThat(channel.discardedFrames()).isEqualTo(7);
    assertThat(channel.queuedFrames()).isZero();
  }

  @Test
  void theArraysOfWhatNobodyWillTakeComeBack() {
    var pool = new SamplePool(8, true);
    var channel = new Channel(8, () -> {}, () -> {});
    channel.send(lent(pool));
    var hand = channel.poll();
    channel.send(lent(pool));
    channel.abandon();
    channel.send(lent(pool));
    assertThat(pool.inUse()).isEqualTo(2);

    channel.close();

    assertThat(pool.inUse()).isEqualTo(1);
    channel.send(lent(pool));
    assertThat(hand).isNotNull();
    hand.giveBack();
    assertThat(pool.inUse()).isZero();
  }

  @Test
  void sendingBeyondTheCreditIsAProgrammingError() {
    var channel = new Channel(1, () -> {}, () -> {});
    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 100; i++) {
                channel.send(batch(i, 1));
              }
            })
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("beyond the credit");
  }

  private static void park(Semaphore permits) {
    try {
      if (!permits.tryAcquire(20, TimeUnit.SECONDS)) {
        throw new AssertionError("nobody woke this side");
      }
      permits.drainPermits();
    } catch (InterruptedException interrupted) {
      throw new AssertionError(interrupted);
    }
  }

  private static Batch lent(SamplePool pool) {
    var samples = Samples.of("x", pool.take(1));
    samples.retain();
    var frame = new Frame(0, 1, samples, Metadata.NONE);
    return new Batch(new Frame[] {frame}, 1, null, 0, -1, true);
  }

  private static Batch batch(long first, int size) {
    var frames = new Frame[size];
    Arrays.setAll(frames, i -> Frame.trigger(0, first + i));
    return new Batch(frames, size, null, 0, -1);
  }
}
