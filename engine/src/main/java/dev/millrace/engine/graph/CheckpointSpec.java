package dev.millrace.engine.graph;

import dev.millrace.core.spec.About;
import dev.millrace.core.spec.ByteSize;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.Range;

/// How often the state of a graph's nodes is saved, and where. At least one of the two rhythms is
/// on.
public record CheckpointSpec(
    @About("Milliseconds between two checkpoints; 0 is never.")
        @Default("10000")
        @Range(min = 0, max = 86_400_000)
        int intervalMs,
    @About("Frames of a source between two checkpoints; 0 is never.")
        @Default("0")
        @Range(min = 0, max = 1e15)
        long everyFrames,
    @About("The folder they go to.") @Default("checkpoints") String dir,
    @About("How many are kept, the newest ones.") @Default("3") @Range(min = 1, max = 1_000)
        int keep,
    @About("How long one may take to come through the graph; then it is given up.")
        @Default("60000")
        @Range(min = 1, max = 86_400_000)
        int timeoutMs,
    @About("Most bytes one node's state may have; a checkpoint with more fails.")
        @Default("64MiB")
        @Range(min = 1, max = 1 << 29)
        ByteSize maxNodeState,
    @About("Most bytes the states of all nodes may have together.")
        @Default("256MiB")
        @Range(min = 1, max = 1 << 29)
        ByteSize maxState) {
  public CheckpointSpec {
    if (intervalMs == 0 && everyFrames == 0) {
      throw new IllegalArgumentException(
          "interval_ms and every_frames are both 0, so there would be no checkpoint");
    }
  }
}
