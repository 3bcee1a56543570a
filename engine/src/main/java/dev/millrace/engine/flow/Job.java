package dev.millrace.engine.flow;

import dev.millrace.core.frame.Frame;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What one of several instances is given to do, and what it came to. The chain writes it and hands
/// it over, the instance writes the outcome and hands it back.
final class Job {
  final Kind kind;
  final Input.@Nullable Taken taken; // null unless these are frames
  final int from;
  final int to;
  final boolean last; // of its batch

  // The outcome; the instance's until it hands the job back.
  Made made = Made.NOTHING;
  List<Frame> letters = List.of();
  @Nullable NodeFailure failure;

  // Chain only.
  boolean done;
  boolean settled;
  int putFrames;
  int putLetters;

  enum Kind {
    FRAMES,
    IDLE,
    FINISH
  }

  private Job(Kind kind, Input.@Nullable Taken taken, int from, int to, boolean last) {
    this.kind = kind;
    this.taken = taken;
    this.from = from;
    this.to = to;
    this.last = last;
  }

  static Job frames(Input.Taken taken, int from, int to) {
    return new Job(Kind.FRAMES, taken, from, to, to == taken.size());
  }

  static Job of(Kind kind) {
    return new Job(kind, null, 0, 0, false);
  }

  /// Chain: whether all it came to has gone on.
  boolean isPut() {
    return putFrames == made.size() && putLetters == letters.size();
  }

  /// Chain: lets go of what did not go on.
  void discard() {
    made.discard(putFrames);
    if (taken != null && !settled) {
      taken.batch().giveBack(from, to);
    }
  }
}
