package dev.millrace.engine.api;

import dev.millrace.core.json.Json;
import dev.millrace.engine.checkpoint.CheckpointStatus;
import dev.millrace.engine.pipeline.Pipeline;
import dev.millrace.engine.pipeline.PipelineHealth;
import dev.millrace.engine.pipeline.PipelineSnapshot;
import dev.millrace.engine.pipeline.PipelineState;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// Draws pipelines as JSON: the graph's shape and the figures of a snapshot in one.
final class PipelineJson {
  private PipelineJson() {}

  static ObjectNode summary(Pipeline pipeline, String origin) {
    return heading(pipeline, pipeline.snapshot(), origin);
  }

  static ObjectNode whole(Pipeline pipeline, String origin) {
    var snapshot = pipeline.snapshot();
    var json = heading(pipeline, snapshot, origin);
    var graph = pipeline.graph();
    var shape = graph.toJson();
    var lines = new HashMap<String, PipelineSnapshot.NodeLine>();
    snapshot.nodes().forEach(line -> lines.put(line.id(), line));
    // Two nodes may have several edges between them; both lists are in the order of the document.
    var queues = new HashMap<String, ArrayDeque<PipelineSnapshot.EdgeLine>>();
    snapshot
        .edges()
        .forEach(
            line ->
                queues
                    .computeIfAbsent(key(line.from(), line.to()), any -> new ArrayDeque<>(2))
                    .addLast(line));

    var nodes = json.putArray("nodes");
    for (int i = 0; i < graph.nodes().size(); i++) {
      var node = nodes.addObject().setAll((ObjectNode) shape.path("nodes").path(i));
      node.put("role", graph.nodes().get(i).type().role().name().toLowerCase(Locale.ROOT));
      figures(node, lines.get(graph.nodes().get(i).id()));
    }
    var edges = json.putArray("edges");
    for (var connection : shape.path("connections")) {
      var from = connection.path("from").asString();
      var to = connection.path("to").asString();
      var waiting = queues.get(key(from, to));
      var queue = waiting == null ? null : waiting.pollFirst();
      var sender = lines.get(from);
      var edge = edges.addObject().put("from", from).put("to", to);
      edge.put(
          "frames", queue != null ? queue.totalFrames() : sender == null ? 0 : sender.framesOut());
      edge.put("fused", queue == null);
      if (queue != null) {
        edge.put("queued", queue.queuedFrames())
            .put("capacity", queue.capacityFrames())
            .put("fill_pct", tenths(100 * queue.fill()))
            .put("dropped", queue.droppedFrames());
      }
    }
    return json;
  }

  private static ObjectNode heading(Pipeline pipeline, PipelineSnapshot snapshot, String origin) {
    var json =
        Json.mapper()
            .createObjectNode()
            .put("name", snapshot.name())
            .put("origin", origin)
            .put("state", snapshot.state().name())
            .set("status", StateJson.of(pipeline))
            .put("uptime_seconds", snapshot.uptime().toMillis() / 1e3)
            .put("trouble", trouble(pipeline.health()));
    pipeline.checkpoints().ifPresent(status -> checkpoint(json.putObject("checkpoint"), status));
    return json;
  }

  /// Nothing of the newest checkpoint before there is one.
  private static void checkpoint(ObjectNode json, CheckpointStatus status) {
    if (status.lastMicros() > 0) {
      json.put("last", Instant.ofEpochMilli(status.lastMicros() / 1_000).toString())
          .put("age", status.ageMicros() / 1e6)
          .put("bytes", status.bytes());
    }
    json.put("written", status.written()).put("failed", status.failed());
  }

  /// One sentence for the whole pipeline, or null when it is well.
  private static @Nullable String trouble(PipelineHealth health) {
    if (health.state() instanceof PipelineState.Error(var message, var recoverable)) {
      return message;
    }
    return health.troubles().isEmpty()
        ? null
        : health.troubles().getFirst().node() + ": " + health.troubles().getFirst().sentence();
  }

  private static void figures(ObjectNode node, PipelineSnapshot.@Nullable NodeLine line) {
    if (line == null) {
      return; // not started
    }
    node.put("frames_in", line.framesIn())
        .put("frames_out", line.framesOut())
        .put("errors", line.errors())
        .put("rejected", line.rejected())
        .put("latency_micros", tenths(line.averageLatencyMicros()))
        .put("trouble", line.trouble())
        .put("workers", line.workers());
    var standing = line.standing();
    node.put("state", standing.state().name().toLowerCase(Locale.ROOT))
        .put("since", Instant.ofEpochMilli(standing.sinceMicros() / 1_000).toString())
        .put("last_error", standing.lastError());
    var load = line.load();
    node.put("busy_pct", tenths(100 * load.busy()))
        .put("blocked_pct", tenths(100 * load.blocked()))
        .put("p50_us", tenths(load.batchTimes().p50Micros()))
        .put("p95_us", tenths(load.batchTimes().p95Micros()))
        .put("p99_us", tenths(load.batchTimes().p99Micros()));
    upkeep(node, line.upkeep());
    eventTime(node, line.eventTime());
  }

  /// Only of nodes about whose failures something is done.
  private static void upkeep(ObjectNode node, PipelineSnapshot.Upkeep upkeep) {
    if (!upkeep.equals(PipelineSnapshot.Upkeep.NONE)) {
      node.put("retries", upkeep.retries())
          .put("restarts", upkeep.restarts())
          .put("skipped", upkeep.skipped())
          .put("defaulted", upkeep.defaulted())
          .put("circuit_rejected", upkeep.circuitRejected())
          .put("dead_letters", upkeep.deadLetters())
          .put("circuit", upkeep.circuit());
    }
  }

  /// Only of nodes behind a source with event time.
  private static void eventTime(ObjectNode node, PipelineSnapshot.@Nullable EventTime time) {
    if (time == null) {
      return;
    }
    node.put("watermark_micros", time.watermarkMicros());
    var lag = time.lagMicros();
    node.put("watermark_lag_ms", lag == null ? null : lag / 1_000);
    if (time.lateFrames() != null) {
      node.put("late_frames", time.lateFrames());
    }
  }

  private static double tenths(double value) {
    return Math.round(value * 10) / 10.0;
  }

  private static String key(String from, String to) {
    return from + '\0' + to;
  }
}
