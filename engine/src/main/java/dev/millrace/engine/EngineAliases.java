package dev.millrace.engine;

import static java.util.Map.entry;

import dev.millrace.core.metric.Metrics;
import java.util.Map;

/// The names dashboards of signal graphs know the engine's metrics by. Off until somebody calls
/// [#show].
public final class EngineAliases {
  private static final Map<EngineMetric, String> NAMES =
      Map.ofEntries(
          entry(EngineMetric.NODE_FRAMES_IN, "graph_node_frames_total"),
          entry(EngineMetric.NODE_ERRORS, "graph_node_errors_total"),
          entry(EngineMetric.NODE_RESTARTS, "graph_node_restarts_total"),
          entry(EngineMetric.NODE_SKIPPED, "graph_node_skipped_total"),
          entry(EngineMetric.NODE_LATENCY, "graph_node_latency_seconds"),
          entry(EngineMetric.EDGE_QUEUED_FRAMES, "graph_edge_queue_depth"),
          entry(EngineMetric.EDGE_CAPACITY_FRAMES, "graph_edge_capacity"),
          entry(EngineMetric.EDGE_DROPPED_FRAMES, "graph_edge_dropped_total"),
          entry(EngineMetric.EDGE_DISCARDED_FRAMES, "graph_edge_discarded_total"),
          entry(EngineMetric.PIPELINE_STATE, "graph_pipeline_state"),
          entry(EngineMetric.POOL_ACTIVE, "graph_pool_active"),
          entry(EngineMetric.POOL_WAITING, "graph_pool_waiting"),
          entry(EngineMetric.SAMPLES_IDLE, "graph_buffers_pooled"),
          entry(EngineMetric.SAMPLES_IN_USE, "graph_buffers_in_use"));

  private EngineAliases() {}

  /// By metric.
  public static Map<EngineMetric, String> names() {
    return NAMES;
  }

  /// Has `metrics` show each of them under its other name too.
  public static void show(Metrics metrics) {
    NAMES.forEach(metrics::alias);
  }

  /// Takes [#show] back.
  public static void hide(Metrics metrics) {
    NAMES.keySet().forEach(metrics::removeAlias);
  }
}
