package dev.millrace.gateway.api;

import dev.millrace.core.json.Json;
import dev.millrace.gateway.wse.codec.Category;
import dev.millrace.hub.Message;
import dev.millrace.hub.MessageExtras;
import dev.millrace.hub.Priority;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// Reads what is posted to a topic: one event, or an array of them. A payload is not decoded: its
/// bytes in the message are its bytes in the body. Reads one body, then is done.
public final class PublishBody {
  private static final List<String> KEYS =
      List.of("type", "payload", "priority", "id", "ts", "category", "correlation_id");

  /// What is wrong and where; carries no stack, because it is an answer and not a failure.
  public static final class Unreadable extends Exception {
    private final String where;

    public Unreadable(String where, String what) {
      super(what, null, false, false);
      this.where = where;
    }

    /// A JSON Pointer into the body, empty for the whole.
    public String where() {
      return where;
    }

    public String what() {
      var what = getMessage();
      return what == null ? "" : what;
    }
  }

  private final byte[] body;
  private final long nowMillis;
  private String where = "";

  private PublishBody(byte[] body, long nowMillis) {
    this.body = body;
    this.nowMillis = nowMillis;
  }

  /// The events of a body; `nowMillis` is the time of those that bring none.
  static List<Message> read(byte[] body, long nowMillis) throws Unreadable {
    return new PublishBody(body, nowMillis).messages();
  }

  /// The one event of a body that is an object.
  public static Message readOne(byte[] body, long nowMillis) throws Unreadable {
    var messages = read(body, nowMillis);
    if (messages.size() != 1) {
      throw new Unreadable("", "not one event but a list of " + messages.size());
    }
    return messages.getFirst();
  }

  /// The one event whose payload is the whole body.
  static Message raw(byte[] body, String type, long nowMillis) throws Unreadable {
    var kind = Json.kindOf(body);
    if (kind == null) {
      throw new Unreadable("", "a payload is one JSON value: " + Json.complaint(body));
    }
    return Message.of(type, body, kind == Json.Kind.OBJECT, nowMillis);
  }

  private List<Message> messages() throws Unreadable {
    if (!Json.isUtf8(body)) {
      throw new Unreadable("", "the body is not UTF-8");
    }
    try (var parser = Json.parser(body)) {
      var messages = new ArrayList<Message>();
      switch (parser.nextToken()) {
        case START_OBJECT -> messages.add(event(parser));
        case START_ARRAY -> {
          while (parser.nextToken() != JsonToken.END_ARRAY) {
            where = "/" + messages.size();
            if (!parser.hasToken(JsonToken.START_OBJECT)) {
              throw new Unreadable(where, "an event is an object");
            }
            messages.add(event(parser));
          }
          where = "";
        }
        case null -> throw new Unreadable("", "the body is empty; an event is {\"type\":…}");
        default -> throw new Unreadable("", "the body must be an event or an array of events");
      }
      if (parser.nextToken() != null) {
        throw new Unreadable("", "something follows the first value");
      }
      return messages;
    } catch (JacksonException broken) {
      throw new Unreadable(where, "the body is not JSON: " + Json.complaint(body));
    }
  }

  private Message event(JsonParser parser) throws Unreadable {
    @Nullable String type = null;
    @Nullable String id = null;
    @Nullable String correlationId = null;
    @Nullable String category = null;
    byte @Nullable [] payload = null;
    boolean object = false;
    var priority = Priority.NORMAL;
    long timestampMillis = nowMillis;
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      var key = parser.currentName();
      parser.nextToken();
      switch (key) {
        case "type" -> type = text(parser, key);
        case "id" -> id = text(parser, key);
        case "correlation_id" -> correlationId = text(parser, key);
        case "priority" -> priority = priority(parser);
        case "ts" -> timestampMillis = timestamp(parser);
        case "category" -> category = category(parser);
        case "payload" -> {
          object = parser.hasToken(JsonToken.START_OBJECT);
          payload = verbatim(parser);
        }
        default ->
            throw new Unreadable(
                where + "/" + key.replace("~", "~0").replace("/", "~1"),
                "the key is not known; an event has " + String.join(", ", KEYS));
      }
    }
    if (type == null || payload == null) {
      throw new Unreadable(where, "an event needs type and payload");
    }
    return new Message(
        type,
        payload,
        object,
        priority,
        id,
        timestampMillis,
        correlationId,
        MessageExtras.ofCategory(category));
  }

  /// The bytes of the value that the parser stands on.
  private byte[] verbatim(JsonParser parser) {
    int from = (int) parser.currentTokenLocation().getByteOffset();
    parser.skipChildren();
    parser.finishToken();
    return Arrays.copyOfRange(body, from, (int) parser.currentLocation().getByteOffset());
  }

  private String text(JsonParser parser, String key) throws Unreadable {
    if (!parser.hasToken(JsonToken.VALUE_STRING)) {
      throw new Unreadable(where + "/" + key, key + " is a text");
    }
    return parser.getString();
  }

  private String category(JsonParser parser) throws Unreadable {
    var name = text(parser, "category");
    if (Category.named(name) == null) {
      throw new Unreadable(where + "/category", "category is one of WSE, S, U");
    }
    return name;
  }

  private Priority priority(JsonParser parser) throws Unreadable {
    if (parser.hasToken(JsonToken.VALUE_NUMBER_INT)) {
      return Priority.nearest(parser.getValueAsInt());
    }
    return Priority.named(text(parser, "priority"))
        .orElseThrow(
            () ->
                new Unreadable(
                    where + "/priority",
                    "priority is one of critical, high, normal, low, background"));
  }

  private long timestamp(JsonParser parser) throws Unreadable {
    if (parser.hasToken(JsonToken.VALUE_NUMBER_INT)) {
      return parser.getLongValue();
    }
    try {
      return Instant.parse(text(parser, "ts")).toEpochMilli();
    } catch (DateTimeParseException | ArithmeticException wrong) {
      throw new Unreadable(
          where + "/ts", "ts is milliseconds, or a time like 2026-01-31T12:00:00Z");
    }
  }
}
