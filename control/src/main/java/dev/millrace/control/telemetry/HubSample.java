package dev.millrace.control.telemetry;

import dev.millrace.core.metric.Metrics;
import dev.millrace.hub.HubMetric;
import dev.millrace.hub.HubStats;
import dev.millrace.hub.Priority;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/// The hub at one moment: what it says, and what it has counted. `closed` are sessions it closed,
/// by reason; `leftOut` messages that jammed sessions went without, by priority.
record HubSample(
    HubStats stats,
    long publishedBytes,
    long deliveredBytes,
    Map<String, Long> closed,
    Map<String, Long> leftOut) {
  private static final List<String> CLOSE_REASONS = List.of("lag", "memory");
  private static final List<String> PRIORITIES =
      Arrays.stream(Priority.values())
          .filter(Priority::mayBeLeftOut)
          .map(Priority::lowerCase)
          .toList();

  static HubSample of(HubStats stats, Metrics metrics) {
    return new HubSample(
        stats,
        (long) metrics.count(HubMetric.PUBLISHED_BYTES),
        (long) metrics.count(HubMetric.DELIVERED_BYTES),
        counted(CLOSE_REASONS, reason -> metrics.count(HubMetric.CLOSED, reason)),
        counted(PRIORITIES, priority -> metrics.count(HubMetric.LEFT_OUT, priority)));
  }

  private static Map<String, Long> counted(List<String> labels, Function<String, Double> count) {
    var counts = new TreeMap<String, Long>();
    for (var label : labels) {
      long times = count.apply(label).longValue();
      if (times > 0) {
        counts.put(label, times);
      }
    }
    return counts;
  }
}
