package dev.millrace.engine.flow;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.node.Processor;
import dev.millrace.core.node.SourcePosition;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// The stages of one chain in order: takes batches through them, each stage running over all frames
/// before the next begins. Confined to the chain's thread, except where a method says otherwise.
final class Stages {
  private final Stage[] stages;
  private final AtomicInteger active = new AtomicInteger(); // stage in hand; the watchdog reads it
  private int failedAt = -1; // the stage whose failure was thrown last

  Stages(List<Stage> stages) {
    this.stages = stages.toArray(Stage[]::new);
    for (int i = 1; i < this.stages.length; i++) {
      this.stages[i - 1].out().precedes(this.stages[i].out());
    }
  }

  /// What is done with each stage in turn.
  @FunctionalInterface
  interface Call {
    void on(Stage stage) throws NodeFailure;
  }

  /// Any thread.
  List<Stage> list() {
    return List.of(stages);
  }

  int count() {
    return stages.length;
  }

  /// The first stage, noted as at work.
  Stage enterFirst() {
    active.setRelease(0);
    return stages[0];
  }

  /// What the first stage has made.
  Collector beginning() {
    return stages[0].out();
  }

  /// What the last stage has made.
  Collector end() {
    return stages[stages.length - 1].out();
  }

  /// Any thread: the stage that is, or was last, at work.
  Stage active() {
    return stages[active.getAcquire()];
  }

  /// The stage whose failure was thrown last, else the one at work.
  int failedAt() {
    return failedAt < 0 ? active.getPlain() : failedAt;
  }

  /// Any thread: frames that nodes took in and still hold.
  long heldFrames() {
    long held = 0;
    for (var stage : stages) {
      held += stage.node() instanceof Processor processor ? processor.heldFrames() : 0;
    }
    return held;
  }

  boolean ready(int first) throws NodeFailure {
    for (int i = first; i < stages.length; i++) {
      active.setRelease(i);
      if (!stages[i].ready()) {
        return false;
      }
    }
    return true;
  }

  /// Takes frames from a channel through all stages; `last` says that the batch ends with them.
  void pass(Frame[] frames, int from, int to, boolean last, @Nullable SourcePosition position)
      throws NodeFailure {
    pass(frames, from, to, 0, last, position);
  }

  /// Takes what stage `first - 1` has made since its collector held `from` frames through the
  /// stages behind it, as a batch.
  void passOn(int first, int from, @Nullable SourcePosition position) throws NodeFailure {
    var out = stages[first - 1].out();
    pass(out.frames(), from, out.size(), first, true, position);
  }

  private void pass(
      Frame[] frames, int from, int to, int first, boolean last, @Nullable SourcePosition position)
      throws NodeFailure {
    var in = frames;
    int start = from;
    int end = to;
    var safe = position;
    NodeFailure failure = null;
    for (int i = first; i < stages.length; i++) {
      active.setRelease(i);
      var stage = stages[i];
      int before = begin(i);
      try {
        stage.process(in, start, end);
        if (last) {
          stage.batchEnd(safe);
        }
      } catch (NodeFailure thrown) {
        // What the stage made before it failed goes on, as it would through a channel.
        safe = null;
        if (failure == null) {
          failure = thrown;
          failedAt = i;
        } else {
          failure.addSuppressed(thrown);
        }
      }
      if (i > 0) {
        stages[i - 1].out().clear(); // handled, so its lent arrays may go back
      }
      in = stage.out().frames();
      start = before;
      end = stage.out().size();
    }
    if (failure != null) {
      throw failure;
    }
  }

  /// Runs `call` on each stage from `first` on, what it makes going through the stages behind it
  /// before their turn comes.
  void cascade(int first, Call call) throws NodeFailure {
    for (int i = first; i < stages.length; i++) {
      active.setRelease(i);
      int before = begin(i);
      try {
        call.on(stages[i]);
      } catch (NodeFailure failure) {
        failedAt = i;
        throw failure;
      }
      if (stages[i].out().size() > before && i + 1 < stages.length) {
        passOn(i + 1, before, null);
      }
    }
  }

  /// Lets go of frames that have moved on; nothing will soon overwrite them.
  void forget() {
    for (var stage : stages) {
      stage.out().forget();
    }
  }

  /// Shows what was counted to other threads.
  void publish() {
    for (var stage : stages) {
      stage.stats().publish();
    }
  }

  void close() {
    for (int i = 0; i < stages.length; i++) {
      active.setRelease(i);
      stages[i].out().clear();
      stages[i].close();
    }
  }

  /// Empties the collector of stage `i`, except the last, whose frames wait for the channels.
  private int begin(int i) {
    var out = stages[i].out();
    if (i < stages.length - 1) {
      out.clear();
    }
    return out.size();
  }
}
