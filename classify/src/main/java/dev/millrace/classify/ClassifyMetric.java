package dev.millrace.classify;

import dev.millrace.core.metric.Metric;

/// What classification counts.
public enum ClassifyMetric implements Metric {
  LABELS(
      "millrace_classify_labels_total",
      "Texts given each label; of a model with more than 1,000 labels the last ones count together"
          + " as (other).");

  @SuppressWarnings("ImmutableEnumChecker") // a declaration is immutable
  private final Declaration declaration;

  ClassifyMetric(String name, String help) {
    declaration = Declaration.of(name, Kind.COUNTER, help, "label");
  }

  @Override
  public Declaration declaration() {
    return declaration;
  }
}
