package dev.millrace.gateway.sse;

import dev.millrace.core.metric.Metric;

/// What server-sent events count.
public enum SseMetric implements Metric {
  CONNECTIONS("connections", Kind.GAUGE, "Connections that receive server-sent events."),
  REFUSED("refused_total", Kind.COUNTER, "Requests turned away, by reason.", "reason"),
  RESUMED(
      "resumed_topics_total",
      Kind.COUNTER,
      "Topics that clients came back to, by whether nothing was missed.",
      "outcome"),
  CLOSED("closed_connections_total", Kind.COUNTER, "Connections the server ended.", "reason");

  @SuppressWarnings("ImmutableEnumChecker") // a declaration is immutable
  private final Declaration declaration;

  SseMetric(String name, Kind kind, String help, String... labels) {
    declaration = Declaration.of("millrace_gateway_sse_" + name, kind, help, labels);
  }

  @Override
  public Declaration declaration() {
    return declaration;
  }
}
