package dev.millrace.gateway.wse;

import dev.millrace.gateway.wse.codec.Timestamps;
import dev.millrace.gateway.wse.quality.CircuitBreaker;
import dev.millrace.gateway.wse.quality.LatencyWindow;
import dev.millrace.gateway.wse.quality.Quality;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// What a connection says of itself when its client asks: the pieces of which the answers are made.
/// On the connection's loop.
final class SessionReport {
  private static final LatencyWindow NO_LATENCIES = new LatencyWindow();
  private static final double FULL = 0.8;
  private static final int[] LEVELS = {10, 8, 5, 3, 1};

  private SessionReport() {}

  /// Seconds since it was opened.
  static double uptimeSeconds(WseSession session) {
    return (session.context().frames.now() - session.client().connectedMillis) / 1e3;
  }

  static LatencyWindow latencies(WseSession session) {
    var latencies = session.client().latencies();
    return latencies == null ? NO_LATENCIES : latencies;
  }

  static ObjectNode connectionStats(WseSession session) {
    var client = session.client();
    var frames = session.context().frames;
    double seconds = Math.max(1e-3, uptimeSeconds(session));
    var since = Timestamps.text(client.connectedMillis);
    long sent = session.framesSent();
    var savings = session.hubSession().savings();
    return SystemFrames.object()
        .put("connection_id", session.connectionId())
        .put("connected_at", since)
        .put("connected_since", since)
        .put("messages_sent", sent)
        .put("messages_received", client.receivedMessages)
        .put("bytes_sent", client.sentBytes)
        .put("bytes_received", client.receivedBytes)
        .put("bytes_saved_by_compression", savings.bytes())
        .put("errors", client.errors)
        .put("connection_attempts", 1)
        .put("successful_connections", 1)
        .put("messages_dropped", client.dropped + client.duplicates)
        .put("protocol_errors", client.protocolErrors)
        .put("compression_hits", savings.frames())
        .put("last_activity", frames.nowText())
        .put("last_message_sent", frames.nowText())
        .put("last_message_received", frames.nowText())
        .put("compression_ratio", compressionRatio(session))
        .put("message_rate", (sent + client.receivedMessages) / seconds)
        .put("bandwidth", (client.sentBytes + client.receivedBytes) / seconds);
  }

  /// What waits for the session. Of which priority it is nobody has looked: it stands under the
  /// one in the middle.
  static ObjectNode queueStats(WseSession session) {
    long size = session.hubSession().lagMessages();
    int capacity = session.context().spec().jamMessages();
    var stats =
        SystemFrames.object()
            .put("size", size)
            .put("capacity", capacity)
            .put("utilization_percent", 100.0 * size / capacity);
    var distribution = stats.putObject("priority_distribution");
    var depths = stats.putObject("priority_queue_depths");
    var dropped = stats.putObject("dropped_by_priority");
    for (int level : LEVELS) {
      long waiting = level == 5 ? size : 0;
      distribution.put(Integer.toString(level), waiting);
      depths.put("priority_" + level + "_depth", waiting);
      dropped.put(Integer.toString(level), 0);
    }
    return stats
        .put("total_dropped", 0)
        .put("backpressure", isBackpressured(session))
        .putNull("oldest_message_age")
        .put(
            "processing_rate",
            session.hubSession().delivered() / Math.max(1e-3, uptimeSeconds(session)));
  }

  /// Whether it is about to go without messages.
  static boolean isBackpressured(WseSession session) {
    return session.hubSession().lagMessages() > FULL * session.context().spec().jamMessages();
  }

  /// Clients' own numbers are not looked at, so no topic ever waits for one.
  static ObjectNode sequenceStats(WseSession session) {
    var stats = SystemFrames.object().put("total_topics", 0).put("total_buffered", 0);
    stats.putObject("topics");
    return stats
        .put("current_sequence", session.framesSent())
        .put("duplicate_count", session.client().duplicates)
        .put("out_of_order_count", 0)
        .put("dropped_count", session.client().dropped);
  }

