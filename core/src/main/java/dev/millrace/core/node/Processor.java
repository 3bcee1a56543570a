package dev.millrace.core.node;

import dev.millrace.core.frame.Frame;
import org.jspecify.annotations.Nullable;

/// A node that takes frames: a transform or a sink.
///
/// Frames come in batches. For each batch the engine calls [#process] per frame and then
/// [#batchEnd] once; when no further batch waits it calls [#idle]; after the last one, [#finish]. A
/// processor that gathers frames hands them on in [#batchEnd] at the latest: the position of a
/// batch goes on when [#batchEnd] returns, and a frame that is still held then would be behind it.
///
/// While a frame that carries a trace id is in hand, `Correlation.id()` answers it, and frames made
/// of it inherit it. Ids are noticed where they enter: one that a node in the middle of a graph
/// invents has no effect until a source has shown one.
public non-sealed interface Processor extends Node {

  /// Handles one frame. An exception counts as this node's error for this frame.
  void process(Frame frame, Outlet outlet) throws Exception;

  /// After the last frame of a batch, also of a batch that a filter emptied. `position` is what the
  /// source may restart from once everything handled so far is safe; null when the source has none.
  default void batchEnd(@Nullable SourcePosition position, Outlet outlet) throws Exception {}

  /// No input is waiting: flush what a reader would be waiting for.
  default void idle(Outlet outlet) throws Exception {}

  /// The input has ended: nothing follows.
  default void finish(Outlet outlet) throws Exception {}

  /// Asked before each batch, and before [#finish], on the node's own thread; while false the batch
  /// waits, and with it the producer. Whoever returned false calls [NodeContext#wake] when that may
  /// have changed.
  default boolean ready() {
    return true;
  }

  /// Frames taken in that are neither handed on nor safe yet, for the report of a drain that ran
  /// out of time. Asked from any thread.
  default long heldFrames() {
    return 0;
  }
}
