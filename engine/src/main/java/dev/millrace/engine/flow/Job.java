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
  final boolean last; // of its batch, or of those that were told the same at once
  final long watermark; // as it was before the batch
  final @Nullable Watermark reached; // at the end of this, where event time may have moved

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

  private Job(
      Kind kind,
      Input.@Nullable Taken taken,
      int from,
      int to,
      boolean last,
      long watermark,
      @Nullable Watermark reached) {
    this.kind = kind;
    this.taken = taken;
    this.from = from;
    this.to = to;
    this.last = last;
    this.watermark = watermark;
    this.reached = reached;
  }

  static Job frames(Input.Taken taken, int from, int to, long watermark) {
    boolean last = to == taken.size();
    return new Job(Kind.FRAMES, taken, from, to, last, watermark, last ? taken.watermark() : null);
  }

  static Job of(Kind kind, boolean last, long watermark, @Nullable Watermark reached) {
    return new Job(kind, null, 0, 0, last, watermark, reached);
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
