package dev.millrace.engine.flow;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class ElasticityTest {
  private static final long LOOK = Elasticity.LOOK_NANOS;

  private final Elasticity elasticity = new Elasticity(8);

  @Test
  void aQueueThatStaysMoreThanHalfFullBringsOneMoreForEachLook() {
    assertThat(elasticity.wanted(0, 2, 0.6, true)).isEqualTo(2);
    assertThat(elasticity.dueIn(LOOK / 2)).isEqualTo(LOOK / 2);
    assertThat(elasticity.wanted(LOOK - 1, 2, 0.9, true)).isEqualTo(2);
    assertThat(elasticity.wanted(LOOK, 2, 0.6, true)).isEqualTo(3);
    assertThat(elasticity.wanted(LOOK + 1, 3, 0.6, true)).isEqualTo(3);
    assertThat(elasticity.wanted(2 * LOOK, 3, 0.6, true)).isEqualTo(4);
  }

  @Test
  void aQueueThatEmptiesInBetweenIsLookedAtAnew() {
    assertThat(elasticity.wanted(0, 2, 0.6, true)).isEqualTo(2);
    assertThat(elasticity.wanted(LOOK / 2, 2, 0.5, true)).isEqualTo(2);
    assertThat(elasticity.wanted(LOOK, 2, 0.6, true)).isEqualTo(2);
    assertThat(elasticity.wanted(2 * LOOK, 2, 0.6, true)).isEqualTo(3);
  }

  @Test
  void aFullQueueBringsAllAtOnce() {
    assertThat(elasticity.wanted(0, 1, 1, true)).isEqualTo(8);
  }

  @Test
  void whereSomebodyIsFreeNobodyComes() {
    assertThat(elasticity.wanted(0, 1, 1, false)).isEqualTo(1);
    assertThat(elasticity.dueIn(0)).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void afterOneThatCouldNotBeOpenedNobodyComesForASecond() {
    elasticity.failed(0);
    assertThat(elasticity.wanted(Elasticity.PAUSE_NANOS - 1, 1, 1, true)).isEqualTo(1);
    assertThat(elasticity.dueIn(Elasticity.PAUSE_NANOS - 1)).isEqualTo(1);
    assertThat(elasticity.wanted(Elasticity.PAUSE_NANOS, 1, 1, true)).isEqualTo(8);
  }

  @Test
  void whateverHappensThereAreNeverMoreThanMayBeAndNeverFewerThanThereAre() {
    long seed = System.nanoTime();
    var random = new Random(seed);
    long now = random.nextLong(); // the clock's scale has no beginning, and wraps
    int there = 1;
    for (int step = 0; step < 10_000; step++) {
      now += random.nextLong(2 * LOOK);
      int wanted = elasticity.wanted(now, there, random.nextDouble(1.1), random.nextBoolean());
      assertThat(wanted).as("seed %s step %s", seed, step).isBetween(there, 8);
      assertThat(elasticity.dueIn(now)).as("seed %s step %s", seed, step).isNotNegative();
      there = random.nextInt(10) == 0 ? 1 : wanted;
      if (random.nextInt(20) == 0) {
        elasticity.failed(now);
      }
    }
  }
}
