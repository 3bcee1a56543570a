package dev.millrace.engine.flow;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.node.SourcePosition;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// The stages of one chain in order: takes batches through them, each stage running over all frames
/// before the next begins. Where a frame has to wait in the middle of that, everything stops there
/// and [#resume] goes on. Confined to the chain's thread, except where a method says otherwise.
final class Stages {
  private final Stage[] stages;
  private final AtomicInteger active = new AtomicInteger(); // stage in hand; the watchdog reads it
  private int failedAt = -1; // the stage whose failure was thrown last

  // What is left of a batch whose frame `nextFrame` waits at stage `waitsAt`.
  private int waitsAt;
  private Frame[] waiting = new Frame[0];
  private int nextFrame;
  private int endFrame;
  private int madeBefore; // what the stage's collector held before the batch

  // Of the batch that is on its way.
  private boolean last;
  private @Nullable SourcePosition safe;
  private @Nullable Watermark water; // once it has been handled; null without event time
  private @Nullable NodeFailure failure;

  // The call to go on with behind the batch that waits, and the stage to go on from.
  private @Nullable Call cascading;
  private int cascadedTo;

  Stages(List<Stage> stages) {
    this.stages = stages.toArray(Stage[]::new);
    Collector next = null;
    for (var stage : stages.reversed()) {
      stage.out().precedes(next);
      next = stage.out();
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
      held += stage.heldFrames();
    }
    return held;
  }

  /// What event time has come to once all that is under way has been handled; each stage hears of
  /// it at the end of its batch, or at its next call.
  void watermark(@Nullable Watermark reached) {
    water = reached;
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

  /// The frames that are passed next came over this edge.
  void from(int edge) {
    stages[0].from(edge);
  }

  /// Takes frames from a channel through all stages; `last` says that the batch ends with them.
  ///
  /// @return false if one of them waits
  boolean pass(
      Frame[] frames, int from, int to, boolean endsBatch, @Nullable SourcePosition position)
      throws NodeFailure {
    return pass(frames, from, to, 0, endsBatch, position);
  }

  /// Takes one frame from outside through stage `first` and those behind it, as a batch.
  ///
  /// @return false if it waits
  boolean passTo(int first, Frame frame) throws NodeFailure {
    return pass(new Frame[] {frame}, 0, 1, first, true, null);
  }

  /// Takes what stage `first - 1` has made since its collector held `from` frames through the
  /// stages behind it, as a batch.
  ///
  /// @return false if one of them waits
  boolean passOn(int first, int from, @Nullable SourcePosition position) throws NodeFailure {
    var out = stages[first - 1].out();
    return pass(out.frames(), from, out.size(), first, true, position);
  }

  private boolean pass(
      Frame[] frames,
      int from,
      int to,
      int first,
      boolean endsBatch,
      @Nullable SourcePosition position)
      throws NodeFailure {
    last = endsBatch;
    safe = position;
    failure = null;
    int before = first < stages.length ? begin(first) : 0;
    return run(first, before, frames, from, to);
  }

  /// Goes on where a frame waited.
  ///
  /// @return false if one still waits
  boolean resume() throws NodeFailure {
    var call = cascading;
    cascading = null;
    if (!run(waitsAt, madeBefore, waiting, nextFrame, endFrame)) {
      cascading = call;
      return false;
    }
    return call == null || cascade(cascadedTo, call);
  }

  /// What has failed so far in the batch that waits; it will be thrown at the batch's end.
  @Nullable NodeFailure failureSoFar() {
    return failure;
  }

  /// Stage `first`, whose collector held `before` frames before the batch, and those behind it.
  private boolean run(int first, int before, Frame[] frames, int from, int to) throws NodeFailure {
    var in = frames;
    int start = from;
    int end = to;
    int made = before;
    for (int i = first; i < stages.length; i++) {
      active.setRelease(i);
      var stage = stages[i];
      if (i > first) {
        made = begin(i);
      }
      try {
        int next = stage.process(in, start, end);
        if (next < end) {
          waitsAt = i;
          waiting = in;
          nextFrame = next;
          endFrame = end;
          madeBefore = made;
          return false;
        }
        if (last) {
          tellWatermark(stage);
          stage.batchEnd(safe);
        }
      } catch (NodeFailure thrown) {
        // What the stage made before it failed goes on, as it would through a channel.
        note(thrown, i);
      }
      if (i > 0) {
        stages[i - 1].out().clear(); // handled, so its lent arrays may go back
      }
      in = stage.out().frames();
      start = made;
      end = stage.out().size();
    }
    var thrown = failure;
    if (thrown != null) {
      failure = null;
      throw thrown;
    }
    return true;
  }

  private void tellWatermark(Stage stage) {
    if (water != null) {
      stage.watermark(water.micros());
    }
  }

  private void note(NodeFailure thrown, int at) {
    safe = null;
    if (failure == null) {
      failure = thrown;
      failedAt = at;
    } else {
      failure.addSuppressed(thrown);
    }
  }

  /// Runs `call` on each stage from `first` on, what it makes going through the stages behind it
  /// before their turn comes.
  ///
  /// @return false if a frame waits
  boolean cascade(int first, Call call) throws NodeFailure {
    for (int i = first; i < stages.length; i++) {
      active.setRelease(i);
      int before = begin(i);
      tellWatermark(stages[i]);
      try {
        call.on(stages[i]);
      } catch (NodeFailure thrown) {
        failedAt = i;
        throw thrown;
      }
      if (stages[i].out().size() > before
          && i + 1 < stages.length
          && !passOn(i + 1, before, null)) {
        cascading = call;
        cascadedTo = i + 1;
        return false;
      }
    }
    return true;
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
      stages[i].close();
    }
    for (var stage : stages) {
      stage.out().clear();
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
