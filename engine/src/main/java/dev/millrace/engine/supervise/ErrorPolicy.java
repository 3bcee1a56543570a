package dev.millrace.engine.supervise;

import dev.millrace.core.frame.Frame;

/// What becomes of a frame that a node has failed on for good.
public sealed interface ErrorPolicy {
  ErrorPolicy PROPAGATE = new Propagate();

  /// The pipeline fails.
  record Propagate() implements ErrorPolicy {}

  /// The frame is dropped, or goes on as it came in, and the next one is handled.
  record SkipFrame(boolean forwardInput) implements ErrorPolicy {}

  /// `frame` goes on instead. Where the document leaves out its timestamp or its sequence, those of
  /// the failing frame are taken.
  record UseDefault(Frame frame, boolean ownTimestamp, boolean ownSequence) implements ErrorPolicy {

    /// What goes on in place of `failing`.
    public Frame inPlaceOf(Frame failing) {
      return new Frame(
          ownTimestamp ? frame.timestampMicros() : failing.timestampMicros(),
          ownSequence ? frame.sequence() : failing.sequence(),
          frame.body(),
          frame.metadata());
    }
  }
}
