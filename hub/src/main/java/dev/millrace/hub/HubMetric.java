package dev.millrace.hub;

import dev.millrace.core.metric.Metric;
import java.util.List;

/// What the hub counts.
public enum HubMetric implements Metric {
  PUBLISHED("published_messages_total", Kind.COUNTER, "Messages appended to topics."),
  PUBLISHED_BYTES("published_bytes_total", Kind.COUNTER, "Payload bytes appended to topics."),
  REFUSED("refused_messages_total", Kind.COUNTER, "Messages not taken, by reason.", "reason"),
  DUPLICATES("duplicate_messages_total", Kind.COUNTER, "Messages whose id was known already."),
  DELIVERIES("deliveries_total", Kind.COUNTER, "Messages handed to sessions' transports."),
  DELIVERED_BYTES("delivered_bytes_total", Kind.COUNTER, "Bytes handed to sessions' transports."),
  LEFT_OUT(
      "left_out_messages_total",
      Kind.COUNTER,
      "Messages that jammed sessions went without, by priority.",
      "priority"),
  OUTBOX_REFUSED(
      "outbox_refused_total",
      Kind.COUNTER,
      "Answers and notices that found a session's outbox full."),
  CLOSED("closed_sessions_total", Kind.COUNTER, "Sessions the hub closed, by reason.", "reason"),
  SESSIONS("sessions", Kind.GAUGE, "Sessions now."),
  TOPICS("topics", Kind.GAUGE, "Topics now."),
  MEMORY("memory_bytes", Kind.GAUGE, "Memory held by chunks."),
  WAITING("waiting_messages", Kind.GAUGE, "Messages in the inboxes of the loops.");

  private final String name;
  private final Kind kind;
  private final String help;

  @SuppressWarnings("ImmutableEnumChecker") // List.of is immutable
  private final List<String> labels;

  HubMetric(String name, Kind kind, String help, String... labels) {
    this.name = "millrace_hub_" + name;
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
