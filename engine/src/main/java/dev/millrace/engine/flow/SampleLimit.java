package dev.millrace.engine.flow;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.Samples;
import org.jspecify.annotations.Nullable;

/// The most samples a frame may have, in all its channels together.
public record SampleLimit(int most) {

  /// A node made a frame with more; it has failed.
  static final class TooMany extends IllegalArgumentException {
    TooMany(String message) {
      super(message);
    }
  }

  /// What is wrong with the frame, as the rest of a sentence about it; null if nothing is.
  public @Nullable String objection(Frame frame) {
    if (!(frame.body() instanceof Samples samples) || samples.total() <= most) {
      return null;
    }
    return "has " + samples.total() + " samples; max_frame_samples allows " + most;
  }

  /// @throws TooMany if the frame has more
  void check(Frame frame) {
    var objection = objection(frame);
    if (objection != null) {
      throw new TooMany("a frame it made " + objection);
    }
  }
}
