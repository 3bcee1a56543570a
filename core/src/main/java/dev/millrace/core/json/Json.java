package dev.millrace.core.json;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The one JSON factory of the process, with its limits: nesting at most [#MAX_DEPTH], numbers at
/// most 1,000 digits. Safe from any thread.
public final class Json {
  /// Objects and arrays inside one another; deeper input is refused, not followed.
  public static final int MAX_DEPTH = 200;

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxNumberLength(1_000)
                  .maxStringLength(64 << 20)
                  .build())
          // The bytes of one message must not be quoted in another's error.
          .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
          // Bytes go out as they came in, so UTF-16 and byte order marks must not pass for JSON.
          .disable(TokenStreamFactory.Feature.CHARSET_DETECTION)
          .build();

  private static final JsonMapper MAPPER = JsonMapper.builder(FACTORY).build();

  private Json() {}

  public static JsonMapper mapper() {
    return MAPPER;
  }

  /// A streaming parser over `length` bytes from `offset`; the array must not change meanwhile.
  public static JsonParser parser(byte[] bytes, int offset, int length) {
    return FACTORY.createParser(ObjectReadContext.empty(), bytes, offset, length);
  }

  public static JsonParser parser(byte[] bytes) {
    return parser(bytes, 0, bytes.length);
  }

  /// The tree of one JSON value.
  ///
  /// @throws tools.jackson.core.JacksonException if the bytes are anything else
  public static JsonNode tree(byte[] bytes) {
    return MAPPER.readTree(bytes);
  }

  public static byte[] bytes(JsonNode node) {
    return MAPPER.writeValueAsBytes(node);
  }

  public static JsonGenerator generator(java.io.OutputStream out) {
    return MAPPER.createGenerator(out);
  }

  /// Whether `bytes` are well-formed UTF-8. The parser lets some forms pass that text frames must
  /// not carry, so whoever cuts a value out of a larger input asks here first.
  public static boolean isUtf8(byte[] bytes) {
    return isUtf8(bytes, bytes.length);
  }

  /// The same of the bytes up to `end`.
  public static boolean isUtf8(byte[] bytes, int end) {
    return Utf8.isWellFormed(bytes, end);
  }

  /// Reads `bytes` to the end and returns what the value is, or null when they are not exactly one
  /// JSON value within the limits, in well-formed UTF-8. Allocates no tree.
  public static @Nullable Kind kindOf(byte[] bytes) {
    if (!isUtf8(bytes)) {
      return null;
    }
    try (var parser = parser(bytes)) {
      var first = parser.nextToken();
      if (first == null) {
        return null;
      }
      parser.skipChildren();
      if (!first.isStructStart()) {
        parser.getValueAsString(); // scalars are decoded lazily, so ask
      }
      return parser.nextToken() == null ? Kind.of(first) : null;
    } catch (tools.jackson.core.JacksonException broken) {
      return null;
    }
  }

  /// Why `bytes` are not one JSON value, in words that quote nothing of them.
  public static String complaint(byte[] bytes) {
    if (!isUtf8(bytes)) {
      return "the body is not UTF-8";
    }
    try (var parser = parser(bytes)) {
      if (parser.nextToken() == null) {
        return "the body is empty";
      }
      parser.skipChildren();
      return parser.nextToken() == null
          ? "the value could not be read"
          : "something follows the first value, at byte "
              + parser.currentTokenLocation().getByteOffset();
    } catch (StreamReadException broken) {
      return broken.getOriginalMessage() + ", near byte " + broken.getLocation().getByteOffset();
    } catch (tools.jackson.core.JacksonException broken) {
      return broken.getOriginalMessage();
    }
  }

  /// `text` as a JSON string, quotes included.
  public static String quote(String text) {
    return MAPPER.writeValueAsString(text);
  }

  /// UTF-8 of `text` as a JSON string, quotes included.
  public static byte[] quoted(String text) {
    return quote(text).getBytes(StandardCharsets.UTF_8);
  }

  /// What a JSON value is.
  public enum Kind {
    OBJECT,
    ARRAY,
    SCALAR;

    private static Kind of(JsonToken first) {
      return switch (first) {
        case START_OBJECT -> OBJECT;
        case START_ARRAY -> ARRAY;
        default -> SCALAR;
      };
    }
  }
}
