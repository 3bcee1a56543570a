package dev.millrace.engine;

import dev.millrace.core.metric.Metrics;
import java.util.Map;

/// The names dashboards of signal graphs know the engine's metrics by. Off unless somebody calls
/// [#show].
public final class EngineAliases {
  private static final Map<EngineMetric, String> NAMES =
      Map.of(
          EngineMetric.NODE_FRAMES_IN, "graph_node_frames_total",
          EngineMetric.NODE_ERRORS, "graph_node_errors_total",
          EngineMetric.NODE_LATENCY, "graph_node_latency_seconds",
          EngineMetric.EDGE_QUEUED_FRAMES, "graph_edge_queue_depth",
          EngineMetric.EDGE_CAPACITY_FRAMES, "graph_edge_capacity",
          EngineMetric.EDGE_DISCARDED_FRAMES, "graph_edge_discarded_total",
          EngineMetric.PIPELINE_STATE, "graph_pipeline_state",
          EngineMetric.POOL_ACTIVE, "graph_pool_active",
          EngineMetric.POOL_WAITING, "graph_pool_waiting");

  private EngineAliases() {}

  /// By metric.
  public static Map<EngineMetric, String> names() {
    return NAMES;
  }

  /// Has `metrics` show each of them under its other name too.
  public static void show(Metrics metrics) {
    NAMES.forEach(metrics::alias);
  }
}
