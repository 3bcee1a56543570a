package dev.millrace.core.signal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.time.FakeClock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class SignalBusTest {
  private final List<Signal> heard = new CopyOnWriteArrayList<>();

  record Counted(int value) implements Signal {}

  record Other() implements Signal {}

  private final FakeClock clock = new FakeClock();
  private final Metrics metrics = new Metrics();

  private SignalBus bus(int capacity) {
    return new SignalBus(capacity, clock, metrics);
  }

  private static <S extends Signal> SignalBus.Subscription<S> hear(
      SignalBus bus, Class<S> type, Consumer<S> action) {
    return bus.subscribe("test", type, action, Duration.ofHours(1), () -> {});
  }

  @Test
  void eachSubscriberHearsItsTypeInOrder() {
    try (var bus = bus(1_000)) {
      hear(bus, Counted.class, heard::add);
      var all = new CopyOnWriteArrayList<Signal>();
      hear(bus, Signal.class, all::add);
      for (int i = 0; i < 100; i++) {
        bus.announce(new Counted(i));
        bus.announce(new Other());
      }
      await(() -> heard.size() == 100 && all.size() == 200);
      assertThat(heard)
          .isSortedAccordingTo(
              java.util.Comparator.comparingInt(signal -> ((Counted) signal).value()));
      assertThat(bus.droppedBySubscriber()).isEqualTo(Map.of("test", 0L));
      assertThat(bus.published()).isEqualTo(200);
    }
  }

  @Test
  void aStuckSubscriberLosesItsOwnSignalsAndTheyAreCounted() throws Exception {
    var entered = new CountDownLatch(1);
    var release = new CountDownLatch(1);
    try (var bus = bus(4)) {
      var stuck =
          hear(
              bus,
              Counted.class,
              signal -> {
                entered.countDown();
                awaitQuietly(release);
              });
      bus.announce(new Counted(0));
      assertThat(entered.await(10, TimeUnit.SECONDS)).isTrue();
      hear(bus, Other.class, heard::add);
      for (int i = 1; i <= 10; i++) {
        bus.announce(new Counted(i)); // one in hand, four wait, six are dropped
      }
      bus.announce(new Other());
      await(() -> heard.size() == 1);
      assertThat(stuck.dropped()).isEqualTo(6);
      release.countDown();
      stuck.close();
      assertThat(metrics.count(SignalMetric.DROPPED, "test"))
          .as("what a closed subscriber missed still counts")
          .isEqualTo(6);
    }
  }

  @Test
  void aSubscriberThatFailsGoesOnWithTheNext() {
    try (var bus = bus(10)) {
      hear(
          bus,
          Counted.class,
          signal -> {
            if (signal.value() == 1) {
              throw new IllegalStateException("a failing subscriber, on purpose");
            }
            heard.add(signal);
          });
      bus.announce(new Counted(1));
      bus.announce(new Counted(2));
      await(() -> heard.contains(new Counted(2)));
    }
  }

  @Test
  void aClosedSubscriptionHearsNothingMore() {
    try (var bus = bus(10)) {
      var gone = hear(bus, Counted.class, heard::add);
      gone.close();
      gone.close();
      var there = new CopyOnWriteArrayList<Signal>();
      hear(bus, Counted.class, there::add);
      bus.announce(new Counted(1));
      await(() -> there.size() == 1);
      assertThat(heard).isEmpty();
    }
  }

  @Test
  void aSubscriberAlsoLooksOnATimerEvenWhenItsQueueIsFull() throws Exception {
    var looks = new CountDownLatch(2);
    var entered = new CountDownLatch(1);
    var release = new CountDownLatch(1);
    try (var bus = bus(1)) {
      bus.subscribe(
          "test",
          Counted.class,
          signal -> {
            entered.countDown();
            awaitQuietly(release);
          },
          Duration.ofSeconds(1),
          looks::countDown);
      clock.advance(Duration.ofSeconds(1));
      await(() -> looks.getCount() == 1);
      bus.announce(new Counted(0));
      assertThat(entered.await(10, TimeUnit.SECONDS)).isTrue();
      bus.announce(new Counted(1)); // fills the queue
      clock.advance(Duration.ofSeconds(1));
      release.countDown();
      assertThat(looks.await(10, TimeUnit.SECONDS)).isTrue();
    }
    assertThat(clock.pendingTimers()).isZero();
  }

  @Test
  void whatIsAnnouncedAfterClosingIsDiscarded() {
    var bus = bus(10);
    bus.close();
    bus.announce(new Counted(1));
    assertThat(bus.published()).isZero();
  }

  @Test
  void aBusNeedsRoom() {
    assertThatThrownBy(() -> bus(0)).hasMessage("capacity 0 < 1");
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      if (!latch.await(10, TimeUnit.SECONDS)) {
        throw new AssertionError("never released");
      }
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    }
  }

  private static void await(BooleanSupplier condition) {
    long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("did not happen within 10 s");
      }
      Thread.onSpinWait();
    }
  }
}
