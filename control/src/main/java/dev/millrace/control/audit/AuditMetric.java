package dev.millrace.control.audit;

import dev.millrace.core.metric.Metric;

/// What the audit trail counts.
public enum AuditMetric implements Metric {
  ENTRIES("entries_total", Kind.COUNTER, "Entries recorded, on disk or not."),
  LATE(
      "late_total",
      Kind.COUNTER,
      "Entries that were not on disk when whoever recorded them went on; most are written later."),
  LOST(
      "lost_total",
      Kind.COUNTER,
      "Entries that never reached the disk; the newest of them are in memory."),
  FAILURES("write_failures_total", Kind.COUNTER, "Attempts to write the trail that failed."),
  SKIPPED("skipped_lines_total", Kind.COUNTER, "Lines of the trail that could not be read back.");

  @SuppressWarnings("ImmutableEnumChecker") // a declaration is immutable
  private final Declaration declaration;

  AuditMetric(String name, Kind kind, String help) {
    declaration = Declaration.of("millrace_control_audit_" + name, kind, help);
  }

  @Override
  public Declaration declaration() {
    return declaration;
  }
}
