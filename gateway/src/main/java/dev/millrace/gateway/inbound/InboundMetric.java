package dev.millrace.gateway.inbound;

import dev.millrace.core.metric.Metric;

/// What the door for programs counts.
public enum InboundMetric implements Metric {
  CONNECTIONS("connections", Kind.GAUGE, "Programs connected."),
  WAITING("waiting_messages", Kind.GAUGE, "Messages of clients that wait for a program."),
  TAKEN("taken_messages_total", Kind.COUNTER, "Messages of clients handed to programs."),
  DROPPED(
      "dropped_messages_total",
      Kind.COUNTER,
      "Messages of clients not kept: too many messages or bytes wait, or there is no program.",
      "reason"),
  REPLIES("replies_total", Kind.COUNTER, "Messages that programs sent to one connection."),
  INVALID("invalid_frames_total", Kind.COUNTER, "Frames of programs that cannot be read.");

  @SuppressWarnings("ImmutableEnumChecker") // a declaration is immutable
  private final Declaration declaration;

  InboundMetric(String name, Kind kind, String help, String... labels) {
    declaration = Declaration.of("millrace_gateway_inbound_" + name, kind, help, labels);
  }

  @Override
  public Declaration declaration() {
    return declaration;
  }
}
