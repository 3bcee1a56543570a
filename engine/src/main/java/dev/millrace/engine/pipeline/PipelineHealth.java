package dev.millrace.engine.pipeline;

import java.util.List;

/// Whether a pipeline works, and what keeps it from that.
public record PipelineHealth(boolean healthy, PipelineState state, List<Trouble> troubles) {

  /// A node's own sentence about what keeps it from working.
  public record Trouble(String node, String sentence) {}

  public PipelineHealth {
    troubles = List.copyOf(troubles);
  }
}
