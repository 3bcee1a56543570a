package dev.millrace.bench.graph;

import dev.millrace.core.frame.Body;
import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.Metadata;

/// The work of the three stages, the same whoever runs them: a frame is made, a changed one is made
/// of it, a sum takes it in. Little enough that the machinery around it is what is measured.
final class Work {
  /// Frames of one run.
  static final int FRAMES = 1 << 20;

  private static final long EXPECTED = expected();

  private Work() {}

  static Frame make(int number) {
    return new Frame(number, number, Body.EMPTY, Metadata.NONE);
  }

  static Frame change(Frame frame) {
    return new Frame(frame.timestampMicros() + 7, frame.sequence(), frame.body(), frame.metadata());
  }

  static long reduce(long sum, Frame frame) {
    return sum * 31 + (frame.timestampMicros() ^ frame.sequence());
  }

  /// Returns `sum` if it is that of all frames in order.
  ///
  /// @throws IllegalStateException if a frame was lost, repeated, reordered or not changed
  static long checked(long sum) {
    if (sum != EXPECTED) {
      throw new IllegalStateException("the sum is " + sum + " and not " + EXPECTED);
    }
    return sum;
  }

  private static long expected() {
    long sum = 0;
    for (int number = 0; number < FRAMES; number++) {
      sum = sum * 31 + ((number + 7L) ^ number);
    }
    return sum;
  }
}
