package dev.millrace.engine.flow;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.trace.Correlation;
import java.util.Objects;

/// Gives one frame in so many of a source a trace id of 16 hex digits; a frame that brings an id,
/// such as its request's, keeps it. Confined to the chain's thread.
final class TraceSampler {
  private final Stage source;
  private final Tracing tracing;
  private int passed; // frames since the last one whose turn it was

  TraceSampler(Stage source) {
    this.source = source;
    this.tracing = source.tracing();
  }

  /// Looks at what a poll has made: the frames in the source's collector from `from` on.
  void sample(int from) {
    var made = source.out();
    int step = tracing.every();
    if (step > 0) {
      mark(made, from, step);
    }
    if (!tracing.begun() && Traces.next(made.frames(), from, made.size()) < made.size()) {
      tracing.begin();
    }
    if (tracing.begun()) {
      note(made, from);
    }
  }

  private void mark(Collector made, int from, int step) {
    int size = made.size();
    passed += size - from;
    if (passed < step) {
      return;
    }
    int at = Math.max(from, size - passed + step - 1);
    for (; at < size; at += step) {
      made.trace(at, at + 1, Tracing.freshId());
      begins(made.frames()[at]);
      passed = size - 1 - at;
    }
  }

  private void begins(Frame frame) {
    var traced = Traces.idOf(frame);
    if (traced != null) {
      Correlation.run(traced, () -> source.fate().lines().made(traced, frame));
    }
  }

  /// Frames that the source made, from `from` on, may bear ids.
  private void note(Collector made, int from) {
    var provenance = tracing.provenance();
    if (provenance == null) {
      return;
    }
    var frames = made.frames();
    var branches = made.branches();
    int size = made.size();
    for (int at = Traces.next(frames, from, size);
        at < size;
        at = Traces.next(frames, at + 1, size)) {
      var trace = Objects.requireNonNull(Traces.idOf(frames[at]));
      provenance.created(source.id(), trace, frames[at], branches == null ? null : branches[at]);
    }
  }
}
