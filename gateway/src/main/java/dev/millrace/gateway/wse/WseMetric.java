package dev.millrace.gateway.wse;

import dev.millrace.core.metric.Metric;
import java.util.List;

/// What the dialect counts.
public enum WseMetric implements Metric {
  CONNECTIONS("connections", Kind.GAUGE, "Connections that speak the dialect."),
  REFUSED(
      "refused_connections_total", Kind.COUNTER, "Connections turned away, by reason.", "reason"),
  CLOSED("closed_connections_total", Kind.COUNTER, "Connections the server closed.", "reason"),
  RECEIVED("received_messages_total", Kind.COUNTER, "Messages from clients, by kind.", "kind"),
  DROPPED("dropped_messages_total", Kind.COUNTER, "Messages not acted upon, by reason.", "reason");

  private final String name;
  private final Kind kind;
  private final String help;

  @SuppressWarnings("ImmutableEnumChecker") // List.of is immutable
  private final List<String> labels;

  WseMetric(String name, Kind kind, String help, String... labels) {
    this.name = "millrace_gateway_wse_" + name;
    this.kind = kind;
    this.help = help;
    this.labels = List.of(labels);
  }

  @Override
  public String metricName() {
    return name;
  }

  @Override
  public Kind kind() {
    return kind;
  }

  @Override
  public String help() {
    return help;
  }

  @Override
  public List<String> labels() {
    return labels;
  }
}
