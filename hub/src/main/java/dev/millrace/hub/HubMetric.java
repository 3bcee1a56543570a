package dev.millrace.hub;

import dev.millrace.core.metric.Metric;

/// What the hub counts.
public enum HubMetric implements Metric {
  PUBLISHED("published_messages_total", Kind.COUNTER, "Messages appended to topics."),
  PUBLISHED_BYTES("published_bytes_total", Kind.COUNTER, "Payload bytes appended to topics."),
  PUBLISHED_BY_PRIORITY(
      "published_by_priority_total",
      Kind.COUNTER,
      "Messages appended to topics, by priority.",
      "priority"),
  REFUSED("refused_messages_total", Kind.COUNTER, "Messages not taken, by reason.", "reason"),
  DUPLICATES("duplicate_messages_total", Kind.COUNTER, "Messages whose id was known already."),
  DELIVERIES("deliveries_total", Kind.COUNTER, "Messages handed to sessions' transports."),
  DELIVERED_BYTES("delivered_bytes_total", Kind.COUNTER, "Bytes handed to sessions' transports."),
  SEND_SECONDS(
      "send_seconds",
      Kind.SECONDS,
      "From when the first message of a loop's turn came until the turn had handed everything to"
          + " sessions' transports, for turns that delivered something."),
  WAIT_SECONDS(
      "wait_seconds",
      Kind.SECONDS,
      "From when the first message of a loop's turn came until the turn began, for turns that"
          + " appended something."),
  BEHIND(
      "sessions_behind", Kind.GAUGE, "Sessions that have not been sent everything they asked for."),
  LEFT_OUT(
      "left_out_messages_total",
      Kind.COUNTER,
      "Messages that jammed sessions went without, by priority.",
      "priority"),
  OUTBOX_REFUSED(
      "outbox_refused_total",
      Kind.COUNTER,
      "Answers and notices that found a session's outbox full."),
  FORGOTTEN(
      "forgotten_messages_total",
      Kind.COUNTER,
      "Kept messages that were given up early because memory ran short."),
  RECOVERIES(
      "recoveries_total",
      Kind.COUNTER,
      "Subscriptions that began at a position, by whether it was still there.",
      "outcome"),
  PRESENCE_EVENTS(
      "presence_events_total", Kind.COUNTER, "Users who came, went or changed, by event.", "event"),
  PRESENCE_REFUSED(
      "presence_refused_total",
      Kind.COUNTER,
      "Users who are not listed because a topic or the hub knows too many."),
  PRESENCE_UNSENT(
      "presence_unsent_total",
      Kind.COUNTER,
      "Events of presence that found the topic's inbox full."),
  FAILED_FILTERS(
      "failed_filters_total",
      Kind.COUNTER,
      "Frames that a filter or a key reader could not read; a filter keeps none of them."),
  UNMATCHED(
      "unmatched_topics_total",
      Kind.COUNTER,
      "Topics that a session's pattern matched and that it does not get, for there were"
          + " max_matches already."),
  LATE(
      "late_frames_total",
      Kind.COUNTER,
      "Long messages whose frame was to be made beside the event loop, by outcome: made, or plain"
          + " because there was no room or somebody could not wait.",
      "outcome"),
  CLOSED("closed_sessions_total", Kind.COUNTER, "Sessions the hub closed, by reason.", "reason"),
  SESSIONS("sessions", Kind.GAUGE, "Sessions now."),
  TOPICS("topics", Kind.GAUGE, "Topics now."),
  MEMORY("memory_bytes", Kind.GAUGE, "Memory held by chunks."),
  KEPT("kept_bytes", Kind.GAUGE, "Bytes kept for clients that come back, as they are on the wire."),
  PRESENT("present_users", Kind.GAUGE, "Users on topics with presence, counted per topic."),
  WAITING("waiting_messages", Kind.GAUGE, "Messages in the inboxes of the loops.");

  @SuppressWarnings("ImmutableEnumChecker") // a declaration is immutable
  private final Declaration declaration;

  HubMetric(String name, Kind kind, String help, String... labels) {
    declaration = Declaration.of("millrace_hub_" + name, kind, help, labels);
  }

  @Override
  public Declaration declaration() {
    return declaration;
  }
}
