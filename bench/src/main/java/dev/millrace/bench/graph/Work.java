package dev.millrace.bench.graph;

import dev.millrace.core.frame.Body;
import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.Metadata;

/// The work of the three stages, the same whoever runs them: a frame is made, a changed one is made
/// of it, a sum takes it in. Little enough that the machinery around it is what is measured.
final class Work {
  /// Frames of one run.
  static final int FRAMES = 1 << 20;

  /// Frames that whoever has queues may have in each of them.
  static final int QUEUED_FRAMES = 4_096;

  private static final long EXPECTED = sum(FRAMES, 1);
  private static final int STEP = 7;

  private Work() {}

  static Frame make(int number) {
    return new Frame(number, number, Body.EMPTY, Metadata.NONE);
  }

  static Frame change(Frame frame) {
    return new Frame(
        frame.timestampMicros() + STEP, frame.sequence(), frame.body(), frame.metadata());
  }

  static long reduce(long sum, Frame frame) {
    return sum * 31 + (frame.timestampMicros() ^ frame.sequence());
  }

  /// Returns `sum` if it is that of all frames in order, each changed once.
  ///
  /// @throws IllegalStateException if a frame was lost, repeated, reordered or not changed
  static long checked(long sum) {
    return checked(sum, EXPECTED);
  }

  /// Returns `sum` if it is `expected`.
  static long checked(long sum, long expected) {
    if (sum != expected) {
      throw new IllegalStateException("the sum is " + sum + " and not " + expected);
    }
    return sum;
  }

  /// The sum of `frames` frames that were changed `changes` times each.
  static long sum(int frames, int changes) {
    long sum = 0;
    for (int number = 0; number < frames; number++) {
      sum = sum * 31 + ((number + (long) STEP * changes) ^ number);
    }
    return sum;
  }
}
