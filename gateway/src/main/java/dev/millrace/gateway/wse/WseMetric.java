package dev.millrace.gateway.wse;

import dev.millrace.core.metric.Metric;

/// What the dialect counts.
public enum WseMetric implements Metric {
  CONNECTIONS("connections", Kind.GAUGE, "Connections that speak the dialect."),
  REFUSED(
      "refused_connections_total", Kind.COUNTER, "Connections turned away, by reason.", "reason"),
  OPENED("opened_connections_total", Kind.COUNTER, "Connections that were greeted."),
  ENDED(
      "ended_connections_total",
      Kind.COUNTER,
      "Connections that are gone: closed by the server, with a goodbye, or unclean.",
      "reason"),
  CLOSED("closed_connections_total", Kind.COUNTER, "Connections the server closed.", "reason"),
  RECEIVED("received_messages_total", Kind.COUNTER, "Messages from clients, by kind.", "kind"),
  HANDLER_ERRORS("handler_errors_total", Kind.COUNTER, "Messages whose handler failed."),
  KEPT("kept_subscriptions", Kind.GAUGE, "Sessions whose subscriptions are kept for a reconnect."),
  RESTORED("restored_connections_total", Kind.COUNTER, "Connections that got subscriptions back."),
  FORGOTTEN(
      "forgotten_subscriptions_total",
      Kind.COUNTER,
      "Sessions whose kept subscriptions nobody came for, or for which there was no memory."),
  SESSION_TOKENS(
      "session_tokens_total",
      Kind.COUNTER,
      "Session tokens shown: restored, nothing kept any more, or refused.",
      "outcome"),
  CHANNEL_TOKENS(
      "channel_tokens_total",
      Kind.COUNTER,
      "Topics that channel tokens opened, were refused for, or ended with.",
      "outcome"),
  SNAPSHOTS("snapshots_total", Kind.COUNTER, "Snapshots sent."),
  SNAPSHOT_FAILURES("snapshot_failures_total", Kind.COUNTER, "Snapshots that could not be had."),
  UNSENT(
      "unsent_frames_total",
      Kind.COUNTER,
      "Frames that became longer than clients take once they were signed or sealed."),
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
