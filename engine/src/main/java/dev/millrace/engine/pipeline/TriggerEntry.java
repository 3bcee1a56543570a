package dev.millrace.engine.pipeline;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.node.Outlet;
import dev.millrace.core.node.Progress;
import dev.millrace.core.node.SourcePosition;
import dev.millrace.core.node.TriggeredSource;
import org.jspecify.annotations.Nullable;

/// What stands in front of a transform without an edge into it: passes on what comes from outside.
/// No node of the graph, so nothing of it is counted or shown.
final class TriggerEntry implements TriggeredSource {
  private boolean drained; // the chain's thread only

  @Override
  public void trigger(Frame frame, Outlet outlet) {
    outlet.emit(frame);
  }

  @Override
  public Progress poll(Outlet outlet, int limit) {
    return drained ? Progress.DONE : Progress.AWAIT;
  }

  @Override
  public @Nullable SourcePosition position() {
    return null;
  }

  @Override
  public void drain() {
    drained = true;
  }
}
