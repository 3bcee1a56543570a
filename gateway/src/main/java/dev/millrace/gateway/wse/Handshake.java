package dev.millrace.gateway.wse;

import dev.millrace.hub.HubSpec;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// Payloads of `server_ready` and `server_hello`. They announce what this server does, nothing
/// more.
final class Handshake {
  static final int MAX_MESSAGE = 1 << 20;
  private static final int PROTOCOL_VERSION = 1;

  private final HubSpec spec;
  private final SystemFrames frames;
  private final String serverVersion;
  private final WseFeatures features;

  Handshake(HubSpec spec, SystemFrames frames, String serverVersion, WseFeatures features) {
    this.spec = spec;
    this.frames = frames;
    this.serverVersion = serverVersion;
    this.features = features;
  }

  /// `publicKey` where the client asked for encryption and gets it; `sessionToken` where there are
  /// such.
  ObjectNode ready(ClientInfo client, @Nullable String publicKey, @Nullable String sessionToken) {
    var facts = client.facts();
    var details =
        SystemFrames.object()
            .put("version", facts.protocolVersion())
            .put("client_version", facts.version())
            .put("connection_id", client.name().connectionId())
            .put("user_id", client.name().userId())
            .put("server_time", frames.nowText());
    details.set("features", features.payload());
    details
        .putObject("endpoints")
        .put("primary", client.endpoint())
        .put("health_check_interval", 30_000)
        .put("heartbeat_interval", spec.heartbeatInterval().toMillis());
    if (publicKey != null) {
      details.put("encryption_public_key", publicKey);
    }
    if (sessionToken != null) {
      details.put("session_token", sessionToken);
    }
    var payload =
        SystemFrames.object()
            .put("message", "Connection established")
            .put("connection_id", client.name().connectionId());
    payload.set("details", details);
    return payload;
  }

  /// Different clients look for the same facts in different places; they stand in all of them.
  ObjectNode hello(String connectionId, @Nullable String publicKey) {
    var payload =
        SystemFrames.object()
            .put("server_version", serverVersion)
            .put("protocol_version", PROTOCOL_VERSION)
            .put("server_time", frames.nowText())
            .put("connection_id", connectionId)
            .put("message", "Hello from Millrace");
    payload.set("supported_features", features.payload());
    payload.set("features", features.payload());
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
    if (publicKey != null) {
      payload.put("encryption_public_key", publicKey);
    }
    return payload.put("ping_interval", spec.heartbeatInterval().toMillis());
  }
}
