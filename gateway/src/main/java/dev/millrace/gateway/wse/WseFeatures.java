package dev.millrace.gateway.wse;

import tools.jackson.databind.node.ObjectNode;

/// What this server announces beyond what every server of the dialect does. Announced is only what
/// works.
public record WseFeatures(
    boolean compression,
    boolean encryption,
    boolean messageSigning,
    boolean recovery,
    boolean msgpack,
    boolean cluster) {
  /// Nothing of it.
  public static final WseFeatures NONE = new WseFeatures(false, false, false, false, false, false);

  ObjectNode payload() {
    return SystemFrames.object()
        .put("compression", compression)
        .put("encryption", encryption)
        .put("batching", true)
        .put("priority_queue", true)
        .put("circuit_breaker", true)
        .put("offline_queue", false)
        .put("message_signing", messageSigning)
        .put("rate_limiting", true)
        .put("health_check", true)
        .put("metrics", true)
        .put("recovery", recovery)
        .put("msgpack", msgpack)
        .put("cluster", cluster);
  }
}
