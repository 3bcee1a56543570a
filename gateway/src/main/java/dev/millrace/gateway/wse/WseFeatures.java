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

  WseFeatures withRecovery(boolean other) {
    return new WseFeatures(compression, encryption, messageSigning, other, msgpack, cluster);
  }

  /// With what every server can do to frames; sealing them is a matter of configuration.
  WseFeatures withFramings(boolean encrypts) {
    return new WseFeatures(true, encrypts, true, recovery, true, cluster);
  }

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
