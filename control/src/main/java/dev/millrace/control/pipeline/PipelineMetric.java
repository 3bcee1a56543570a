package dev.millrace.control.pipeline;

import dev.millrace.core.metric.Metric;

/// What is counted about the set of pipelines.
public enum PipelineMetric implements Metric {
  TRANSITIONS(
      "transitions_total", Kind.COUNTER, "Runs begun, changed or ended, by reason.", "reason"),
  START_FAILURES("start_failures_total", Kind.COUNTER, "Runs that could not start."),
  LEFT_FRAMES(
      "left_frames_total", Kind.COUNTER, "Frames discarded because a drain ran out of time."),
  TRIGGERS(
      "triggers_total",
      Kind.COUNTER,
      "Frames that were to be put in from outside: accepted, full (no room), refused.",
      "outcome"),
  LEAVING("leaving", Kind.GAUGE, "Pipelines that were removed and are still draining."),
  PAUSED("paused", Kind.GAUGE, "Pipelines that an operator holds.");

  @SuppressWarnings("ImmutableEnumChecker") // a declaration is immutable
  private final Declaration declaration;

  PipelineMetric(String name, Kind kind, String help, String... labels) {
    declaration = Declaration.of("millrace_control_pipeline_" + name, kind, help, labels);
  }

  @Override
  public Declaration declaration() {
    return declaration;
  }
}
