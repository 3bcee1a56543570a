package dev.millrace.app.config;

import static java.util.Map.entry;

import dev.millrace.connect.redis.BrokerMetric;
import dev.millrace.core.metric.Metric;
import dev.millrace.core.metric.Metrics;
import java.util.Map;

/// The names dashboards of WebSocket buses know the figures of a cluster by; without a cluster
/// there are none. Off until somebody calls [#show].
public final class BrokerAliases {
  private static final Map<Metric, String> NAMES =
      Map.ofEntries(
          entry(BrokerMetric.RECEIVED, "pubsub_received_total"),
          entry(BrokerMetric.OUTAGES, "pubsub_listener_errors_total"),
          entry(BrokerMetric.DEAD_LETTERS, "dlq_messages_total"),
          entry(BrokerMetric.DEAD_LETTERS_WAITING, "dlq_size"),
          entry(BrokerMetric.REPLAYED, "dlq_replayed_total"));

  private BrokerAliases() {}

  /// By metric.
  public static Map<Metric, String> names() {
    return NAMES;
  }

  static void show(Metrics metrics) {
    NAMES.forEach(metrics::alias);
  }

  static void hide(Metrics metrics) {
    NAMES.keySet().forEach(metrics::removeAlias);
  }
}
