package dev.millrace.control.log;

import java.lang.invoke.VarHandle;

/// Whether the writer rests, so that whoever logs wakes it, and only then. Of both, one sees what
/// the other wrote: the writer looks into the queue after [#begin], whoever logs offers before
/// [#mustWake].
final class Rest {
  private volatile boolean resting; // set by the writer, cleared by both

  /// From now on the writer is to be woken. It looks once more whether it may rest, and ends the
  /// rest whatever comes of it.
  void begin() {
    resting = true;
  }

  void end() {
    resting = false;
  }

  /// Whether the writer must be woken for what the caller has just offered.
  boolean mustWake() {
    // The offer that begins a new chunk of the queue ends with a plain release, which the look
    // below could overtake; and until it is seen, the queue calls itself empty.
    VarHandle.fullFence();
    if (!resting) {
      return false;
    }
    resting = false;
    return true;
  }
}
