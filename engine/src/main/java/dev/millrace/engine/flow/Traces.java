package dev.millrace.engine.flow;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.Metadata;
import dev.millrace.core.trace.Correlation;
import org.jspecify.annotations.Nullable;

/// The trace id in a frame's metadata.
final class Traces {
  private Traces() {}

  /// The frame's id, or null. Most frames share the one empty metadata, so that finding none costs
  /// a comparison.
  @SuppressWarnings("ReferenceEquality")
  static @Nullable String idOf(Frame frame) {
    return frame.metadata() == Metadata.NONE
        ? null
        : frame.metadata().entries().get(Correlation.METADATA_KEY);
  }

  static Frame marked(Frame frame, String id) {
    return frame.withMetadata(frame.metadata().with(Correlation.METADATA_KEY, id));
  }

  /// The index of the first of `frames[from..to)` that bears an id, `to` if none does.
  static int next(Frame[] frames, int from, int to) {
    int at = from;
    while (at < to && idOf(frames[at]) == null) {
      at++;
    }
    return at;
  }
}
