package dev.millrace.gateway.wse;

import dev.millrace.hub.HubStats;
import tools.jackson.databind.node.ObjectNode;

/// The hub as clients and health checks of the dialect know a bus.
final class BusStats {
  private BusStats() {}

  static ObjectNode payload(HubStats stats, boolean running, long handlerErrors) {
    return SystemFrames.object()
        .put("running", running)
        .put("subscriptions", stats.subscriptions())
        .put("channels", stats.topics())
        .put("messages_published", stats.published())
        .put("messages_received", stats.deliveries())
        .put("handler_errors", handlerErrors)
        .putNull("redis_pool");
  }
}
