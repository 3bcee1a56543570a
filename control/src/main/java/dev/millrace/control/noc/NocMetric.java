package dev.millrace.control.noc;

import dev.millrace.core.metric.Metric;

/// What the operators' socket counts.
public enum NocMetric implements Metric {
  CONNECTIONS("connections", Kind.GAUGE, "Operators' sockets open now."),
  REFUSED("refused_connections_total", Kind.COUNTER, "Sockets turned away, by reason.", "reason"),
  KILLED("killed_connections_total", Kind.COUNTER, "Sockets the server cut, by reason.", "reason"),
  EVENTS("events_total", Kind.COUNTER, "Events encoded, each once for all sockets."),
  LEFT_OUT(
      "left_out_events_total",
      Kind.COUNTER,
      "Events that a loop was too busy to take; its sockets see a gap in the numbers."),
  COMMANDS("commands_total", Kind.COUNTER, "Commands given, by what became of them.", "outcome"),
  INVALID("invalid_messages_total", Kind.COUNTER, "Messages that could not be understood.");

  @SuppressWarnings("ImmutableEnumChecker") // a declaration is immutable
  private final Declaration declaration;

  NocMetric(String name, Kind kind, String help, String... labels) {
    declaration = Declaration.of("millrace_noc_" + name, kind, help, labels);
  }

  @Override
  public Declaration declaration() {
    return declaration;
  }
}
