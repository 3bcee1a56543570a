package dev.millrace.control.telemetry;

import dev.millrace.core.signal.Signal;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Pipelines, nodes and edges over one interval. What the engine does not measure is null.
public record PipelineTick(
    long seq,
    Instant ts,
    long intervalMs,
    List<PipelineLine> pipelines,
    List<NodeLine> nodes,
    List<EdgeLine> edges)
    implements Signal {

  public PipelineTick {
    pipelines = List.copyOf(pipelines);
    nodes = List.copyOf(nodes);
    edges = List.copyOf(edges);
  }

  /// `since` is when it came into its state, null when that was not seen.
  public record PipelineLine(
      String id, String name, String state, @Nullable Instant since, @Nullable String error) {}

  /// `framesTotal` is what the node has handled, or emitted if it is a source. `trouble` is its own
  /// sentence about what keeps it from working.
  public record NodeLine(
      String pipeline,
      String id,
      String type,
      String state,
      long framesTotal,
      @Nullable Double framesPerSec,
      long errorsTotal,
      @Nullable Double errorsPerSec,
      long rejectedTotal,
      @Nullable Double avgUs,
      @Nullable Double p50Us,
      @Nullable Double p95Us,
      @Nullable Double p99Us,
      @Nullable Double busyPct,
      @Nullable Double blockedPct,
      @Nullable Double idlePct,
      @Nullable Long restarts,
      @Nullable Long skipped,
      @Nullable String breaker,
      @Nullable String trouble) {}

  /// An edge; one that is fused has no queue, so no depth, capacity and fill.
  public record EdgeLine(
      String pipeline,
      String from,
      String to,
      @Nullable String branch,
      @Nullable Double ratePerSec,
      @Nullable Double bytesPerSec,
      @Nullable Long depth,
      @Nullable Integer capacity,
      @Nullable Double fillPct,
      @Nullable String strategy,
      @Nullable Long droppedTotal,
      @Nullable Double droppedPerSec) {}
}
