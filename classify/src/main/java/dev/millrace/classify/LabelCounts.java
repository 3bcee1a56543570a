package dev.millrace.classify;

import dev.millrace.core.metric.Metrics;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import java.util.List;

/// Counts labels in plain memory and hands the sums to the metrics once per batch. Confined to the
/// thread of its node.
final class LabelCounts {
  /// Values the metric's label takes at most.
  static final int MAX_VALUES = 1_000;

  static final String OTHER = "(other)";

  private final CounterDataPoint[] counters;
  private final long[] pending; // counted since the last flush, by counter
  private final int[] touched; // counters with something pending
  private int touchedCount;

  LabelCounts(List<String> labels, Metrics metrics) {
    int values = Math.min(labels.size(), MAX_VALUES);
    counters = new CounterDataPoint[values];
    for (int value = 0; value < values; value++) {
      boolean shared = value == MAX_VALUES - 1 && labels.size() > MAX_VALUES;
      counters[value] = metrics.counter(ClassifyMetric.LABELS, shared ? OTHER : labels.get(value));
    }
    pending = new long[values];
    touched = new int[values];
  }

  void count(int label) {
    int value = Math.min(label, counters.length - 1);
    if (pending[value]++ == 0) {
      touched[touchedCount++] = value;
    }
  }

  void flush() {
    for (int i = 0; i < touchedCount; i++) {
      int value = touched[i];
      counters[value].inc(pending[value]);
      pending[value] = 0;
    }
    touchedCount = 0;
  }
}
