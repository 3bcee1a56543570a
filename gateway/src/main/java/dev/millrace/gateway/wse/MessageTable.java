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
          own("client_hello", HelloMessages::hello),
          own("subscription", SubscriptionMessages::subscription),
          own("subscription_update", SubscriptionMessages::subscription),
          entry("publish", PublishMessages::publish),
          own("health_check", HealthMessages::check),
          own("health_check_request", HealthMessages::check),
          own("health_check_response", HealthMessages::answered),
          own("metrics_request", MetricsMessages::request),
          own("metrics_response", MetricsMessages::answered),
          own("connection_state_request", StateMessages::state),
          own("debug_request", StateMessages::debug),
          own("debug_handlers", StateMessages::debug),
          own("sequence_stats_request", StateMessages::sequence),
          own("config_request", ConfigMessages::request),
          own("config_update", ConfigMessages::update),
          own("config_update_request", ConfigMessages::update),
          own("priority_message", PriorityMessages::publish),
          own("batch", BatchMessages::batch),
          own("batch_message", BatchMessages::batch),
          own("encryption_request", CipherMessages::encryption),
          own("key_rotation_request", CipherMessages::rotation),
          own("system_status_request", StatusMessages::status),
          own("sync_request", SyncMessages::sync),
          own("request_snapshot", SyncMessages::sync),
          own("snapshot_request", SyncMessages::sync),
          own("sync_response", SyncMessages::answered));

  private MessageTable() {}

  /// What takes the message with it, to answer later.
  private static Map.Entry<String, MessageHandler> own(String type, MessageHandler handler) {
    return entry(type, (session, request) -> handler.handle(session, request.own()));
  }

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
