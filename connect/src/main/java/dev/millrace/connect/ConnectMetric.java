package dev.millrace.connect;

import dev.millrace.core.metric.Metric;
import java.util.ArrayList;
import java.util.List;

/// What the sources and sinks of this module count.
public enum ConnectMetric implements Metric {
  SQLITE_ROWS("sqlite_rows_total", Kind.COUNTER, "Rows committed to a database."),
  SQLITE_SKIPPED(
      "sqlite_skipped_total",
      Kind.COUNTER,
      "Frames not stored because they already were, by how that was known.",
      "reason"),
  SQLITE_COMMITS("sqlite_commits_total", Kind.COUNTER, "Transactions committed."),
  SQLITE_RETRIES(
      "sqlite_retries_total", Kind.COUNTER, "Transactions tried again, such as on a full disk."),
  SQLITE_COMMIT_SECONDS(
      "sqlite_commit_seconds",
      Kind.SECONDS,
      "Time from the first row of a transaction to its end."),
  JETSTREAM_EVENTS("jetstream_events_total", Kind.COUNTER, "Events received from upstream."),
  JETSTREAM_BYTES("jetstream_bytes_total", Kind.COUNTER, "Bytes of events received."),
  JETSTREAM_BEFORE_CURSOR(
      "jetstream_before_cursor_total",
      Kind.COUNTER,
      "Events passed over because they lie before the cursor that was asked for."),
  JETSTREAM_GAPS(
      "jetstream_gaps_total",
      Kind.COUNTER,
      "Connections whose first event lay so far behind the cursor that events are missing."),
  JETSTREAM_CONNECTS(
      "jetstream_connects_total", Kind.COUNTER, "Connection attempts, by outcome.", "outcome"),
  JETSTREAM_CONNECTED(
      "jetstream_connected", Kind.GAUGE, "1 while an upstream connection is open, else 0."),
  JETSTREAM_QUEUED(
      "jetstream_queued_events", Kind.GAUGE, "Events received and not yet taken by the pipeline.");

  @SuppressWarnings("ImmutableEnumChecker") // a declaration is immutable
  private final Declaration declaration;

  ConnectMetric(String name, Kind kind, String help, String... ownLabels) {
    var labels = new ArrayList<>(List.of("pipeline", "node"));
    labels.addAll(List.of(ownLabels));
    declaration = new Declaration("millrace_connect_" + name, kind, help, labels);
  }

  @Override
  public Declaration declaration() {
    return declaration;
  }
}
