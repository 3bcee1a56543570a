package dev.millrace.engine.pipeline;

/// What becomes of the `checkpoint` of a graph in one run of it.
public enum Checkpoints {
  /// There are none: the run is one of several, or nobody would go on from it.
  NONE,
  /// The run goes on from the newest, and makes further ones.
  CONTINUE,
  /// The run begins anew and makes its own; those that are there are removed.
  ANEW
}
