package dev.millrace.testkit.node;

import dev.millrace.core.frame.Body;
import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.Samples;
import java.util.Arrays;
import java.util.List;

/// Frames as text that is equal exactly when the frames say the same, down to each sample: arrays
/// compare by content here, unlike in a record.
public final class FrameText {
  private FrameText() {}

  public static String of(Frame frame) {
    return "#"
        + frame.sequence()
        + " @"
        + frame.timestampMicros()
        + " "
        + of(frame.body())
        + " "
        + frame.metadata().entries();
  }

  /// One line per frame.
  public static List<String> of(List<Frame> frames) {
    return frames.stream().map(FrameText::of).toList();
  }

  private static String of(Body body) {
    return switch (body) {
      case Body.Empty() -> "empty";
      case Body.Text(var text) -> "text " + text;
      case Body.JsonBytes json -> "json " + json;
      case Samples samples -> {
        var text = new StringBuilder("samples");
        samples
            .channels()
            .forEach(
                (name, values) ->
                    text.append(' ').append(name).append('=').append(Arrays.toString(values)));
        yield text.toString();
      }
    };
  }
}
