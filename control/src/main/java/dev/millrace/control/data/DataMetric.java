package dev.millrace.control.data;

import dev.millrace.core.metric.Metric;

/// What backups count.
public enum DataMetric implements Metric {
  BACKUPS("backups_total", Kind.COUNTER, "Backups ended, by how: written or why not.", "outcome"),
  BACKUP_SECONDS("backup_seconds", Kind.SECONDS, "Time that a backup took until it was written."),
  BACKUP_RUNNING("backup_running", Kind.GAUGE, "1 while a backup is being written, else 0."),
  BACKUP_BYTES("backup_bytes_total", Kind.COUNTER, "Bytes of archives written.");

  @SuppressWarnings("ImmutableEnumChecker") // a declaration is immutable
  private final Declaration declaration;

  DataMetric(String name, Kind kind, String help, String... labels) {
    declaration = Declaration.of("millrace_control_" + name, kind, help, labels);
  }

  @Override
  public Declaration declaration() {
    return declaration;
  }
}
