package dev.millrace.gateway.wse;

import dev.millrace.gateway.wse.codec.Timestamps;

/// Questions about the state of a connection.
final class StateMessages {
  private StateMessages() {}

  static void state(WseSession session, Inbound.Request request) {
    session.context().counters.requests.inc();
    var client = session.client();
    var payload =
        SystemFrames.object()
            .put("state", session.intake().state())
            .put("connection_id", session.connectionId())
            .put("connected_since", Timestamps.text(client.connectedMillis));
    payload
        .putObject("metrics")
        .put("messages_sent", session.framesSent())
        .put("messages_received", client.receivedMessages)
        .put("compression_ratio", SessionReport.compressionRatio(session))
        .put("avg_latency", SessionReport.latencies(session).mean());
    session.answer(request, "connection_state_response", payload);
  }

  static void debug(WseSession session, Inbound.Request request) {
    session.context().counters.requests.inc();
    var client = session.client();
    var facts = client.facts();
    var payload =
        SystemFrames.object()
            .put("connection_id", session.connectionId())
            .put("user_id", session.userId());
    var handlers = payload.putArray("registered_handlers");
    MessageTable.types().forEach(handlers::add);
    var topics = session.hubSession().topics();
    var subscriptions = payload.putObject("subscriptions");
    SubscriptionAck.listWithinLimit(subscriptions, "active", topics);
    subscriptions.putArray("pending");
    subscriptions.putArray("failed");
    SubscriptionAck.listWithinLimit(subscriptions, "subscription_ids", topics);
    payload.put("connection_state", session.intake().state());
    payload.set("metrics", SessionReport.connectionStats(session));
    var compression =
        payload
            .putObject("compression")
            .put("enabled", ConfigMessages.compresses(session))
            .put("threshold", client.settings.compressionThreshold());
    compression.set("stats", SessionReport.compressionStats(session));
    var cipher = client.cipher;
    payload.putObject("encryption").put("enabled", cipher != null && cipher.isEnabled());
    payload
        .putObject("sequence")
        .put("current", session.framesSent())
        .put("seen_messages", client.receivedMessages);
    payload.put("protocol_version", facts.protocolVersion());
    payload.put("client_version", facts.version());
    payload.set("client_features", HealthMessages.features(facts));
    payload.set("queue_stats", SessionReport.queueStats(session));
    session.answer(request, "debug_response", payload);
  }

  static void sequence(WseSession session, Inbound.Request request) {
    session.context().counters.requests.inc();
    session.answer(request, "sequence_stats_response", SessionReport.sequenceStats(session));
  }
}
