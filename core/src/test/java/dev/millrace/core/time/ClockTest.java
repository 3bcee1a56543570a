package dev.millrace.core.time;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ClockTest {
  private final FakeClock clock = new FakeClock();
  private final List<String> ran = new ArrayList<>();

  @Test
  void timeMovesOnlyWhenToldTo() {
    long nanos = clock.nanoTime();
    long micros = clock.epochMicros();
    clock.advance(Duration.ofMillis(5));
    assertThat(clock.nanoTime() - nanos).isEqualTo(5_000_000);
    assertThat(clock.epochMicros() - micros).isEqualTo(5_000);
    assertThat(clock.epochMillis()).isEqualTo(clock.epochMicros() / 1_000);
  }

  @Test
  void timersRunInOrderOfTimeThenOfMaking() {
    clock.after(Duration.ofSeconds(3), () -> ran.add("c"));
    clock.after(Duration.ofSeconds(1), () -> ran.add("a1"));
    clock.after(Duration.ofSeconds(1), () -> ran.add("a2"));
    clock.after(Duration.ofSeconds(2), () -> ran.add("b at " + clock.nanoTime()));
    clock.advance(Duration.ofMillis(2_500));
    assertThat(ran).containsExactly("a1", "a2", "b at 2000000000");
    assertThat(clock.pendingTimers()).isEqualTo(1);
    assertThat(clock.timersIn(Duration.ofMillis(500))).isEqualTo(1);
    assertThat(clock.timersIn(Duration.ofMillis(400))).isZero();
    clock.advance(Duration.ofMillis(500));
    assertThat(ran).endsWith("c");
  }

  @Test
  void aPeriodicTimerRunsUntilCancelledAlsoByItself() {
    var timer = new Clock.Timer[1];
    timer[0] =
        clock.every(
            Duration.ofSeconds(1),
            () -> {
              ran.add("tick");
              if (ran.size() == 3) {
                timer[0].cancel();
              }
            });
    clock.advance(Duration.ofSeconds(10));
    assertThat(ran).hasSize(3);
    assertThat(clock.pendingTimers()).isZero();
    timer[0].cancel();
  }

  @Test
  void aCancelledTimerNeverRuns() {
    var timer = clock.after(Duration.ofSeconds(1), () -> ran.add("no"));
    timer.cancel();
    timer.cancel();
    clock.advance(Duration.ofSeconds(2));
    assertThat(ran).isEmpty();
  }

  @Test
  void whatATimerStartsRunsInTheSameAdvance() {
    clock.after(
        Duration.ofSeconds(1), () -> clock.after(Duration.ofSeconds(1), () -> ran.add("second")));
    clock.after(Duration.ofSeconds(-5), () -> ran.add("overdue"));
    clock.advance(Duration.ofSeconds(2));
    assertThat(ran).containsExactly("overdue", "second");
  }

  @Test
  void theWallClockMayJumpWithoutTimersNoticing() {
    long micros = clock.epochMicros();
    clock.after(Duration.ofSeconds(1), () -> ran.add("no"));
    clock.jumpWallClock(Duration.ofHours(-1));
    assertThat(clock.epochMicros() - micros).isEqualTo(-3_600_000_000L);
    assertThat(ran).isEmpty();
  }

  @Test
  void anyTimersRunAsASortedListWould() {
    for (long seed = 0; seed < 50; seed++) {
      var random = new Random(seed);
      var fake = new FakeClock();
      var due = new ArrayList<Long>();
      var seen = new ArrayList<Long>();
      for (int i = 0; i < 50; i++) {
        long at = random.nextInt(1_000);
        boolean cancelled = random.nextInt(4) == 0;
        var timer = fake.after(Duration.ofNanos(at), () -> seen.add(fake.nanoTime()));
        if (cancelled) {
          timer.cancel();
        } else {
          due.add(at);
        }
      }
      due.sort(null);
      while (fake.nanoTime() < 1_000) {
        fake.advance(Duration.ofNanos(1 + random.nextInt(200)));
      }
      assertThat(seen).as("seed %d", seed).isEqualTo(due);
    }
  }

  @Test
  void theSystemsTimersSurviveAFailureAndEndWithTheClock() throws Exception {
    var twice = new CountDownLatch(2);
    var once = new CountDownLatch(1);
    var system = new SystemClock();
    try (system) {
      assertThat(system.nanoTime()).isLessThanOrEqualTo(system.nanoTime());
      assertThat(system.epochMicros()).isGreaterThan(1_700_000_000_000_000L);
      var ticking =
          system.every(
              Duration.ofMillis(1),
              () -> {
                twice.countDown();
                throw new IllegalStateException("a failing action, on purpose");
              });
      system.after(Duration.ofMillis(1), once::countDown);
      assertThat(twice.await(10, TimeUnit.SECONDS)).isTrue();
      assertThat(once.await(10, TimeUnit.SECONDS)).isTrue();
      ticking.cancel();
    }
    system.after(Duration.ZERO, () -> ran.add("after close")).cancel();
    assertThat(ran).isEmpty();
  }
}
