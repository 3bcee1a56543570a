package dev.millrace.engine.pipeline;

/// What came of putting a frame in front of a node once more.
public sealed interface ReplayOutcome {

  /// It waits for the node, as `trace`.
  record Replayed(String trace) implements ReplayOutcome {}

  /// It was not taken, and why.
  record Refused(Reason reason, String sentence) implements ReplayOutcome {}

  /// Why a frame is not taken.
  enum Reason {
    /// The pipeline does not run, is being changed, or the node has ended.
    NOT_RUNNING,
    /// The graph has no such edge, or no such frame is kept.
    UNKNOWN,
    /// The frame is not one that may flow here.
    BAD_FRAME,
    /// As many as may wait are waiting.
    FULL
  }
}
