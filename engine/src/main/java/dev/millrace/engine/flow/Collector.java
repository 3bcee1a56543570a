package dev.millrace.engine.flow;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.node.Outlet;
import java.util.Arrays;
import java.util.Objects;

/// The one outlet of the engine: appends to an array that is the next stage's input. The array is
/// reused, so a frame on its way through a chain costs no allocation.
///
/// Confined to the thread that runs the chain's turn.
final class Collector implements Outlet {
  // Beyond this an array that one large call has grown is not kept.
  private static final int KEPT_FRAMES = 4_096;

  private Frame[] frames = new Frame[Batch.MAX_FRAMES];
  private int size;
  private int callStart;

  // The size at which the call in hand has emitted too much; 0 outside of calls.
  private int limit;

  @Override
  public void emit(Frame frame) {
    int at = size;
    if (at >= limit) {
      throw refused();
    }
    if (at == frames.length) {
      frames = Arrays.copyOf(frames, at * 2);
    }
    frames[at] = Objects.requireNonNull(frame, "a node emitted null instead of a frame");
    size = at + 1;
  }

  /// Gives the trace id `id` to the frames from `from` up to `to` that have none.
  void trace(int from, int to, String id) {
    for (int i = from; i < to; i++) {
      if (Traces.idOf(frames[i]) == null) {
        frames[i] = Traces.marked(frames[i], id);
      }
    }
  }

  void beginCall(int mostFrames) {
    callStart = size;
    limit = size + mostFrames;
  }

  void endCalls() {
    limit = 0;
  }

  /// Takes back what the call that just failed had emitted.
  void undoCall() {
    size = callStart;
  }

  /// Where the frames of the call in hand begin.
  int callStart() {
    return callStart;
  }

  Frame[] frames() {
    return frames;
  }

  int size() {
    return size;
  }

  /// Removes the first `count` frames.
  void removeFirst(int count) {
    System.arraycopy(frames, count, frames, 0, size - count);
    size -= count;
  }

  void clear() {
    size = 0;
    if (frames.length > KEPT_FRAMES) {
      frames = new Frame[Batch.MAX_FRAMES];
    }
  }

  /// Lets go of frames that have long moved on, when nothing is likely to overwrite them soon.
  void forget() {
    Arrays.fill(frames, size, frames.length, null);
  }

  private IllegalStateException refused() {
    return limit == 0
        ? new IllegalStateException("a frame was emitted outside of the call the outlet was for")
        : new IllegalStateException(
            "one call emitted more than the " + (limit - callStart) + " frames it may");
  }
}
