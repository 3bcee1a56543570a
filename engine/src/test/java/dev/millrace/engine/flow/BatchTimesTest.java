package dev.millrace.engine.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BatchTimesTest {

  @Test
  void quantilesAreWithinAnEighthOfTheTrueOnes() {
    for (long seed = 1; seed <= 200; seed++) {
      var random = new Random(seed);
      var times = new BatchTimes();
      var all = new ArrayList<Long>();
      int count = 1 + random.nextInt(1_000);
      int octaves = 1 + random.nextInt(60);
      for (int i = 0; i < count; i++) {
        long nanos = random.nextLong() >>> (63 - random.nextInt(octaves));
        times.record(nanos);
        all.add(nanos);
      }
      Collections.sort(all);
      var quantiles = times.quantiles();
      near("seed " + seed + " p50", quantiles.p50Micros(), all, 0.50);
      near("seed " + seed + " p95", quantiles.p95Micros(), all, 0.95);
      near("seed " + seed + " p99", quantiles.p99Micros(), all, 0.99);
    }
  }

  @Test
  void nothingTimedIsZeroAndTheLongestTimeFits() {
    var times = new BatchTimes();
    assertThat(times.quantiles()).isEqualTo(new BatchTimes.Quantiles(0, 0, 0));
    times.record(Long.MAX_VALUE);
    times.record(-5); // a clock that went backwards
    assertThat(times.quantiles().p99Micros()).isGreaterThan(8e15);
  }

  @Test
  void oldTimesAreForgotten() {
    var times = new BatchTimes();
    for (int i = 0; i < 100_000; i++) {
      times.record(1_000_000);
    }
    assertThat(times.quantiles().p50Micros()).isCloseTo(1_000, within(125.0));
    for (int i = 0; i < 16 * 1_024; i++) {
      times.record(1_000);
    }
    assertThat(times.quantiles().p99Micros()).isCloseTo(1, within(0.125));
  }

  private static void near(String about, double micros, List<Long> sorted, double quantile) {
    long exact = sorted.get((int) Math.ceil(quantile * sorted.size()) - 1);
    assertThat(micros * 1e3).as(about).isCloseTo((double) exact, within(exact / 8.0 + 1e-6));
  }
}
