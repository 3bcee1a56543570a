package dev.millrace.control.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.control.telemetry.Summary.Totals;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class SummaryTest {
  private static final Map<String, Long> NONE = Map.of();

  private static Totals totals(long nanos, Map<String, Long> events) {
    return new Totals(nanos, events, NONE, NONE, NONE, NONE, NONE);
  }

  @Test
  void aRandomWalkCountsWhatANaiveModelCounts() {
    for (long seed = 1; seed <= 30; seed++) {
      var random = new Random(seed);
      var counts = new TreeMap<String, Long>();
      var gained = new TreeMap<String, Long>();
      long nanos = 0;
      long begun = 0;
      int peak = 0;
      double area = 0;
      try (var recorder = new LogRecorder(Summary.class)) {
        var summary = new Summary(totals(0, NONE));
        for (int step = 0; step < 200; step++) {
          if (random.nextInt(10) > 0) {
            var name = "p" + random.nextInt(3);
            boolean anew = random.nextInt(20) == 0;
            long more = 1L + random.nextInt(50);
            if (!anew || !gained.containsKey(name)) {
              counts.merge(name, more, Long::sum);
              gained.merge(name, more, Long::sum);
            }
            int clients = random.nextInt(100);
            long time = 1_000_000_000L * (1L + random.nextInt(5));
            nanos += time;
            area += clients * (double) time;
            peak = Math.max(peak, clients);
            summary.saw(clients, nanos);
          } else if (nanos > begun) {
            summary.write(totals(nanos, Map.copyOf(counts)));
            assertThat(recorder.keyValues().getLast())
                .as("seed %s step %s", seed, step)
                .contains(" events=" + gained + " ")
                .contains(" clients_peak=" + peak + " ")
                .contains(" clients_average=" + Math.round(10 * area / (nanos - begun)) / 10.0);
            gained.clear();
            begun = nanos;
            peak = 0;
            area = 0;
          }
        }
      }
    }
  }

  @Test
  void aCounterThatBeganAnewCountsFromZero() {
    assertThat(Rates.gained(30, 100)).isEqualTo(30);
    assertThat(Rates.gained(130, 100)).isEqualTo(30);
    assertThat(Rates.perSecond(1, 0)).isNull();
    assertThat(Rates.perSecond(1, 3_000_000_000L)).isEqualTo(0.333);
  }

  @Test
  void reasonsForKillsAreBounded() {
    var kills = new Kills();
    for (int i = 0; i < 1_000; i++) {
      kills.add(new dev.millrace.core.signal.Killed("client", "id", "reason " + i, null));
    }
    assertThat(kills.byReason()).hasSize(257).containsEntry("Other", 744L);
    assertThat(kills.byReason("client")).hasSize(256);
  }
}
