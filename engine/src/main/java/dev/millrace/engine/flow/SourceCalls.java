package dev.millrace.engine.flow;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.node.Outlet;
import dev.millrace.core.node.Progress;
import dev.millrace.core.node.Source;
import dev.millrace.core.node.SourcePosition;
import dev.millrace.core.node.TriggeredSource;
import org.jspecify.annotations.Nullable;

/// What only a source is called for: the part of a [Stage] that its head, or whoever runs it alone,
/// knows. Confined to the stage's thread.
final class SourceCalls {
  private final Stage stage;
  private final @Nullable Supervisor supervisor;

  SourceCalls(Stage stage) {
    this.stage = stage;
    this.supervisor = stage.supervisor();
  }

  /// Whether the source may be polled now.
  boolean mayPoll() throws NodeFailure {
    return supervisor == null || supervisor.mayPoll();
  }

  /// Leaves a failure of [#poll] to the supervisor.
  ///
  /// @throws NodeFailure if the source is not to be polled again
  void pollFailed(NodeFailure failure) throws NodeFailure {
    if (supervisor == null) {
      throw failure;
    }
    supervisor.pollFailed(failure);
  }

  /// Whether the source is about to get another instance, so that this one has nothing in hand.
  boolean restarting() {
    return supervisor != null && supervisor.restarting();
  }

  Progress poll(int limit) throws NodeFailure {
    var source = (Source) stage.node();
    var out = stage.out();
    int before = out.size();
    out.beginCalls(limit);
    try {
      var progress = source.poll(out, limit);
      if (supervisor != null) {
        supervisor.succeeded();
      }
      return progress;
    } catch (Throwable failure) {
      out.undoCall();
      throw stage.failed("poll", NodeFailure.NO_SEQUENCE, null, failure);
    } finally {
      out.endCalls();
      stage.stats().made(out.size() - before);
    }
  }

  /// Hands the source a frame from outside.
  void trigger(Frame frame) throws NodeFailure {
    var out = stage.out();
    int before = out.size();
    out.beginCalls(Outlet.MAX_FRAMES_PER_CALL);
    try {
      ((TriggeredSource) stage.node()).trigger(frame, out);
      stage.stats().handled(1);
    } catch (Throwable failure) {
      out.undoCall();
      throw stage.failed("trigger", frame.sequence(), Traces.idOf(frame), failure);
    } finally {
      out.endCalls();
      stage.stats().made(out.size() - before);
    }
  }

  @Nullable SourcePosition position() throws NodeFailure {
    try {
      return ((Source) stage.node()).position();
    } catch (Throwable failure) {
      throw stage.failed("position", NodeFailure.NO_SEQUENCE, null, failure);
    }
  }

  void drain() throws NodeFailure {
    if (restarting()) {
      return; // a source between two instances has nothing to deliver
    }
    try {
      ((Source) stage.node()).drain();
    } catch (Throwable failure) {
      throw stage.failed("drain", NodeFailure.NO_SEQUENCE, null, failure);
    }
  }
}
