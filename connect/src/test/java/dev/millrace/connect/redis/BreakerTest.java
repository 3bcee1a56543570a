package dev.millrace.connect.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.time.FakeClock;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class BreakerTest {
  private final FakeClock clock = new FakeClock();
  private final Breaker breaker = new Breaker(Duration.ofSeconds(60));

  @Test
  void tenFailuresInARowOpenItForAMinute() {
    for (int i = 0; i < 9; i++) {
      breaker.failed(clock.nanoTime());
    }
    assertThat(breaker.isClosed()).isTrue();
    breaker.failed(clock.nanoTime());
    assertThat(breaker.isClosed()).isFalse();
    clock.advance(Duration.ofMillis(59_999));
    assertThat(breaker.permits(clock.nanoTime())).isFalse();
    assertThat(breaker.pauseNanos(clock.nanoTime())).isEqualTo(1_000_000);
    clock.advance(Duration.ofMillis(1));
    assertThat(breaker.permits(clock.nanoTime())).isTrue();
  }

  @Test
  void aSuccessBetweenFailuresBeginsTheCountAnew() {
    for (int i = 0; i < 9; i++) {
      breaker.failed(clock.nanoTime());
    }
    breaker.succeeded();
    breaker.failed(clock.nanoTime());
    assertThat(breaker.isClosed()).isTrue();
  }

  @Test
  void threeProbesAreLetThroughAtATimeAndThreeSuccessesCloseIt() {
    open();
    for (int i = 0; i < 3; i++) {
      assertThat(breaker.permits(clock.nanoTime())).isTrue();
    }
    assertThat(breaker.permits(clock.nanoTime())).isFalse();
    breaker.succeeded();
    breaker.succeeded();
    assertThat(breaker.isClosed()).isFalse();
    breaker.succeeded();
    assertThat(breaker.isClosed()).isTrue();
  }

  @Test
  void aProbeThatFailsOpensItForAnotherMinute() {
    open();
    assertThat(breaker.permits(clock.nanoTime())).isTrue();
    breaker.failed(clock.nanoTime());
    assertThat(breaker.permits(clock.nanoTime())).isFalse();
    clock.advance(Duration.ofSeconds(60));
    assertThat(breaker.permits(clock.nanoTime())).isTrue();
  }

  @Test
  void waitsGrowByHalfToAMinuteAndDifferByAFifthAtMost() {
    long seed = 42;
    var pace = new ReconnectPace(new SplittableRandom(seed));
    double whole = 1e9;
    for (int i = 0; i < 20; i++) {
      long wait = pace.nextNanos();
      assertThat((double) wait).as("wait %s, seed %s", i, seed).isBetween(whole * 0.8, whole * 1.2);
      whole = Math.min(60e9, whole * 1.5);
    }
    pace.reset();
    assertThat(pace.nextNanos()).isBetween(800_000_000L, 1_200_000_000L);
  }

  private void open() {
    for (int i = 0; i < Breaker.FAILURES; i++) {
      breaker.failed(clock.nanoTime());
    }
    clock.advance(Duration.ofSeconds(60));
  }
}
