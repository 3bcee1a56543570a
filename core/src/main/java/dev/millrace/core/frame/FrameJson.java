package dev.millrace.core.frame;

import dev.millrace.core.document.Tree;
import dev.millrace.core.json.Json;
import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.problem.Problems;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JsonGenerator;

/// A frame as JSON: `{"timestamp": 0, "sequence_id": 0, "payload": {…}, "metadata": {…}}`.
///
/// `timestamp` (microseconds) and `sequence_id` are unsigned 64-bit numbers. `payload` maps
/// channels, in the order of their names' code points, to arrays of numbers; those that are not
/// finite are the strings `"NaN"`, `"Infinity"` and `"-Infinity"`, and reading gives the very
/// binary64 that was written. `tags`, left out where there are none, is a list of `{offset, key,
/// value}`. A body of text has `text` in place of `payload`; a body of JSON has `json`, which holds
/// the value byte for byte. An empty body and one without channels are both an empty `payload`, and
/// are read as an empty body. Every key may be left out; no other is read, and none twice.
public final class FrameJson {
  static final String TIMESTAMP = "timestamp";
  static final String SEQUENCE = "sequence_id";
  static final String PAYLOAD = "payload";
  static final String TAGS = "tags";
  static final String TEXT = "text";
  static final String JSON = "json";
  static final String METADATA = "metadata";
  static final List<String> KEYS =
      List.of(TIMESTAMP, SEQUENCE, PAYLOAD, TAGS, TEXT, JSON, METADATA);

  private static final String NOT_A_NUMBER = "NaN";
  private static final String INFINITY = "Infinity";
  private static final String MINUS_INFINITY = "-Infinity";

  private FrameJson() {}

  public static byte[] write(Frame frame) {
    var out = new ByteArrayOutputStream(256);
    try (var json = Json.generator(out)) {
      write(frame, json);
    }
    return out.toByteArray();
  }

  /// Writes one object and leaves `json` open.
  ///
  /// @throws tools.jackson.core.JacksonException if `json` cannot be written, or a text of the
  ///     frame holds half of a surrogate pair
  public static void write(Frame frame, JsonGenerator json) {
    json.writeStartObject();
    json.writeName(TIMESTAMP);
    writeUnsigned(frame.timestampMicros(), json);
    json.writeName(SEQUENCE);
    writeUnsigned(frame.sequence(), json);
    switch (frame.body()) {
      case Samples samples -> writeSamples(samples, json);
      case Body.Text(var text) -> json.writeStringProperty(TEXT, text);
      case Body.JsonBytes value -> {
        json.writeName(JSON);
        json.writeRawValue(new String(value.bytes(), StandardCharsets.UTF_8));
      }
      case Body.Empty() -> json.writeObjectPropertyStart(PAYLOAD).writeEndObject();
    }
    json.writeObjectPropertyStart(METADATA);
    frame.metadata().entries().forEach(json::writeStringProperty);
    json.writeEndObject();
    json.writeEndObject();
  }

  /// The frame that `bytes` are the JSON form of.
  ///
  /// @throws ProblemException with code `E_FRAME` that says what is wrong and, as a pointer, where
  public static Frame read(byte[] bytes) throws ProblemException {
    return new FrameJsonReader(bytes).read();
  }

  /// The frame that stands in a document, or empty after adding what is wrong with it.
  public static Optional<Frame> read(Tree.Mapping given, Problems problems) {
    var out = new ByteArrayOutputStream(256);
    try (var json = Json.generator(out)) {
      write(given, json);
    }
    try {
      return Optional.of(read(out.toByteArray()));
    } catch (ProblemException broken) {
      var problem = broken.problem();
      problems.error(
          problem.code(), within(given, problem.location()), problem.what(), problem.fix());
      return Optional.empty();
    }
  }

  /// What a number that JSON cannot write is written as; null for any other text.
  static @org.jspecify.annotations.Nullable Double notFinite(String text) {
    return switch (text) {
      case NOT_A_NUMBER -> Double.NaN;
      case INFINITY -> Double.POSITIVE_INFINITY;
      case MINUS_INFINITY -> Double.NEGATIVE_INFINITY;
      default -> null;
    };
  }

  private static void writeSamples(Samples samples, JsonGenerator json) {
    json.writeObjectPropertyStart(PAYLOAD);
    for (int channel = 0; channel < samples.count(); channel++) {
      json.writeArrayPropertyStart(samples.name(channel));
      for (double sample : samples.channel(channel)) {
        writeSample(sample, json);
      }
      json.writeEndArray();
    }
    json.writeEndObject();
    if (!samples.tags().isEmpty()) {
      json.writeArrayPropertyStart(TAGS);
      for (var tag : samples.tags()) {
        json.writeStartObject()
            .writeNumberProperty("offset", tag.offset())
            .writeStringProperty("key", tag.key())
            .writeStringProperty("value", tag.value())
            .writeEndObject();
      }
      json.writeEndArray();
    }
  }

  private static void writeSample(double sample, JsonGenerator json) {
    if (Double.isFinite(sample)) {
      json.writeNumber(sample);
    } else if (Double.isNaN(sample)) {
      json.writeString(NOT_A_NUMBER);
    } else {
      json.writeString(sample > 0 ? INFINITY : MINUS_INFINITY);
    }
  }

  private static void writeUnsigned(long bits, JsonGenerator json) {
    if (bits >= 0) {
      json.writeNumber(bits);
    } else {
      json.writeNumber(new BigInteger(Long.toUnsignedString(bits)));
    }
  }

  private static void write(Tree tree, JsonGenerator json) {
    switch (tree) {
      case Tree.Mapping mapping -> {
        json.writeStartObject();
        mapping
            .entries()
            .forEach(
                (key, value) -> {
                  json.writeName(key);
                  write(value, json);
                });
        json.writeEndObject();
      }
      case Tree.Sequence sequence -> {
        json.writeStartArray();
        sequence.items().forEach(item -> write(item, json));
        json.writeEndArray();
      }
      case Tree.Scalar scalar -> {
        switch (scalar.value()) {
          case null -> json.writeNull();
          case Boolean flag -> json.writeBoolean(flag);
          case Long number -> json.writeNumber(number);
          case BigInteger number -> json.writeNumber(number);
          case Double number -> writeSample(number, json);
          case Object text -> json.writeString(text.toString());
        }
      }
    }
  }

  /// The place in the document of the place in the frame.
  private static Location within(Tree.Mapping frame, Location inside) {
    Tree at = frame;
    for (var step : inside.pointer().split("/", -1)) {
      var key = step.replace("~1", "/").replace("~0", "~");
      if (at instanceof Tree.Mapping mapping) {
        at = mapping.entries().getOrDefault(key, at);
      } else if (at instanceof Tree.Sequence sequence && key.matches("[0-9]{1,9}")) {
        at = sequence.items().get(Integer.parseInt(key));
      }
    }
    return at.location();
  }
}
