package dev.millrace.engine.pipeline;

import dev.millrace.engine.flow.NodeFailure;
import java.util.List;

/// What a drain came to.
public sealed interface DrainReport {

  /// Everything taken in has been handled; `frames` by the last nodes of the graph, over the whole
  /// run.
  record Clean(long frames) implements DrainReport {}

  /// Time ran out; what these nodes still had to do is discarded.
  record TimedOut(List<Left> left) implements DrainReport {
    public TimedOut {
      left = List.copyOf(left);
    }

    /// Frames discarded in all.
    public long frames() {
      return left.stream().mapToLong(Left::frames).sum();
    }
  }

  /// A node failed, before or during the drain.
  record Failed(NodeFailure failure) implements DrainReport {}

  /// A node that had not ended, and how many frames waited for it or were in its hand.
  record Left(String node, long frames) {}
}
