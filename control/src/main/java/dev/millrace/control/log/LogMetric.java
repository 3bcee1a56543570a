package dev.millrace.control.log;

import dev.millrace.core.metric.Metric;

/// What logging counts.
public enum LogMetric implements Metric {
  WRITTEN("written_total", "Log records written."),
  DROPPED(
      "dropped_total",
      "Log records dropped because the log's sink could not keep up, by level.",
      "level"),
  WRITE_FAILURES(
      "write_failures_total", "Attempts to write to the log that failed; each is made again.");

  @SuppressWarnings("ImmutableEnumChecker") // a declaration is immutable
  private final Declaration declaration;

  LogMetric(String name, String help, String... labels) {
    declaration = Declaration.of("millrace_log_" + name, Kind.COUNTER, help, labels);
  }

  @Override
  public Declaration declaration() {
    return declaration;
  }
}
