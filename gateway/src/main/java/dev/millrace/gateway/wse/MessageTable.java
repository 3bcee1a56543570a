package dev.millrace.gateway.wse;

import static java.util.Map.entry;

import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// Which handler has which type. Types that are not in the table are the application's own, and go
/// to its programs.
final class MessageTable {
  private static final Map<String, MessageHandler> HANDLERS =
      Map.ofEntries(
          entry("ping", PingMessages::ping),
          entry("PING", PingMessages::ping),
          entry("pong", PingMessages::pong),
          entry("PONG", PingMessages::pong),
          entry("client_hello", HelloMessages::hello),
          entry("subscription", SubscriptionMessages::subscription),
          entry("subscription_update", SubscriptionMessages::subscription),
          entry("publish", PublishMessages::publish),
          entry("health_check", HealthMessages::check),
          entry("health_check_request", HealthMessages::check),
          entry("health_check_response", HealthMessages::answered),
          entry("metrics_request", MetricsMessages::request),
          entry("metrics_response", MetricsMessages::answered),
          entry("connection_state_request", StateMessages::state),
          entry("debug_request", StateMessages::debug),
          entry("debug_handlers", StateMessages::debug),
          entry("sequence_stats_request", StateMessages::sequence),
          entry("config_request", ConfigMessages::request),
          entry("config_update", ConfigMessages::update),
          entry("config_update_request", ConfigMessages::update),
          entry("priority_message", PriorityMessages::publish),
          entry("batch", BatchMessages::batch),
          entry("batch_message", BatchMessages::batch),
          entry("encryption_request", CipherMessages::encryption),
          entry("key_rotation_request", CipherMessages::rotation),
          entry("system_status_request", StatusMessages::status),
          entry("sync_request", SyncMessages::sync),
          entry("request_snapshot", SyncMessages::sync),
          entry("snapshot_request", SyncMessages::sync),
          entry("sync_response", SyncMessages::answered));

  private MessageTable() {}

  static MessageHandler handlerOf(String type) {
    return HANDLERS.getOrDefault(type, PublishMessages::tell);
  }

  /// Whether messages of this type bring others inside.
  static boolean isBatch(String type) {
    return type.equals("batch") || type.equals("batch_message");
  }

  static Set<String> types() {
    return new TreeSet<>(HANDLERS.keySet());
  }
}
