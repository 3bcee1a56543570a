package dev.millrace.control.config;

import dev.millrace.core.metric.Metric;

/// What is counted about configuration.
public enum ConfigMetric implements Metric {
  RELOADS(
      "reloads_total",
      Kind.COUNTER,
      "Looks at the configuration, by what triggered them and what became of them: applied, "
          + "unchanged, rejected, or dry_run.",
      "trigger",
      "outcome"),
  GENERATION("generation", Kind.GAUGE, "The configuration in force; grows by 1 with each change."),
  LAST_SUCCESS(
      "last_success_timestamp_seconds",
      Kind.GAUGE,
      "When the configuration was last found sound, in seconds since the Unix epoch."),
  REJECTED("rejected", Kind.GAUGE, "1 while the configuration last read is not the one in force."),
  RESTART_KEYS("restart_keys", Kind.GAUGE, "Keys whose new value waits for the next start."),
  PART_FAILURES(
      "part_failures_total",
      Kind.COUNTER,
      "Parts that failed on a change all others made.",
      "part"),
  WATCH_FAILURES("watch_failures_total", Kind.COUNTER, "Looks at the files that failed.");

  @SuppressWarnings("ImmutableEnumChecker") // a declaration is immutable
  private final Declaration declaration;

  ConfigMetric(String name, Kind kind, String help, String... labels) {
    declaration = Declaration.of("millrace_config_" + name, kind, help, labels);
  }

  @Override
  public Declaration declaration() {
    return declaration;
  }
}