  /// Bytes sent of those there would have been without compression.
  static double compressionRatio(WseSession session) {
    double sent = session.client().sentBytes;
    long saved = session.hubSession().savings().bytes();
    return saved == 0 ? 1.0 : sent / (sent + saved);
  }

  /// Frames in either direction. Compressing does not fail: what does not become smaller is sent as
  /// it is.
  static ObjectNode compressionStats(WseSession session) {
    var savings = session.hubSession().savings();
    var client = session.client();
    double tried = Math.max(1, client.inflated + client.notInflated);
    return SystemFrames.object()
        .put("total_compressed", savings.frames())
        .put("total_decompressed", client.inflated)
        .put("compression_failures", 0)
        .put("decompression_failures", client.notInflated)
        .put("total_bytes_saved", savings.bytes())
        .put("compression_success_rate", 1.0)
        .put("decompression_success_rate", 1.0 - client.notInflated / tried)
        .put("average_bytes_saved", savings.bytes() / (double) Math.max(1, savings.frames()));
  }

  static ObjectNode security(WseSession session) {
    var cipher = session.client().cipher;
    boolean enabled = cipher != null && cipher.isEnabled();
    var signing = session.context().signing;
    boolean signs = session.client().facts().signing() || signing.hasTypes();
    return SystemFrames.object()
        .put("encryption_enabled", enabled)
        .put("encryption_algorithm", enabled ? "AES-GCM-256" : null)
        .put("encryption_provider", enabled ? "ECDH-P256" : null)
        .put("token_provider", signing.provider())
        .put("message_signing_enabled", signs)
        .put(
            "session_key_rotation", session.context().spec().encryption().rotateEvery().toSeconds())
        .put("last_key_rotation", cipher == null ? null : Timestamps.text(cipher.rotatedMillis()))
        .put("active_encrypted_connections", session.context().encrypted.get());
  }

  static ObjectNode healthDiagnostics(WseSession session) {
    var window = latencies(session);
    var diagnostics =
        SystemFrames.object()
            .put("connection_quality", window.quality().label())
            .put("network_jitter", window.jitter())
            .put("packet_loss", 0)
            .put("avg_latency", window.mean());
    texts(diagnostics.putArray("suggestions"), window.quality().suggestions());
    return diagnostics;
  }

  static ObjectNode metricsDiagnostics(WseSession session) {
    var window = latencies(session);
    var diagnostics =
        SystemFrames.object()
            .put("quality", window.quality().label())
            .put("quality_score", Quality.score(window.mean()))
            .put("average_latency_ms", window.mean())
            .put("jitter", window.jitter())
            .put("packet_loss", 0)
            .put("latency_samples", window.samples())
            .put("bytes_sent", session.client().sentBytes)
            .put("bytes_received", session.client().receivedBytes);
    texts(diagnostics.putArray("suggestions"), window.quality().suggestions());
    return diagnostics.put("status", session.intake().state());
  }

  /// As health answers have it.
  static ObjectNode breakerHealth(WseSession session) {
    var breaker = session.intake().breaker();
    long failedMillis = breaker == null ? 0 : breaker.lastFailureMillis();
    return SystemFrames.object()
        .put("state", breakerState(breaker))
        .put("failures", breaker == null ? 0 : breaker.failures())
        .put("success_count", breaker == null ? 0 : breaker.successes())
        .put("last_failure_time", failedMillis == 0 ? null : Timestamps.text(failedMillis));
  }

  /// As metrics answers have it.
  static ObjectNode breakerMetrics(WseSession session) {
    var breaker = session.intake().breaker();
    return SystemFrames.object()
        .put("name", session.connectionId())
        .put("state", breakerState(breaker))
        .put("failure_count", breaker == null ? 0 : breaker.failures())
        .put("success_count", breaker == null ? 0 : breaker.successes());
  }

  static ObjectNode busStats(WseContext context) {
    return BusStats.payload(context.stats(), !context.isClosing(), context.counters.failures());
  }

  static void texts(ArrayNode array, List<String> texts) {
    texts.forEach(array::add);
  }

  private static String breakerState(@Nullable CircuitBreaker breaker) {
    return (breaker == null ? CircuitBreaker.State.CLOSED : breaker.state()).name();
  }
}
