package dev.millrace.engine.flow;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.SampleBuffer;
import dev.millrace.core.frame.SampleLender;
import dev.millrace.core.node.Outlet;
import dev.millrace.engine.tap.TapPoint;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The one outlet of the engine: appends to an array that is the next stage's input. The array is
/// reused, so a frame on its way through a chain costs no allocation.
///
/// It holds the lent arrays of the frames in it once each, from [#emit] until they are cleared,
/// taken back, or [#moved] to whoever has them then. What its node was lent and did not emit goes
/// back when its calls end. Branches are kept only where an edge behind the chain names one.
///
/// Confined to the thread that runs the chain's turn.
final class Collector implements Outlet, SampleLender {
  // Beyond this an array that one large call has grown is not kept.
  private static final int KEPT_FRAMES = 4_096;

  private final List<SampleBuffer> taken = new ArrayList<>(); // in the calls that are on
  private Frame[] frames = new Frame[Batch.MAX_FRAMES];
  private @Nullable String @Nullable [] branches; // by frame, while some frame has one
  private int size;
  private int callStart;

  private int most; // what the call in hand may emit; 0 outside of calls

  // Below this size a frame is just appended: within what the call may emit, the array, and nothing
  // noted or looked at. It may stand lower than it could, since only admit() moves it on within a
  // batch.
  private int plainUntil;

  private boolean lending; // lent arrays have come by; never again false
  private boolean branching; // an edge behind the chain names a branch
  private boolean noting; // lending, or branches of the frames here are kept
  private int shown; // frames before this one have been shown to taps

  // Set before the chain runs.
  private @Nullable SampleLender pool;
  private @Nullable TapPoint tap;
  private @Nullable SampleLimit samples; // of each frame; null without a limit
  private @Nullable Collector behind; // of the next stage

  void wire(SampleLender arrays, @Nullable TapPoint taps) {
    pool = arrays;
    tap = taps;
  }

  /// The same as `other` for one of several instances: its arrays and what its frames may have, but
  /// no taps, which see what all of them made in order. Branches are kept: what is behind them all
  /// may come to name one.
  void wireLike(Collector other) {
    pool = other.pool;
    samples = other.samples;
    branching = true;
  }

  /// Before the chain runs: no frame that a node emits may have more samples.
  void limit(SampleLimit mostSamples) {
    samples = mostSamples;
  }

  /// Puts frames behind what is here that some instance has made, `made[from..to)`.
  void put(Made made, int from, int to) {
    if (made.lent()) {
      lends();
    }
    beginCalls(to - from);
    for (int i = from; i < to; i++) {
      var branch = made.branch(i);
      if (branch == null) {
        emit(made.frames()[i]);
      } else {
        emit(made.frames()[i], branch);
      }
    }
    endCalls();
    if (made.lent()) {
      Lent.release(made.frames(), from, to); // what held them on the way holds them no more
    }
  }

  /// What is here, and the hold on its arrays, is somebody else's now.
  Made takeAll() {
    var names = branches;
    var made =
        new Made(
            Arrays.copyOf(frames, size),
            names == null ? null : Arrays.copyOf(names, size),
            lending);
    moved(size);
    return made;
  }

  /// `next` is null at the end of a chain.
  void precedes(@Nullable Collector next) {
    behind = next;
    if (next != null && lending) {
      next.lends();
    }
  }

  void keepBranches() {
    branching = true;
  }

  /// Lent arrays come by, here and in the stages behind: from now on they are counted.
  void lends() {
    for (var each = this; each != null && !each.lending; each = each.behind) {
      each.lending = true;
      each.noting = true;
      each.open();
    }
  }

  /// Takes over all frames of `before`, and the hold on their arrays with them; they have been
  /// shown.
  @SuppressWarnings("ReferenceEquality") // a collector that stays has its frames already
  void adopt(Collector before) {
    if (before == this) {
      return;
    }
    if (before.lending) {
      lends();
    }
    beginCalls(before.size);
    for (int i = 0; i < before.size; i++) {
      var branch = before.branches == null ? null : before.branches[i];
      if (branch == null) {
        emit(before.frames[i]);
      } else {
        emit(before.frames[i], branch);
      }
    }
    shown = size;
    endCalls();
    before.clear();
  }

  /// Whether a frame here may have lent arrays.
  boolean lending() {
    return lending;
  }

  @Override
  public void emit(Frame frame) {
    int at = size;
    if (at >= plainUntil) {
      admit(at, frame);
    }
    frames[at] = Objects.requireNonNull(frame, "a node emitted null instead of a frame");
    size = at + 1;
  }

  @Override
  public void emit(Frame frame, String branch) {
    Objects.requireNonNull(branch, "a node emitted for the branch null");
    emit(frame);
    if (branching) {
      name(size - 1, branch);
    }
  }

