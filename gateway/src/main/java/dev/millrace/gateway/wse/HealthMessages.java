package dev.millrace.gateway.wse;

import dev.millrace.core.json.Json;
import dev.millrace.gateway.wse.quality.Quality;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/// Health in both directions: a client asks how its connection does, or says how it finds it.
final class HealthMessages {
  private static final Set<String> BAD = Set.of("poor", "fair");
  /// A report every 30 s; heartbeats, which it comes with, may be a little early.
  private static final long REPORT_NANOS = 29_000_000_000L;

  private HealthMessages() {}

  static void check(WseSession session, Inbound.Request request) {
    var context = session.context();
    context.counters.requests.inc();
    var client = session.client();
    var payload =
        SystemFrames.object()
            .put("timestamp", context.frames.nowText())
            .put("server_time", context.frames.now())
            .put("connection_id", session.connectionId())
            .put("status", "healthy");
    payload.set("diagnostics", SessionReport.healthDiagnostics(session));
    payload.set("circuit_breaker", SessionReport.breakerHealth(session));
    payload.set("queue_stats", SessionReport.queueStats(session));
    payload.set("sequence_stats", SessionReport.sequenceStats(session));
    payload
        .putObject("subscriptions")
        .put("active", session.hubSession().topics().size())
        .put("pending", 0)
        .put("failed", 0);
    var info =
        payload
            .putObject("client_info")
            .put("version", client.facts().version())
            .put("protocol", client.facts().protocolVersion());
    info.set("features", features(client.facts()));
    session.answer(request, "health_check_response", payload);
  }

  /// The client's answer to our asking, or its own report: where it finds the connection bad it is
  /// told what would help.
  static void answered(WseSession session, Inbound.Request request) {
    session.context().counters.requests.inc();
    var diagnostics = request.payload().path("diagnostics");
    var said = diagnostics.path("connectionQuality").asString("");
    var quality = said.isEmpty() ? diagnostics.path("quality").asString("") : said;
    if (!BAD.contains(quality)) {
      return;
    }
    var bad = quality.equals("poor") ? Quality.POOR : Quality.FAIR;
    var payload =
        SystemFrames.object()
            .put("quality", quality)
            .put("message", "The connection is " + quality);
    SessionReport.texts(payload.putArray("suggestions"), bad.suggestions());
    payload
        .putObject("recommended_settings")
        .put("compression", true)
        .put("batch_size", bad == Quality.POOR ? 50 : 20)
        .put("batch_timeout", bad == Quality.POOR ? 0.5 : 0.2);
    payload.set("diagnostics", diagnostics.deepCopy());
    session.answer(request, "connection_quality", payload);
  }

  /// Tells the client every half a minute that its connection is bad, while it is.
  static void reportQuality(WseSession session) {
    var window = session.client().latencies();
    if (window == null || !window.isDue(session.context().clock.nanoTime(), REPORT_NANOS)) {
      return;
    }
    var quality = window.quality();
    if (!quality.isBad()) {
      return;
    }
    var payload = SystemFrames.object().put("quality", quality.label());
    SessionReport.texts(payload.putArray("suggestions"), quality.suggestions());
    payload.set("metrics", SessionReport.metricsDiagnostics(session));
    session.notice(
        "connection_quality",
        payload
            .put("jitter", window.jitter())
            .put("packet_loss", 0)
            .put("latency_ms", window.mean()));
  }

  /// The features of a client's hello.
  static ObjectNode features(ClientFacts facts) {
    return Json.tree(facts.features().getBytes(StandardCharsets.UTF_8)) instanceof ObjectNode object
        ? object
        : SystemFrames.object();
  }
}
