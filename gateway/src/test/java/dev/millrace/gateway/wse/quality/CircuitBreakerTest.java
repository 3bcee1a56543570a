package dev.millrace.gateway.wse.quality;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.gateway.wse.quality.CircuitBreaker.State;
import java.util.ArrayDeque;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CircuitBreakerTest {
  private static final long RESET = CircuitBreaker.RESET.toNanos();

  private static CircuitBreaker opened() {
    var breaker = new CircuitBreaker(0);
    for (int i = 0; i < CircuitBreaker.MOST_IN_A_ROW; i++) {
      assertThat(breaker.allows(0)).isTrue();
      assertThat(breaker.failed(0, 7)).isEqualTo(i == CircuitBreaker.MOST_IN_A_ROW - 1);
    }
    return breaker;
  }

  @Test
  void tenFailuresInARowOpenIt() {
    var breaker = opened();
    assertThat(breaker.state()).isEqualTo(State.OPEN);
    assertThat(breaker.allows(RESET - 1)).isFalse();
    assertThat(breaker.failures()).isEqualTo(10);
    assertThat(breaker.lastFailureMillis()).isEqualTo(7);
  }

  @Test
  void afterAWhileThreeProbesCloseIt() {
    var breaker = opened();
    assertThat(breaker.allows(RESET)).isTrue();
    assertThat(breaker.state()).isEqualTo(State.HALF_OPEN);
    assertThat(breaker.succeeded()).isFalse();
    assertThat(breaker.succeeded()).isFalse();
    assertThat(breaker.succeeded()).isTrue();
    assertThat(breaker.state()).isEqualTo(State.CLOSED);
  }

  @Test
  void oneProbeThatFailsOpensItAgain() {
    var breaker = opened();
    assertThat(breaker.allows(RESET)).isTrue();
    assertThat(breaker.failed(RESET, 0)).isTrue();
    assertThat(breaker.allows(RESET + 1)).isFalse();
    assertThat(breaker.allows(2 * RESET)).isTrue();
  }

  @Test
  void noMoreThanFiveProbesAreLetThroughAtOnce() {
    var breaker = opened();
    for (int i = 0; i < CircuitBreaker.PROBES; i++) {
      assertThat(breaker.allows(RESET)).isTrue();
    }
    assertThat(breaker.allows(RESET)).isFalse();
  }

  @Test
  void threeOfTenInAFullWindowOpenItAndNoneBeforeItIsFull() {
    var breaker = new CircuitBreaker(0);
    for (int i = 0; i < CircuitBreaker.WINDOW - 1; i++) {
      if (i % 3 == 0) {
        assertThat(breaker.failed(0, 0)).isFalse();
      } else {
        breaker.succeeded();
      }
    }
    assertThat(breaker.state()).isEqualTo(State.CLOSED);
    assertThat(breaker.failed(0, 0)).isTrue();
  }

  @Test
  void whatWentWellBeforeTheFirstFailureCounts() {
    var breaker = new CircuitBreaker(1_000);
    for (int i = 1; i < CircuitBreaker.MOST_OF_WINDOW; i++) {
      assertThat(breaker.failed(0, 0)).isFalse();
      breaker.succeeded();
    }
    assertThat(breaker.failed(0, 0)).isTrue();
  }

  @Test
  void whatIsAboutAccessIsKnownByItsWords() {
    assertThat(CircuitBreaker.isAboutAccess("Status 403")).isTrue();
    assertThat(CircuitBreaker.isAboutAccess("Unauthorized")).isTrue();
    assertThat(CircuitBreaker.isAboutAccess("disk full")).isFalse();
    assertThat(CircuitBreaker.isAboutAccess(null)).isFalse();
  }

  @Test
  void itOpensExactlyWhenANaiveOneWould() {
    for (long seed = 1; seed <= 50; seed++) {
      var random = new Random(seed);
      var breaker = new CircuitBreaker(0);
      var last = new ArrayDeque<Boolean>();
      int inARow = 0;
      double share = random.nextDouble() * 0.6;
      for (int step = 0; step < 2_000 && breaker.state() == State.CLOSED; step++) {
        boolean fails = random.nextDouble() < share;
        last.add(fails);
        if (last.size() > CircuitBreaker.WINDOW) {
          last.poll();
        }
        inARow = fails ? inARow + 1 : 0;
        long bad = last.stream().filter(one -> one).count();
        boolean opens =
            fails && (inARow >= 10 || (last.size() == CircuitBreaker.WINDOW && bad * 10 >= 150));
        boolean did = fails ? breaker.failed(0, 0) : breaker.succeeded();
        assertThat(did).as("seed %d, step %d", seed, step).isEqualTo(opens);
      }
    }
  }
}
