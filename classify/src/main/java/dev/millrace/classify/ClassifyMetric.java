package dev.millrace.classify;

import dev.millrace.core.metric.Metric;
import java.util.List;

/// What classification counts.
public enum ClassifyMetric implements Metric {
  LABELS(
      "millrace_classify_labels_total",
      "Texts given each label; of a model with more than 1,000 labels the last ones count together"
          + " as (other).");

  private final String metricName;
  private final String help;

  ClassifyMetric(String metricName, String help) {
    this.metricName = metricName;
    this.help = help;
  }

  @Override
  public String metricName() {
    return metricName;
  }

  @Override
  public Kind kind() {
    return Kind.COUNTER;
  }

  @Override
  public String help() {
    return help;
  }

  @Override
  public List<String> labels() {
    return List.of("label");
  }
}
