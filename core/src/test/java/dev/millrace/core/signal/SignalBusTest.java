package dev.millrace.core.signal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

class SignalBusTest {
  private final List<Signal> heard = new CopyOnWriteArrayList<>();

  record Counted(int value) implements Signal {}

  record Other() implements Signal {}

  @Test
  void eachSubscriberHearsItsTypeInOrder() {
    try (var bus = new SignalBus(1_000)) {
      bus.subscribe(Counted.class, heard::add);
      var all = new CopyOnWriteArrayList<Signal>();
      bus.subscribe(Signal.class, all::add);
      for (int i = 0; i < 100; i++) {
        bus.announce(new Counted(i));
        bus.announce(new Other());
      }
      await(() -> heard.size() == 100 && all.size() == 200);
      assertThat(heard)
          .isSortedAccordingTo(
              java.util.Comparator.comparingInt(signal -> ((Counted) signal).value()));
      assertThat(bus.dropped()).isZero();
    }
  }

  @Test
  void aStuckSubscriberLosesItsOwnSignalsAndTheyAreCounted() throws Exception {
    var entered = new CountDownLatch(1);
    var release = new CountDownLatch(1);
    try (var bus = new SignalBus(4)) {
      var stuck =
          bus.subscribe(
              Counted.class,
              signal -> {
                entered.countDown();
                awaitQuietly(release);
              });
      bus.announce(new Counted(0));
      assertThat(entered.await(10, TimeUnit.SECONDS)).isTrue();
      bus.subscribe(Other.class, heard::add);
      for (int i = 1; i <= 10; i++) {
        bus.announce(new Counted(i)); // one in hand, four wait, six are dropped
      }
      bus.announce(new Other());
      await(() -> heard.size() == 1);
      assertThat(stuck.dropped()).isEqualTo(6);
      assertThat(bus.dropped()).isEqualTo(6);
      release.countDown();
      stuck.close();
      assertThat(bus.dropped()).as("what a closed subscriber missed still counts").isEqualTo(6);
    }
  }

  @Test
  void aSubscriberThatFailsGoesOnWithTheNext() {
    try (var bus = new SignalBus(10)) {
      bus.subscribe(
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
    try (var bus = new SignalBus(10)) {
      var gone = bus.subscribe(Counted.class, heard::add);
      gone.close();
      gone.close();
      var there = new CopyOnWriteArrayList<Signal>();
      bus.subscribe(Counted.class, there::add);
      bus.announce(new Counted(1));
      await(() -> there.size() == 1);
      assertThat(heard).isEmpty();
    }
  }

  @Test
  void aBusNeedsRoom() {
    assertThatThrownBy(() -> new SignalBus(0)).hasMessage("capacity 0 < 1");
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
