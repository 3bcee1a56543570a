package dev.millrace.gateway.wse;

import tools.jackson.databind.JsonNode;

/// `config_request` and `config_update`: what a client may set for its own connection. What is out
/// of range is left as it was, and does not stand in the answer.
final class ConfigMessages {
  /// After so long without a sign of life clients take the server for dead.
  private static final int CLIENTS_PATIENCE_MILLIS = 40_000;

  private ConfigMessages() {}

  static void request(WseSession session, Inbound.Request request) {
    var context = session.context();
    context.counters.requests.inc();
    var settings = session.client().settings;
    var cipher = session.client().cipher;
    var spec = context.spec();
    var payload =
        SystemFrames.object()
            .put("compression_enabled", compresses(session))
            .put("compression_threshold", settings.compressionThreshold())
            .put("encryption_enabled", cipher != null && cipher.isEnabled())
            .put("batch_size", settings.batchSize())
            .put("batch_timeout", settings.batchTimeoutSeconds())
            .put("max_queue_size", settings.maxQueueSize())
            .put("protocol_version", session.client().facts().protocolVersion())
            .put("heartbeat_interval", spec.heartbeatInterval().toMillis())
            .put("idle_timeout", CLIENTS_PATIENCE_MILLIS);
    payload
        .putObject("rate_limits")
        .put("capacity", spec.rateLimit().capacity())
        .put("refill_rate", spec.rateLimit().refillRate());
    session.answer(request, "config_response", payload);
  }

  static void update(WseSession session, Inbound.Request request) {
    session.context().counters.requests.inc();
    var asked = request.payload();
    var settings = session.client().settings;
    var updated = SystemFrames.object();
    var compression = asked.path("compression_enabled");
    if (compression.isBoolean()) {
      settings = settings.withCompression(compression.asBoolean());
      updated.put("compression_enabled", settings.compression());
    }
    var threshold = asked.path("compression_threshold");
    if (isWithin(
        threshold, ConnectionSettings.LEAST_THRESHOLD, ConnectionSettings.MOST_THRESHOLD)) {
      settings = settings.withThreshold(threshold.asInt());
      updated.put("compression_threshold", settings.compressionThreshold());
    }
    var batching = asked.path("batching_enabled");
    if (batching.isBoolean()) {
      int size = batching.asBoolean() ? asked.path("batch_size").asInt(settings.batchSize()) : 1;
      var timeout = asked.path("batch_timeout").asDouble(settings.batchTimeoutSeconds());
      settings = settings.withBatch(size, timeout);
      updated
          .put("batch_size", settings.batchSize())
          .put("batch_timeout", settings.batchTimeoutSeconds());
    }
    var queue = asked.path("max_queue_size");
    if (isWithin(queue, ConnectionSettings.LEAST_QUEUE, ConnectionSettings.MOST_QUEUE)) {
      settings = settings.withMaxQueueSize(queue.asInt());
      updated.put("max_queue_size", settings.maxQueueSize());
    }
    session.client().settings = settings;
    session.answers().settingsChanged();
    var payload = SystemFrames.object().put("success", true);
    payload.set("updated_settings", updated);
    session.answer(
        request,
        "config_update_response",
        payload.put("timestamp", session.context().frames.nowText()));
  }

  /// Whether this connection gets compressed frames.
  static boolean compresses(WseSession session) {
    return session.client().settings.compression();
  }

  private static boolean isWithin(JsonNode number, int least, int most) {
    return number.isIntegralNumber()
        && number.canConvertToInt()
        && number.asInt() >= least
        && number.asInt() <= most;
  }
}
