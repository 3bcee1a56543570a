package dev.millrace.gateway.wse;

import dev.millrace.core.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// Reads one message from a client: `{…}` with or without a category in front, or a short ping.
/// Never throws, whatever the bytes are.
final class InboundDecoder {
  private static final int LONGEST_SHORT_FORM = 40;

  private InboundDecoder() {}

  /// Reads a message that is kept.
  static Inbound decode(byte[] bytes) {
    return decode(bytes, bytes.length, Inbound.Request.kept(), false);
  }

  /// Reads the message that stands up to `end` in `bytes`. If it is a usual one it is `into`, and
  /// refers to the bytes. `text` says that they are known to be UTF-8.
  static Inbound decode(byte[] bytes, int end, Inbound.Request into, boolean text) {
    int start = objectStart(bytes, end);
    if (start >= 0 && (text || JsonScanner.isText(bytes, end))) {
      var usual = EnvelopeScanner.scan(bytes, start, end, into);
      if (usual != null) {
        return usual;
      }
    }
    return unusual(Arrays.copyOf(bytes, end), start);
  }

  private static Inbound unusual(byte[] bytes, int start) {
    if (start < 0) {
      return shortForm(bytes);
    }
    return Json.isUtf8(bytes)
        ? envelope(bytes, start)
        : new Inbound.Malformed("the message is not UTF-8");
  }

  /// Whether the bytes look like a ping, at a glance: pings are answered even beyond the limit.
  static boolean looksLikePing(byte[] bytes, int end) {
    int length = Math.min(end, LONGEST_SHORT_FORM);
    var head = new String(bytes, 0, length, StandardCharsets.ISO_8859_1).toLowerCase(Locale.ROOT);
    return head.contains("\"t\":\"ping\"")
        || head.startsWith("ping")
        || head.startsWith("wse:ping");
  }

  /// Where the `{` stands, behind a category or none; -1 for neither.
  private static int objectStart(byte[] bytes, int end) {
    if (end > 0 && bytes[0] == '{') {
      return 0;
    }
    if (end > 1 && bytes[1] == '{' && (bytes[0] == 'U' || bytes[0] == 'S')) {
      return 1;
    }
    boolean wse =
        end > 3 && bytes[0] == 'W' && bytes[1] == 'S' && bytes[2] == 'E' && bytes[3] == '{';
    return wse ? 3 : -1;
  }

  private static Inbound shortForm(byte[] bytes) {
    if (bytes.length <= LONGEST_SHORT_FORM) {
      var text = new String(bytes, StandardCharsets.ISO_8859_1).toUpperCase(Locale.ROOT);
      var word = text.startsWith("WSE:") ? text.substring(4) : text;
      if (word.startsWith("PING")) {
        return new Inbound.ShortPing(millis(word.substring(4)));
      }
      if (word.startsWith("PONG")) {
        return new Inbound.ShortPong(millis(word.substring(4)));
      }
    }
    return new Inbound.Malformed("the message is not a JSON object");
  }

  private static long millis(String afterWord) {
    if (!afterWord.startsWith(":")) {
      return 0;
    }
    try {
      return Long.parseLong(afterWord.substring(1).strip());
    } catch (NumberFormatException noNumber) {
      return 0; // then the answer has no time of the client's to repeat
    }
  }

  /// Any envelope, and the last word on whether it is one.
  static Inbound envelope(byte[] bytes, int start) {
    try (var parser = Json.parser(bytes, start, bytes.length - start)) {
      parser.nextToken();
      long shift = start - parser.currentTokenLocation().getByteOffset();
      @Nullable String type = null;
      @Nullable String id = null;
      @Nullable String correlationId = null;
      int priority = 0;
      int from = 0;
      int to = 0;
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        var key = parser.currentName();
        var value = parser.nextToken();
        switch (key) {
          case "t", "type" -> type = type == null || key.equals("t") ? text(parser, value) : type;
          case "id" -> id = text(parser, value);
          case "cid" -> correlationId = text(parser, value);
          case "pri" -> priority = number(parser, value);
          case "p", "payload" -> {
            from = (int) (parser.currentTokenLocation().getByteOffset() + shift);
            parser.skipChildren();
            parser.finishToken();
            to = (int) (parser.currentLocation().getByteOffset() + shift);
          }
          default -> parser.skipChildren();
        }
      }
      if (parser.nextToken() != null) {
        return new Inbound.Malformed("something follows the JSON object");
      }
      return type == null
          ? new Inbound.Malformed("the message has no type")
          : request(type, id, correlationId, priority, bytes, from, to);
    } catch (JacksonException broken) {
      return new Inbound.Malformed("the message is not JSON");
    }
  }

  private static Inbound.Request request(
      String type,
      @Nullable String id,
      @Nullable String correlationId,
      int priority,
      byte[] json,
      int from,
      int to) {
    var ids = id == null ? null : id.getBytes(StandardCharsets.UTF_8);
    return Inbound.Request.kept()
        .set(type, priority, json, json.length)
        .setIds(ids, 0, ids == null ? 0 : ids.length, correlationId)
        .setPayload(from, to);
  }

  private static int number(JsonParser parser, @Nullable JsonToken value) {
    if (value == JsonToken.VALUE_NUMBER_INT) {
      return Math.clamp(parser.getValueAsLong(), -1_000, 1_000);
    }
    parser.skipChildren();
    return 0;
  }

  private static @Nullable String text(JsonParser parser, @Nullable JsonToken value) {
    if (value == JsonToken.VALUE_STRING) {
      return parser.getString();
    }
    parser.skipChildren();
    return null;
  }
}
