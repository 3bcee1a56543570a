package dev.millrace.signals.bridge;

import dev.millrace.core.frame.Body;
import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.FrameJson;
import dev.millrace.core.json.Json;
import dev.millrace.core.node.NodeContext;
import dev.millrace.core.node.Outlet;
import dev.millrace.core.node.Processor;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/// Hands on each frame with its own JSON form as the body.
public final class SamplesToJson implements Processor {
  private @Nullable NodeContext context; // set by open

  /// There is nothing to choose.
  public record Config() {}

  public SamplesToJson(Config config) {
    Objects.requireNonNull(config);
  }

  @Override
  public void open(NodeContext opened) {
    context = opened;
  }

  @Override
  public void process(Frame frame, Outlet outlet) {
    var here = Objects.requireNonNull(context, "a frame came before open");
    if (frame.body() instanceof Body.JsonBytes json && Json.kindOf(json.bytes()) == null) {
      here.rejected("broken_json", Json.complaint(json.bytes()));
      return;
    }
    byte[] bytes;
    try {
      bytes = FrameJson.write(frame);
    } catch (JacksonException unwritable) {
      here.rejected("unwritable", unwritable.getOriginalMessage());
      return;
    }
    outlet.emit(frame.withBody(new Body.JsonBytes(bytes)));
  }
}
