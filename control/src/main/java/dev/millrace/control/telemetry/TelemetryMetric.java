package dev.millrace.control.telemetry;

import dev.millrace.core.metric.Metric;

/// What telemetry counts about itself.
public enum TelemetryMetric implements Metric {
  RUNS("runs_total", Kind.COUNTER, "Runs that have come to their end, by job.", "job"),
  SKIPPED(
      "skipped_runs_total",
      Kind.COUNTER,
      "Runs left out because the one before had not ended, by job.",
      "job"),
  FAILED("failed_runs_total", Kind.COUNTER, "Runs that failed, by job.", "job"),
  CLOCK_STEPS(
      "clock_steps_total", Kind.COUNTER, "Intervals in which the wall clock jumped by 500 ms.");

  @SuppressWarnings("ImmutableEnumChecker") // a declaration is immutable
  private final Declaration declaration;

  TelemetryMetric(String name, Kind kind, String help, String... labels) {
    declaration = Declaration.of("millrace_telemetry_" + name, kind, help, labels);
  }

  @Override
  public Declaration declaration() {
    return declaration;
  }
}
