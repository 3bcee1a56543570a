package dev.millrace.gateway.wse;

/// `metrics_request`: everything that is counted for a connection.
final class MetricsMessages {
  private MetricsMessages() {}

  static void request(WseSession session, Inbound.Request request) {
    var context = session.context();
    context.counters.requests.inc();
    var payload =
        SystemFrames.object()
            .put("timestamp", context.frames.nowText())
            .put("connection_id", session.connectionId());
    payload.set("connection_stats", SessionReport.connectionStats(session));
    var topics = session.hubSession().topics();
    var subscriptions = payload.putObject("subscriptions");
    SubscriptionAck.listWithinLimit(subscriptions, "active", topics);
    subscriptions.putArray("pending");
    subscriptions.putArray("failed");
    subscriptions.put("count", topics.size());
    payload.set("event_bus_stats", SessionReport.busStats(context));
    payload.set("queue_stats", SessionReport.queueStats(session));
    payload.set("circuit_breaker", SessionReport.breakerMetrics(session));
    payload.set("diagnostics", SessionReport.metricsDiagnostics(session));
    payload.set("sequence_stats", SessionReport.sequenceStats(session));
    payload.set("compression_stats", SessionReport.compressionStats(session));
    payload.set("security", SessionReport.security(session));
    payload.put("uptime", SessionReport.uptimeSeconds(session));
    session.answer(request, "metrics_response", payload);
  }

  /// The client's own figures are counted as received, and nobody here needs them.
  static void answered(WseSession session, Inbound.Request request) {
    session.context().counters.requests.inc();
  }
}
