package dev.millrace.signals.bridge;

import dev.millrace.core.frame.Body;
import dev.millrace.core.frame.Frame;
import dev.millrace.core.json.Json;
import dev.millrace.core.node.NodeContext;
import dev.millrace.core.node.Outlet;
import dev.millrace.core.node.Processor;
import dev.millrace.core.spec.About;
import dev.millrace.core.spec.Default;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonPointer;

/// Puts a text into a JSON object, or makes it a JSON string.
public final class TextToJson implements Processor {
  private final String before;
  private final String after;
  private @Nullable NodeContext context; // set by open

  /// The keys of a `TextToJson`.
  public record Config(
      @About(
              "Where in the object the text is put, as a JSON Pointer; objects around it are made."
                  + " Empty: the text alone, as a JSON string.")
          @Default("/text")
          String pointer) {
    public Config {
      Pointers.parse(pointer);
    }
  }

  public TextToJson(Config config) {
    var opening = new StringBuilder();
    var closing = new StringBuilder();
    for (JsonPointer at = Pointers.parse(config.pointer()); !at.matches(); at = at.tail()) {
      opening.append('{').append(Json.quote(at.getMatchingProperty())).append(':');
      closing.append('}');
    }
    before = opening.toString();
    after = closing.toString();
  }

  @Override
  public void open(NodeContext opened) {
    context = opened;
  }

  @Override
  public void process(Frame frame, Outlet outlet) {
    if (!(frame.body() instanceof Body.Text(var text))) {
      refuse("no_text", "the frame has no text");
    } else if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
      refuse("broken_text", "the text holds half of a surrogate pair, which is no character");
    } else {
      var json = before + Json.quote(text) + after;
      outlet.emit(frame.withBody(new Body.JsonBytes(json.getBytes(StandardCharsets.UTF_8))));
    }
  }

  private void refuse(String reason, String sentence) {
    Objects.requireNonNull(context, "a frame came before open").rejected(reason, sentence);
  }
}
