package dev.millrace.engine.pipeline;

/// What a node is doing. The names, in lower case, are part of the API.
public enum NodeState {
  /// Its chain has work in hand or due.
  RUNNING,
  /// Its chain has nothing to do, or no room for what it would make.
  WAITING,
  /// It will not be called again.
  ENDED,
  /// A call of it failed, or it could not be opened.
  FAILED
}
