package dev.millrace.engine.pipeline;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.node.NodeContext;
import dev.millrace.core.time.Clock;
import dev.millrace.engine.EngineMetric;
import dev.millrace.engine.flow.Group;
import dev.millrace.engine.flow.Stage;
import dev.millrace.engine.graph.GraphNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The gauges of one pipeline, from start to close, or to a change of its graph. Edges between the
/// same two nodes count as one.
final class PipelineGauges {
  private static final List<String> STATES =
      List.of("Idle", "Initializing", "Running", "Paused", "Completed", "Error");

  private final Metrics metrics;
  private final String pipeline;
  private final Map<String, Group> groups; // by node
  private final Map<List<String>, List<Link>> edges = new LinkedHashMap<>();
  private final List<String> timed; // nodes at which event time is known, or will be

  PipelineGauges(Metrics metrics, String pipeline, StateHolder state, Assembly parts, Clock clock) {
    this.metrics = metrics;
    this.pipeline = pipeline;
    this.timed = parts.graph().nodes().stream().filter(parts::isTimed).map(GraphNode::id).toList();
    for (var name : STATES) {
      metrics.gauge(
          EngineMetric.PIPELINE_STATE,
          () -> state.get().name().equals(name) ? 1 : 0,
          pipeline,
          name);
    }
    for (var link : parts.links()) {
      edges
          .computeIfAbsent(List.of(link.from(), link.to()), ends -> new java.util.ArrayList<>(1))
          .add(link);
    }
    edges.forEach(this::show);
    this.groups = parts.groups();
    groups.forEach(
        (node, group) -> metrics.gauge(EngineMetric.NODE_INSTANCES, group::size, pipeline, node));
    for (var node : parts.graph().nodes()) {
      if (parts.isTimed(node)) {
        var stage = parts.stage(node);
        metrics.gauge(
            EngineMetric.NODE_WATERMARK_LAG, () -> lagSeconds(stage, clock), pipeline, node.id());
      }
    }
  }

  /// Forgets all of them.
  void remove() {
    for (var name : STATES) {
      metrics.removeGauge(EngineMetric.PIPELINE_STATE, pipeline, name);
    }
    groups
        .keySet()
        .forEach(node -> metrics.removeGauge(EngineMetric.NODE_INSTANCES, pipeline, node));
    for (var ends : edges.keySet()) {
      metrics.removeGauge(
          EngineMetric.EDGE_QUEUED_FRAMES, pipeline, ends.getFirst(), ends.getLast());
      metrics.removeGauge(
          EngineMetric.EDGE_CAPACITY_FRAMES, pipeline, ends.getFirst(), ends.getLast());
    }
    for (var node : timed) {
      metrics.removeGauge(EngineMetric.NODE_WATERMARK_LAG, pipeline, node);
    }
  }

  private static double lagSeconds(Stage stage, Clock clock) {
    long micros = stage.watermarkMicros();
    return micros == NodeContext.NO_WATERMARK
        ? Double.NaN
        : ((double) clock.epochMicros() - micros) / 1e6;
  }

  private void show(List<String> ends, List<Link> links) {
    metrics.gauge(
        EngineMetric.EDGE_QUEUED_FRAMES,
        () -> links.stream().mapToLong(link -> link.channel().queuedFrames()).sum(),
        pipeline,
        ends.getFirst(),
        ends.getLast());
    long capacity = links.stream().mapToLong(link -> link.channel().capacity()).sum();
    metrics.gauge(
        EngineMetric.EDGE_CAPACITY_FRAMES,
        () -> capacity,
        pipeline,
        ends.getFirst(),
        ends.getLast());
  }
}
