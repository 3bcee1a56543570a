package dev.millrace.signals.bridge;

import dev.millrace.core.node.DataType;
import dev.millrace.core.node.NodeType;
import dev.millrace.core.node.Palette;
import java.util.List;

/// The node types of this package.
public final class BridgeTypes {
  public static final NodeType<SamplesToJson.Config> SAMPLES_TO_JSON =
      NodeType.transform(
              "SamplesToJson",
              "Puts each frame's JSON form in place of its samples.",
              SamplesToJson.Config.class,
              SamplesToJson::new)
          .alsoCalled("samplestojson", "samples_to_json")
          .asStateless()
          .shownAs(bridge("Samples to JSON", DataType.ANY, DataType.JSON));

  public static final NodeType<SamplesFromJson.Config> SAMPLES_FROM_JSON =
      NodeType.transform(
              "SamplesFromJson",
              "Reads samples from JSON: a frame's JSON form, or chosen fields of an object.",
              SamplesFromJson.Config.class,
              SamplesFromJson::new)
          .alsoCalled("samplesfromjson", "samples_from_json")
          .asStateless()
          .shownAs(bridge("Samples from JSON", DataType.JSON, DataType.AUDIO_FRAME));

  public static final NodeType<TextToJson.Config> TEXT_TO_JSON =
      NodeType.transform(
              "TextToJson",
              "Puts a text into a JSON object.",
              TextToJson.Config.class,
              TextToJson::new)
          .alsoCalled("texttojson", "text_to_json")
          .asStateless()
          .shownAs(bridge("Text to JSON", DataType.TEXT, DataType.JSON));

  public static final NodeType<JsonToText.Config> JSON_TO_TEXT =
      NodeType.transform(
              "JsonToText", "Takes a text out of JSON.", JsonToText.Config.class, JsonToText::new)
          .alsoCalled("jsontotext", "json_to_text")
          .asStateless()
          .shownAs(bridge("JSON to Text", DataType.JSON, DataType.TEXT));

  public static final List<NodeType<?>> ALL =
      List.of(SAMPLES_TO_JSON, SAMPLES_FROM_JSON, TEXT_TO_JSON, JSON_TO_TEXT);

  private BridgeTypes() {}

  private static Palette bridge(String title, DataType in, DataType out) {
    return new Palette(title, Palette.Category.PROCESSORS, in, out);
  }
}
