package dev.millrace.core.node;

import dev.millrace.core.frame.Frame;

/// Where a node puts the frames it makes. Emitting never blocks: the engine asks a node for more
/// only when what it emitted has gone on. Valid only during the call it was passed to.
@FunctionalInterface
public interface Outlet {

  /// Frames one call may emit; more is a programming error and fails the node.
  int MAX_FRAMES_PER_CALL = 65_536;

  void emit(Frame frame);

  /// Emits for one branch only: edges that name `branch`, and those that name none.
  default void emit(Frame frame, String branch) {
    emit(frame);
  }
}
