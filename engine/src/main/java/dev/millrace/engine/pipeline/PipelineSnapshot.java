package dev.millrace.engine.pipeline;

import dev.millrace.engine.flow.BatchTimes;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A pipeline at a glance, for the API. Counts are exact as of each chain's last turn.
public record PipelineSnapshot(
    String name, PipelineState state, Duration uptime, List<NodeLine> nodes, List<EdgeLine> edges) {

  /// `averageLatencyMicros` is per frame, over the batches that were timed; 0 before the first.
  /// `trouble` is what the node says keeps it from working, or null. `workers` is how many
  /// instances of the node there are. `eventTime` is null where no source in front of the node has
  /// event time.
  public record NodeLine(
      String id,
      String type,
      long framesIn,
      long framesOut,
      long errors,
      long rejected,
      double averageLatencyMicros,
      @Nullable String trouble,
      Standing standing,
      Load load,
      Upkeep upkeep,
      int workers,
      @Nullable EventTime eventTime) {

    /// A node whose failures are all the pipeline's, without event time.
    public NodeLine(
        String id,
        String type,
        long framesIn,
        long framesOut,
        long errors,
        long rejected,
        double averageLatencyMicros,
        @Nullable String trouble,
        Standing standing,
        Load load) {
      this(
          id,
          type,
          framesIn,
          framesOut,
          errors,
          rejected,
          averageLatencyMicros,
          trouble,
          standing,
          load,
          Upkeep.NONE,
          1,
          null);
    }
  }

  /// How far event time has come at a node, and by how much it is behind the clock: both null
  /// before it is known. `lateFrames` counts those of a source that were older than its watermark,
  /// null at other nodes.
  public record EventTime(
      @Nullable Long watermarkMicros, @Nullable Long lagMicros, @Nullable Long lateFrames) {}

  /// What was done about a node's failures: frames tried again, fresh instances, frames dropped or
  /// passed on unchanged, replaced by the default, kept from the node by its open circuit, sent to
  /// the dead-letter node. `circuit` is `closed`, `open` or `half_open`, null without a breaker.
  public record Upkeep(
      long retries,
      long restarts,
      long skipped,
      long defaulted,
      long circuitRejected,
      long deadLetters,
      @Nullable String circuit) {
    public static final Upkeep NONE = new Upkeep(0, 0, 0, 0, 0, 0, null);
  }

  /// What a node does, since when (microseconds since the Unix epoch), and what it failed with in
  /// this run, if it did.
  public record Standing(NodeState state, long sinceMicros, @Nullable String lastError) {}

  /// `busy` and `blocked` are shares from 0 to 1 of the node's chain, which all of its nodes have
  /// in common: of the last seconds, what its turns took, and what it could not go on for want of
  /// room behind it. `batchTimes` are the node's own, of the batches that were timed lately.
  public record Load(double busy, double blocked, BatchTimes.Quantiles batchTimes) {}

  /// An edge with a queue; fused edges have none. `totalFrames` were sent over it, and of these
  /// `droppedFrames` found no room.
  public record EdgeLine(
      String from,
      String to,
      long queuedFrames,
      int capacityFrames,
      long totalFrames,
      long droppedFrames) {

    /// How full the queue is, from 0 to 1. Frames in hand count, so that one that holds as many
    /// again as may wait is as full.
    public double fill() {
      return Math.min(1, (double) queuedFrames / capacityFrames);
    }
  }

  public PipelineSnapshot {
    nodes = List.copyOf(nodes);
    edges = List.copyOf(edges);
  }
}
