package dev.millrace.gateway.wse;

import static java.util.Map.entry;

import dev.millrace.core.metric.Metric;
import dev.millrace.core.metric.Metrics;
import dev.millrace.hub.HubMetric;
import dev.millrace.net.NetMetric;
import java.util.Map;

/// The names dashboards of WebSocket buses know these metrics by. They have the labels that the
/// metrics have here, so none of a user or a connection. Off until somebody calls [#show].
public final class WseAliases {
  private static final Map<Metric, String> NAMES =
      Map.ofEntries(
          entry(WseMetric.CONNECTIONS, "ws_connections_active"),
          entry(WseMetric.OPENED, "ws_connections_total"),
          entry(WseMetric.ENDED, "ws_disconnections_total"),
          entry(WseMetric.RECEIVED, "ws_messages_received_total"),
          entry(WseMetric.HANDLER_ERRORS, "pubsub_handler_errors_total"),
          entry(HubMetric.DELIVERIES, "ws_messages_sent_total"),
          entry(HubMetric.WAITING, "ws_queue_size"),
          entry(HubMetric.LEFT_OUT, "ws_queue_dropped_total"),
          entry(HubMetric.SEND_SECONDS, "ws_message_send_latency_seconds"),
          entry(HubMetric.BEHIND, "ws_queue_backpressure"),
          entry(HubMetric.PUBLISHED_BY_PRIORITY, "pubsub_published_total"),
          entry(HubMetric.WAIT_SECONDS, "pubsub_publish_latency_seconds"),
          entry(NetMetric.BYTES_OUT, "ws_bytes_sent_total"),
          entry(NetMetric.BYTES_IN, "ws_bytes_received_total"));

  private WseAliases() {}

  /// By metric.
  public static Map<Metric, String> names() {
    return NAMES;
  }

  /// Has `metrics` show each of them under its other name too.
  public static void show(Metrics metrics) {
    NAMES.forEach(metrics::alias);
  }

  /// Takes [#show] back.
  public static void hide(Metrics metrics) {
    NAMES.keySet().forEach(metrics::removeAlias);
  }
}
