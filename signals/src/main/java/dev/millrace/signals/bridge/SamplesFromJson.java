package dev.millrace.signals.bridge;

import dev.millrace.core.frame.Body;
import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.FrameJson;
import dev.millrace.core.frame.Metadata;
import dev.millrace.core.frame.Samples;
import dev.millrace.core.json.Json;
import dev.millrace.core.node.NodeContext;
import dev.millrace.core.node.Outlet;
import dev.millrace.core.node.Processor;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.spec.About;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;

/// Reads samples out of a JSON body. The frame keeps its timestamp and sequence; of a frame's JSON
/// form it takes channels, tags and metadata. What cannot be read is refused and counted.
public final class SamplesFromJson implements Processor {
  private final Map<String, JsonPointer> fields = new LinkedHashMap<>();
  private @Nullable NodeContext context; // set by open

  /// The keys of a `SamplesFromJson`.
  public record Config(
      @About(
              "Channels and where their samples stand, as JSON Pointers: {price: /p, volume: /v}."
                  + " A number is one sample, a list of numbers as many. Empty: the body is a"
                  + " frame's JSON form.")
          Map<String, String> fields) {
    public Config {
      fields.values().forEach(Pointers::parse);
    }
  }

  public SamplesFromJson(Config config) {
    config.fields().forEach((name, pointer) -> fields.put(name, Pointers.parse(pointer)));
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
    var read = fields.isEmpty() ? whole(frame, json) : chosen(frame, json);
    if (read != null) {
      outlet.emit(read);
    }
  }

  private @Nullable Frame whole(Frame frame, Body.JsonBytes json) {
    try {
      var form = FrameJson.read(json.bytes());
      return frame.withBody(form.body()).withMetadata(union(frame.metadata(), form.metadata()));
    } catch (ProblemException broken) {
      var problem = broken.problem();
      refuse("no_frame", problem.what() + " " + problem.location().pointer());
      return null;
    }
  }

  private @Nullable Frame chosen(Frame frame, Body.JsonBytes json) {
    JsonNode tree;
    try {
      tree = json.tree();
    } catch (JacksonException broken) {
      refuse("broken_json", Json.complaint(json.bytes()));
      return null;
    }
    var channels = new LinkedHashMap<String, double[]>();
    for (var field : fields.entrySet()) {
      var samples = samples(tree.at(field.getValue()));
      if (samples == null) {
        refuse("no_number", "there is no number, nor a list of them, at " + field.getValue());
        return null;
      }
      channels.put(field.getKey(), samples);
    }
    return frame.withBody(Samples.of(channels));
  }

  private static double @Nullable [] samples(JsonNode value) {
    if (value.isNumber()) {
      return new double[] {value.doubleValue()};
    }
    if (!value.isArray()) {
      return null;
    }
    var samples = new double[value.size()];
    for (int i = 0; i < samples.length; i++) {
      var item = value.get(i);
      if (!item.isNumber()) {
        return null;
      }
      samples[i] = item.doubleValue();
    }
    return samples;
  }

  private static Metadata union(Metadata frame, Metadata form) {
    if (form.entries().isEmpty()) {
      return frame;
    }
    var all = new TreeMap<>(frame.entries());
    all.putAll(form.entries());
    return new Metadata(all);
  }

  private void refuse(String reason, String sentence) {
    Objects.requireNonNull(context, "a frame came before open").rejected(reason, sentence);
  }
}
