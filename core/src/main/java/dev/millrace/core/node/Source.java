package dev.millrace.core.node;

import org.jspecify.annotations.Nullable;

/// A node that makes frames.
///
/// The engine calls [#poll] only when there is room downstream; a source that is not asked must
/// slow its peer down (stop reading the socket, leave the file where it is), never drop.
public non-sealed interface Source extends Node {

  /// Emits at most `limit` frames, fewer when fewer are there, and says what comes next. A source
  /// that runs [Execution#INLINE] never waits inside; others may, in steps that notice an
  /// interrupt.
  Progress poll(Outlet outlet, int limit) throws Exception;

  /// The position that follows everything emitted so far, or null for a source that cannot resume.
  /// Asked after each [#poll].
  @Nullable SourcePosition position();

  /// Stop bringing in new input: the pipeline drains. The next [#poll] calls should deliver what is
  /// already in hand and then return [Progress#DONE]. Called on the node's own thread.
  default void drain() {}
}
