package dev.millrace.engine.pipeline;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A pipeline at a glance, for the API. Counts are exact as of each chain's last turn.
public record PipelineSnapshot(
    String name, PipelineState state, Duration uptime, List<NodeLine> nodes, List<EdgeLine> edges) {

  /// `averageLatencyMicros` is per frame, over the batches that were timed; 0 before the first.
  /// `trouble` is what the node says keeps it from working, or null.
  public record NodeLine(
      String id,
      String type,
      long framesIn,
      long framesOut,
      long errors,
      long rejected,
      double averageLatencyMicros,
      @Nullable String trouble) {}

  /// An edge with a queue; fused edges have none.
  public record EdgeLine(
      String from, String to, long queuedFrames, int capacityFrames, long totalFrames) {}

  public PipelineSnapshot {
    nodes = List.copyOf(nodes);
    edges = List.copyOf(edges);
  }
}
