package dev.millrace.engine.pipeline;

import dev.millrace.core.metric.Metrics;
import dev.millrace.engine.EngineMetric;
import dev.millrace.engine.flow.Group;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The gauges of one pipeline, from start to close. Edges between the same two nodes count as one.
final class PipelineGauges {
  private static final List<String> STATES =
      List.of("Idle", "Initializing", "Running", "Paused", "Completed", "Error");

  private final Metrics metrics;
  private final String pipeline;
  private final Map<String, Group> groups; // by node
  private final Map<List<String>, List<Link>> edges = new LinkedHashMap<>();

  PipelineGauges(
      Metrics metrics,
      String pipeline,
      StateHolder state,
      List<Link> links,
      Map<String, Group> groups) {
    this.metrics = metrics;
    this.pipeline = pipeline;
    for (var name : STATES) {
      metrics.gauge(
          EngineMetric.PIPELINE_STATE,
          () -> state.get().name().equals(name) ? 1 : 0,
          pipeline,
          name);
    }
    for (var link : links) {
      edges
          .computeIfAbsent(List.of(link.from(), link.to()), ends -> new java.util.ArrayList<>(1))
          .add(link);
    }
    edges.forEach(this::show);
    this.groups = groups;
    groups.forEach(
        (node, group) -> metrics.gauge(EngineMetric.NODE_INSTANCES, group::size, pipeline, node));
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
