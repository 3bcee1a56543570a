package dev.millrace.gateway.wse;

import dev.millrace.hub.HubSpec;
import tools.jackson.databind.node.ObjectNode;

/// Payloads of `server_ready` and `server_hello`. They announce what this server does, nothing
/// more.
final class Handshake {
  static final int MAX_MESSAGE = 1 << 20;
  private static final int PROTOCOL_VERSION = 1;

  private final HubSpec spec;
  private final SystemFrames frames;
  private final String serverVersion;

  Handshake(HubSpec spec, SystemFrames frames, String serverVersion) {
    this.spec = spec;
    this.frames = frames;
    this.serverVersion = serverVersion;
  }

  ObjectNode ready(ClientInfo client) {
    var details =
        SystemFrames.object()
            .put("version", client.protocolVersion())
            .put("client_version", client.clientVersion())
            .put("connection_id", client.connectionId())
            .put("user_id", client.userId())
            .put("server_time", frames.nowText());
    details.set("features", features());
    details
        .putObject("endpoints")
        .put("primary", client.endpoint())
        .put("health_check_interval", 30_000)
        .put("heartbeat_interval", spec.heartbeatInterval().toMillis());
    var payload =
        SystemFrames.object()
            .put("message", "Connection established")
            .put("connection_id", client.connectionId());
    payload.set("details", details);
    return payload;
  }

  /// Different clients look for the same facts in different places; they stand in all of them.
  ObjectNode hello(String connectionId) {
    var payload =
        SystemFrames.object()
            .put("server_version", serverVersion)
            .put("protocol_version", PROTOCOL_VERSION)
            .put("server_time", frames.nowText())
            .put("connection_id", connectionId)
            .put("message", "Hello from Millrace");
    payload.set("supported_features", features());
    payload.set("features", features());
    int capacity = spec.rateLimit().capacity();
    int refill = spec.rateLimit().refillRate();
    payload
        .putObject("limits")
        .put("max_message_size", MAX_MESSAGE)
        .put("max_queue_size", spec.jamMessages())
        .put("rate_limit_capacity", capacity)
        .put("rate_limit_refill", refill)
        .put("max_subscriptions", spec.maxSubscriptions());
    payload.put("max_message_size", MAX_MESSAGE);
    payload.put("rate_limit", refill);
    return payload.put("ping_interval", spec.heartbeatInterval().toMillis());
  }

  private static ObjectNode features() {
    return SystemFrames.object()
        .put("compression", false)
        .put("encryption", false)
        .put("batching", false)
        .put("priority_queue", true)
        .put("circuit_breaker", false)
        .put("offline_queue", false)
        .put("message_signing", false)
        .put("rate_limiting", true)
        .put("health_check", false)
        .put("metrics", false)
        .put("recovery", false)
        .put("msgpack", false)
        .put("cluster", false);
  }
}
