package dev.millrace.gateway.wse.event;

import dev.millrace.core.json.Json;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/// The members of one JSON object, of which only those that are asked for are decoded; the others
/// keep their bytes. Of several with one name the last counts.
final class Members {
  private record Value(JsonToken kind, int from, int to) {}

  private final byte[] json;
  private final Map<String, Value> values = new LinkedHashMap<>();

  private Members(byte[] json) {
    this.json = json;
  }

  /// The object that begins at `start` and ends where `json` does; null if that is none.
  static @Nullable Members read(byte[] json, int start) {
    try (var parser = Json.parser(json, start, json.length - start)) {
      var members = new Members(json);
      parser.nextToken();
      int shift = (int) (start - parser.currentTokenLocation().getByteOffset());
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        var name = parser.currentName();
        var kind = parser.nextToken();
        int from = (int) parser.currentTokenLocation().getByteOffset() + shift;
        parser.skipChildren();
        parser.finishToken();
        int to = (int) parser.currentLocation().getByteOffset() + shift;
        members.values.put(name, new Value(kind, from, to));
      }
      return parser.nextToken() == null ? members : null;
    } catch (JacksonException broken) {
      return null; // the caller says so
    }
  }

  boolean has(String name) {
    return values.containsKey(name);
  }

  boolean isText(String name) {
    return is(name, JsonToken.VALUE_STRING);
  }

  boolean isObject(String name) {
    return is(name, JsonToken.START_OBJECT);
  }

  private boolean is(String name, JsonToken kind) {
    var value = values.get(name);
    return value != null && value.kind() == kind;
  }

  /// The decoded value, missing if there is none.
  JsonNode value(String name) {
    var value = values.get(name);
    return value == null
        ? MissingNode.getInstance()
        : Json.mapper().readTree(json, value.from(), value.to() - value.from());
  }

  /// A text that is not empty, or `otherwise`.
  String text(String name, String otherwise) {
    var text = textOrNull(name);
    return text == null ? otherwise : text;
  }

  @Nullable String textOrNull(String name) {
    if (!isText(name)) {
      return null;
    }
    var text = value(name).stringValue();
    return text.isEmpty() ? null : text;
  }

  /// The bytes of a value that is there.
  byte[] bytes(String name) {
    var value = values.get(name);
    if (value == null) {
      throw new IllegalArgumentException("there is no member " + name);
    }
    return Arrays.copyOfRange(json, value.from(), value.to());
  }

  /// The members that are not among `left`: as an object, or each with a comma in front.
  byte[] without(Set<String> left, boolean object) {
    var out = new ByteArrayOutputStream();
    boolean first = object;
    if (object) {
      out.write('{');
    }
    for (var entry : values.entrySet()) {
      if (left.contains(entry.getKey())) {
        continue;
      }
      if (!first) {
        out.write(',');
      }
      first = false;
      out.writeBytes(Json.quoted(entry.getKey()));
      out.write(':');
      out.write(json, entry.getValue().from(), entry.getValue().to() - entry.getValue().from());
    }
    if (object) {
      out.write('}');
    }
    return out.toByteArray();
  }
}
