package dev.millrace.gateway.wse;

import dev.millrace.core.metric.Metric;

/// What the dialect counts.
public enum WseMetric implements Metric {
  CONNECTIONS("connections", Kind.GAUGE, "Connections that speak the dialect."),
  REFUSED(
      "refused_connections_total", Kind.COUNTER, "Connections turned away, by reason.", "reason"),
  CLOSED("closed_connections_total", Kind.COUNTER, "Connections the server closed.", "reason"),
  RECEIVED("received_messages_total", Kind.COUNTER, "Messages from clients, by kind.", "kind"),
  DROPPED("dropped_messages_total", Kind.COUNTER, "Messages not acted upon, by reason.", "reason");

  @SuppressWarnings("ImmutableEnumChecker") // a declaration is immutable
  private final Declaration declaration;

  WseMetric(String name, Kind kind, String help, String... labels) {
    declaration = Declaration.of("millrace_gateway_wse_" + name, kind, help, labels);
  }

  @Override
  public Declaration declaration() {
    return declaration;
  }
}
