package dev.millrace.signals.bridge;

import dev.millrace.core.frame.Body;
import dev.millrace.core.frame.Frame;
import dev.millrace.core.json.Json;
import dev.millrace.core.node.NodeContext;
import dev.millrace.core.node.Outlet;
import dev.millrace.core.node.Processor;
import dev.millrace.core.spec.About;
import dev.millrace.core.spec.Default;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;

/// Takes a text out of a JSON body. A value that is no string becomes its JSON; a missing one is
/// refused and counted.
public final class JsonToText implements Processor {
  private final JsonPointer pointer;
  private @Nullable NodeContext context; // set by open

  /// The keys of a `JsonToText`.
  public record Config(
      @About("Where the text stands, as a JSON Pointer; empty: the whole value.") @Default("/text")
          String pointer) {
    public Config {
      Pointers.parse(pointer);
    }
  }

  public JsonToText(Config config) {
    this.pointer = Pointers.parse(config.pointer());
  }

  @Override
  public void open(NodeContext opened) {
    context = opened;
  }

  @Override
  public void process(Frame frame, Outlet outlet) {
    if (!(frame.body() instanceof Body.JsonBytes json)) {
      refuse("no_json", "the frame has no JSON body");
      return;
    }
    JsonNode value;
    try {
      value = json.tree().at(pointer);
    } catch (JacksonException broken) {
      refuse("broken_json", Json.complaint(json.bytes()));
      return;
    }
    if (value.isMissingNode() || value.isNull()) {
      refuse("no_text", "there is nothing at " + pointer);
      return;
    }
    var text = value.isString() ? value.stringValue() : value.toString();
    outlet.emit(frame.withBody(new Body.Text(text)));
  }

  private void refuse(String reason, String sentence) {
    Objects.requireNonNull(context, "a frame came before open").rejected(reason, sentence);
  }
}
