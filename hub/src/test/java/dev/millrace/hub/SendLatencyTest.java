package dev.millrace.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.metric.Metrics;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SendLatencyTest {
  @Test
  void sharesLieBetweenTheBoundsByProportion() {
    var latency = new SendLatency(List.of(100L, 200L), List.of(10L, 80L, 10L));
    assertThat(latency.micros(0.05)).isEqualTo(50.0);
    assertThat(latency.micros(0.1)).isEqualTo(100.0);
    assertThat(latency.micros(0.5)).isEqualTo(150.0);
    assertThat(latency.micros(0.99)).isEqualTo(200.0);
    assertThat(new SendLatency(List.of(100L), List.of(0L, 0L)).micros(0.5)).isNull();
    assertThatThrownBy(() -> new SendLatency(List.of(1L), List.of(1L)))
        .hasMessageContaining("1 counts for 1");
  }

  @Test
  void deliveriesAreCountedWithTheTimeOfTheirTurn() {
    var times = new SendTimes(new Metrics());
    var before = times.snapshot();
    times.add(TimeUnit.MICROSECONDS.toNanos(40), 7);
    times.add(TimeUnit.SECONDS.toNanos(60), 2);
    var since = times.snapshot().since(before);
    assertThat(since.counts().getFirst()).isEqualTo(7);
    assertThat(since.counts().getLast()).isEqualTo(2);
    assertThat(since.micros(1)).isEqualTo(5_000_000.0);
  }

  @Test
  void whatATurnLeavesOverCountsFromWhenItCame() {
    var stopwatch = new SendTimes.Stopwatch();
    stopwatch.scheduled(100);
    stopwatch.turnBegins();
    assertThat(stopwatch.turnEnds(150, true)).isEqualTo(50);
    stopwatch.scheduled(151);
    stopwatch.turnBegins();
    assertThat(stopwatch.turnEnds(400, false)).isEqualTo(300);
    stopwatch.scheduled(500);
    stopwatch.turnBegins();
    assertThat(stopwatch.turnEnds(510, false)).isEqualTo(10);
  }
}
