package dev.millrace.engine.flow;

import dev.millrace.core.node.NodeContext;

/// How far event time has come on one way: frames older than `micros`, microseconds since the Unix
/// epoch, have come, as far as their sources can say; [NodeContext#NO_WATERMARK] while that is
/// unknown. `idle` says that the sources are quiet or have ended, so that nobody waits for them.
public record Watermark(long micros, boolean idle) {
  /// Before anything was told.
  static final Watermark UNKNOWN = new Watermark(NodeContext.NO_WATERMARK, false);
}
