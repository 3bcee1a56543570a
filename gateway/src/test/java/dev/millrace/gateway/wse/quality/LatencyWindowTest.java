package dev.millrace.gateway.wse.quality;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayDeque;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LatencyWindowTest {
  @Test
  void withoutSamplesAConnectionIsExcellent() {
    var window = new LatencyWindow();
    assertThat(window.quality()).isEqualTo(Quality.EXCELLENT);
    assertThat(window.mean()).isZero();
    assertThat(window.jitter()).isZero();
  }

  @Test
  void scoresAndNamesFollowTheMean() {
    double[] means = {0, 49.9, 50, 99.9, 100, 199.9, 200, 499.9, 500, 9_000};
    double[] scores = {1, 1, 0.8, 0.8, 0.6, 0.6, 0.4, 0.4, 0.2, 0.2};
    for (int i = 0; i < means.length; i++) {
      assertThat(Quality.score(means[i])).as("%s ms", means[i]).isEqualTo(scores[i]);
    }
    assertThat(Quality.of(99)).isEqualTo(Quality.EXCELLENT);
    assertThat(Quality.of(150)).isEqualTo(Quality.GOOD);
    assertThat(Quality.of(300).label()).isEqualTo("fair");
    assertThat(Quality.of(900).suggestions()).hasSize(1);
    assertThat(Quality.of(10).suggestions()).isEmpty();
  }

  @Test
  void itIsDueOncePerPeriod() {
    var window = new LatencyWindow();
    assertThat(window.isDue(1_000, 30)).isFalse();
    assertThat(window.isDue(1_029, 30)).isFalse();
    assertThat(window.isDue(1_030, 30)).isTrue();
    assertThat(window.isDue(1_031, 30)).isFalse();
  }

  @Test
  void meanAndJitterAreThoseOfTheLastHundred() {
    for (long seed = 1; seed <= 20; seed++) {
      var random = new Random(seed);
      var window = new LatencyWindow();
      var last = new ArrayDeque<Integer>();
      for (int step = 0; step < 350; step++) {
        int millis = random.nextInt(3_000);
        window.add(millis);
        last.add(millis);
        if (last.size() > LatencyWindow.CAPACITY) {
          last.poll();
        }
        double mean = last.stream().mapToInt(one -> one).average().orElse(0);
        double variance =
            last.stream().mapToDouble(one -> (one - mean) * (one - mean)).average().orElse(0);
        assertThat(window.mean()).as("seed %d, step %d", seed, step).isCloseTo(mean, within(1e-6));
        assertThat(window.jitter()).isCloseTo(Math.sqrt(variance), within(1e-6));
        assertThat(window.samples()).isEqualTo(last.size());
      }
    }
    var extreme = new LatencyWindow();
    extreme.add(Long.MAX_VALUE);
    assertThat(extreme.mean()).isEqualTo(Short.MAX_VALUE);
  }
}
