package dev.millrace.gateway.publish;

import dev.millrace.core.metric.Metric;

/// What the publishing endpoint counts.
public enum PublishMetric implements Metric {
  CONNECTIONS("connections", Kind.GAUGE, "Connections that publish."),
  INVALID("invalid_frames_total", Kind.COUNTER, "Frames that are not one JSON value."),
  REFUSED("refused_frames_total", Kind.COUNTER, "Frames that the hub could not take.");

  @SuppressWarnings("ImmutableEnumChecker") // a declaration is immutable
  private final Declaration declaration;

  PublishMetric(String name, Kind kind, String help, String... labels) {
    declaration = Declaration.of("millrace_gateway_publish_" + name, kind, help, labels);
  }

  @Override
  public Declaration declaration() {
    return declaration;
  }
}
