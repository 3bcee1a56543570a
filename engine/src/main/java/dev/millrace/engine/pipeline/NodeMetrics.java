package dev.millrace.engine.pipeline;

import dev.millrace.engine.flow.NodeStats;
import dev.millrace.engine.graph.GraphNode;
import java.util.Collection;

/// The counts of one node. `framesProcessed` are frames handled without an error, of a source the
/// frames it made; `errorsCount` counts every attempt that failed; `averageLatencyMicros` is per
/// frame, whole microseconds, over the batches that were timed, 0 before the first.
public record NodeMetrics(
    String nodeId, long framesProcessed, long errorsCount, long averageLatencyMicros) {

  static NodeMetrics of(GraphNode node, NodeStats stats) {
    long frames = node.isSource() ? stats.framesOut() : stats.framesIn();
    return new NodeMetrics(node.id(), frames, stats.errors(), (long) stats.averageLatencyMicros());
  }

  /// A report for people, nodes in the order given.
  static String report(Collection<NodeMetrics> nodes) {
    if (nodes.isEmpty()) {
      return "No nodes registered";
    }
    var text = new StringBuilder("=== Pipeline Metrics ===\n");
    for (var node : nodes) {
      text.append("\n[")
          .append(node.nodeId)
          .append("]\n  Frames: ")
          .append(node.framesProcessed)
          .append(" frames processed\n  Errors: ")
          .append(node.errorsCount)
          .append(node.errorsCount == 1 ? " error" : " errors")
          .append("\n  Avg Latency: ")
          .append(node.averageLatencyMicros)
          .append("μs\n");
    }
    return text.toString();
  }
}
