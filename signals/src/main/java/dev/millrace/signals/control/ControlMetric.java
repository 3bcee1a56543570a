package dev.millrace.signals.control;

import dev.millrace.core.metric.Metric;

/// What nodes of this package count.
public enum ControlMetric implements Metric {
  LATE_TICKS(
      "millrace_signals_late_ticks_total",
      "Ticks of a trigger source that were late and fell together with the next one."),
  MERGE_INCOMPLETE(
      "millrace_signals_merge_incomplete_total",
      "Frames that a merge handed on without the frames of some of its inputs."),
  COLLECT_DROPPED(
      "millrace_signals_collect_dropped_total",
      "Frames that a collector let go of, the oldest first, to make room for new ones.");

  @SuppressWarnings("ImmutableEnumChecker") // a declaration is immutable
  private final Declaration declaration;

  ControlMetric(String name, String help) {
    declaration = Declaration.of(name, Kind.COUNTER, help, "pipeline", "node");
  }

  @Override
  public Declaration declaration() {
    return declaration;
  }
}
