package dev.millrace.connect.redis;

import dev.millrace.core.metric.Metric;

/// What the broker counts.
public enum BrokerMetric implements Metric {
  PUBLISHED("published_messages_total", Kind.COUNTER, "Messages that Redis took."),
  RECEIVED("received_messages_total", Kind.COUNTER, "Messages that came from Redis."),
  DELIVERED("delivered_messages_total", Kind.COUNTER, "Messages handed to the hub."),
  DUPLICATES(
      "duplicate_messages_total",
      Kind.COUNTER,
      "Messages passed over because this instance had delivered them."),
  LOST(
      "lost_messages_total",
      Kind.COUNTER,
      "Messages that subscribers here, or a replay, will never see, by reason.",
      "reason"),
  SERVED_LOCALLY(
      "local_messages_total",
      Kind.COUNTER,
      "Messages delivered here without having come back from Redis, by reason.",
      "reason"),
  DEAD_LETTERS(
      "dead_letters_total", Kind.COUNTER, "Messages put aside for a replay, by reason.", "reason"),
  REPLAYED("replayed_messages_total", Kind.COUNTER, "Dead letters published again."),
  PUBLISH_FAILURES("publish_failures_total", Kind.COUNTER, "Attempts to publish that failed."),
  CONNECTS("connects_total", Kind.COUNTER, "Attempts to connect, by outcome.", "outcome"),
  OUTAGES("outages_total", Kind.COUNTER, "Times that Redis went away or refused to publish."),
  PRESENCE_DROPPED(
      "presence_dropped_total", Kind.COUNTER, "Notices of presence that could not be sent."),
  NOT_KEPT(
      "not_kept_total",
      Kind.COUNTER,
      "Times that subscriptions of a connection could not be kept for its user's next one, by"
          + " reason.",
      "reason"),
  KEPT_CONNECTIONS(
      "kept_connections",
      Kind.GAUGE,
      "Connections here whose subscriptions are kept for all instances."),
  CONNECTED("connected", Kind.GAUGE, "1 while Redis is connected, else 0."),
  OUTAGE("outage", Kind.GAUGE, "1 while publications do not reach other instances, else 0."),
  QUEUED("queued_messages", Kind.GAUGE, "Messages that wait to be sent."),
  IN_FLIGHT("in_flight_messages", Kind.GAUGE, "Messages sent that have not come back."),
  INBOUND("inbound_messages", Kind.GAUGE, "Messages received and not yet delivered."),
  DEAD_LETTERS_WAITING(
      "dead_letters_waiting", Kind.GAUGE, "Dead letters in memory that Redis has not taken yet."),
  FOLLOWED("followed_topics", Kind.GAUGE, "Topics that Redis tells this instance of."),
  INSTANCES("instances", Kind.GAUGE, "Other instances that gave a sign of life.");

  @SuppressWarnings("ImmutableEnumChecker") // a declaration is immutable
  private final Declaration declaration;

  BrokerMetric(String name, Kind kind, String help, String... labels) {
    declaration = Declaration.of("millrace_connect_redis_" + name, kind, help, labels);
  }

  @Override
  public Declaration declaration() {
    return declaration;
  }
}