  /// For the node whose outlet this is: the array is the node's until its call ends.
  ///
  /// @throws IllegalStateException outside of a call
  @Override
  public SampleBuffer take(int samples) {
    var from = pool;
    if (most == 0 || from == null) {
      throw new IllegalStateException("an array was taken outside of a call to the node");
    }
    lends();
    var buffer = from.take(samples);
    taken.add(buffer);
    return buffer;
  }

  /// Gives the trace id `id` to the frames from `from` up to `to` that have none.
  void trace(int from, int to, String id) {
    for (int i = from; i < to; i++) {
      if (Traces.idOf(frames[i]) == null) {
        frames[i] = Traces.marked(frames[i], id);
      }
    }
  }

  /// Calls of which each may emit `mostFrames` begin; the first has begun.
  void beginCalls(int mostFrames) {
    callStart = size;
    most = mostFrames;
    open();
  }

  /// The next of them begins.
  void nextCall() {
    callStart = size;
  }

  void endCalls() {
    most = 0;
    plainUntil = 0;
    takeBack();
    var taps = tap;
    if (taps != null && taps.watched()) {
      taps.show(frames, branches, shown, size);
    }
    shown = size;
  }

  /// Takes back what the call that just failed had emitted.
  void undoCall() {
    takeBack(); // before an array is released and may be lent to somebody else
    release(callStart, size);
    size = callStart;
  }

  /// Where the frames of the call in hand begin.
  int callStart() {
    return callStart;
  }

  Frame[] frames() {
    return frames;
  }

  /// The branches of the frames, null where a frame names none, or none does.
  @Nullable String @Nullable [] branches() {
    return branches;
  }

  int size() {
    return size;
  }

  /// Whether the frames fill most of their array, so that handing it over wastes little.
  boolean nearlyFull() {
    return size > frames.length / 2;
  }

  /// The array the frames are in, the caller's from now on; [#moved] follows. What comes next goes
  /// into another one.
  Frame[] handOver() {
    var filled = frames;
    frames = new Frame[filled.length];
    return filled;
  }

  /// The first `count` frames are somebody else's now, and the hold on their arrays with them.
  void moved(int count) {
    int left = size - count;
    if (left == 0) {
      empty();
      return;
    }
    System.arraycopy(frames, count, frames, 0, left);
    if (branches != null) {
      System.arraycopy(branches, count, branches, 0, left);
    }
    size = left;
    shown -= count;
  }

  /// Throws away all frames.
  void clear() {
    release(0, size);
    empty();
  }

  /// Lets go of frames that have long moved on, when nothing is likely to overwrite them soon.
  void forget() {
    Arrays.fill(frames, size, frames.length, null);
  }

  private void empty() {
    size = 0;
    shown = 0;
    if (branches != null || frames.length > KEPT_FRAMES) {
      shrink();
    }
  }

  private void shrink() {
    branches = null;
    noting = lending;
    if (frames.length > KEPT_FRAMES) {
      frames = new Frame[Batch.MAX_FRAMES];
    }
    open();
  }

  private void release(int from, int to) {
    if (lending) {
      Lent.release(frames, from, to);
    }
  }

  /// Arrays that were taken and not emitted go back.
  private void takeBack() {
    if (!taken.isEmpty()) {
      taken.forEach(SampleBuffer::close);
      taken.clear();
    }
  }

  /// Where [#emit] must do more than append: the call has emitted too much, there is no room, or
  /// something is noted about each frame, or looked at.
  private void admit(int at, Frame frame) {
    if (at >= callStart + most) {
      throw refused();
    }
    if (samples != null) {
      samples.check(Objects.requireNonNull(frame, "a node emitted null instead of a frame"));
    }
    if (at == frames.length) {
      frames = Arrays.copyOf(frames, at * 2);
    }
    open();
    if (noting) {
      note(at, Objects.requireNonNull(frame, "a node emitted null instead of a frame"));
    }
  }

  /// After the array, what is noted, or what may be emitted has changed.
  private void open() {
    boolean plain = !noting && most > 0 && samples == null;
    plainUntil = plain ? Math.min(callStart + most, frames.length) : 0;
  }

  private void note(int at, Frame frame) {
    if (lending) {
      Lent.retain(frame);
    }
    if (branches != null) {
      name(at, null);
    }
  }

  private void name(int at, @Nullable String branch) {
    var names = branches;
    if (names == null) {
      names = new @Nullable String[frames.length];
    } else if (at >= names.length) {
      names = Arrays.copyOf(names, frames.length);
    }
    names[at] = branch;
    branches = names;
    noting = true;
    open();
  }

  private IllegalStateException refused() {
    return most == 0
        ? new IllegalStateException("a frame was emitted outside of the call the outlet was for")
        : new IllegalStateException("one call emitted more than the " + most + " frames it may");
  }
}
