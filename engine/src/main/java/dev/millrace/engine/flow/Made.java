package dev.millrace.engine.flow;

import dev.millrace.core.frame.Frame;
import org.jspecify.annotations.Nullable;

/// Frames on their way from one of several instances of a node to the end of its chain. `branches`
/// is null where no frame was emitted for one. Whoever has it holds the frames' arrays once if
/// `lent`.
record Made(Frame[] frames, @Nullable String @Nullable [] branches, boolean lent) {
  static final Made NOTHING = new Made(new Frame[0], null, false);

  int size() {
    return frames.length;
  }

  @Nullable String branch(int index) {
    return branches == null ? null : branches[index];
  }

  /// Lets go of the frames from `from` on.
  void discard(int from) {
    if (lent) {
      Lent.release(frames, from, frames.length);
    }
  }
}
