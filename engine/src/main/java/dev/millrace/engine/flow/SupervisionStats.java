package dev.millrace.engine.flow;

import dev.millrace.core.metric.Metrics;
import dev.millrace.engine.EngineMetric;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/// Exact counts of what was done about one node's failures in one run. The chain's thread counts;
/// anybody reads, at once.
public final class SupervisionStats {
  private final Map<Event, Count> counts = new EnumMap<>(Event.class);

  /// What was done, once.
  public enum Event {
    /// A frame was to be tried again.
    RETRY(EngineMetric.NODE_RETRIES),
    /// A fresh instance was opened.
    RESTART(EngineMetric.NODE_RESTARTS),
    /// A frame was dropped, or went on unchanged.
    SKIP(EngineMetric.NODE_SKIPPED),
    /// Another frame went on in place of one.
    DEFAULT(EngineMetric.NODE_DEFAULTED),
    /// A frame was kept from the node by its open circuit.
    REJECTION(EngineMetric.NODE_CIRCUIT_REJECTED),
    /// A frame went to the dead-letter node.
    DEAD_LETTER(EngineMetric.NODE_DEAD_LETTERS);

    private final EngineMetric metric;

    Event(EngineMetric metric) {
      this.metric = metric;
    }
  }

  private record Count(CounterDataPoint metric, AtomicLong number) {}

  SupervisionStats(Metrics metrics, String pipeline, String node) {
    for (var event : Event.values()) {
      var metric = metrics.counter(event.metric, pipeline, node);
      counts.put(event, new Count(metric, new AtomicLong()));
    }
  }

  void count(Event event) {
    var count = java.util.Objects.requireNonNull(counts.get(event));
    count.number.incrementAndGet();
    count.metric.inc();
  }

  public long of(Event event) {
    return java.util.Objects.requireNonNull(counts.get(event)).number.get();
  }
}
