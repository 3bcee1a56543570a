package dev.millrace.gateway.inbound;

import dev.millrace.core.json.Json;
import dev.millrace.gateway.wse.codec.Category;
import dev.millrace.hub.Message;
import dev.millrace.hub.MessageExtras;
import dev.millrace.hub.Priority;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// What a program says in one frame: `{"t":…,"id":…,"p":{…}}`. `id` comes back as `cid`.
sealed interface InboundRequest {
  @Nullable String id();

  /// At most `max` messages, waiting for the first at most `timeoutMillis`.
  record Drain(@Nullable String id, int max, long timeoutMillis) implements InboundRequest {}

  /// A message for one connection, or for every known one of a user; the other is null.
  record Reply(
      @Nullable String id, @Nullable String connection, @Nullable String user, Message message)
      implements InboundRequest {}

  record Publish(@Nullable String id, String topic, Message message) implements InboundRequest {}

  /// None of these; `why` is a sentence that quotes nothing of it.
  record Unreadable(@Nullable String id, String why) implements InboundRequest {}

  /// Never throws, whatever the bytes are.
  static InboundRequest read(byte[] bytes, long nowMillis) {
    if (!Json.isUtf8(bytes)) {
      return new Unreadable(null, "the frame is not UTF-8");
    }
    try (var parser = Json.parser(bytes)) {
      return new Reader(bytes, nowMillis).read(parser);
    } catch (JacksonException broken) {
      return new Unreadable(null, "the frame is not JSON: " + Json.complaint(bytes));
    }
  }

  /// Reads one frame, then is done.
  final class Reader {
    private static final int DEFAULT_MAX = 100;
    private static final int MOST = 10_000;
    private static final long LONGEST_WAIT = 60_000;

    private final byte[] bytes;
    private final long nowMillis;
    private @Nullable String word;
    private @Nullable String id;
    private @Nullable String topic;
    private @Nullable String connection;
    private @Nullable String user;
    private @Nullable String type;
    private @Nullable String messageId;
    private @Nullable String correlationId;
    private @Nullable String category;
    private @Nullable String wrong;
    private byte @Nullable [] payload;
    private boolean object;
    private Priority priority = Priority.NORMAL;
    private long max = DEFAULT_MAX;
    private long timeoutMillis;

    private Reader(byte[] bytes, long nowMillis) {
      this.bytes = bytes;
      this.nowMillis = nowMillis;
    }

    private InboundRequest read(JsonParser parser) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return new Unreadable(null, "a frame is an object with t and p");
      }
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        var key = parser.currentName();
        var value = parser.nextToken();
        switch (key) {
          case "t" -> word = text(parser, value);
          case "id" -> id = text(parser, value);
          case "p" -> parameters(parser, value);
          default -> parser.skipChildren();
        }
      }
      if (parser.nextToken() != null) {
        return new Unreadable(id, "something follows the object");
      }
      return wrong == null ? made() : new Unreadable(id, wrong);
    }

    private void parameters(JsonParser parser, @Nullable JsonToken start) {
      if (start != JsonToken.START_OBJECT) {
        wrong = "p is an object";
        parser.skipChildren();
        return;
      }
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        var key = parser.currentName();
        var value = parser.nextToken();
        switch (key) {
          case "max" -> max = number(parser, value, key, MOST);
          case "timeout_ms" -> timeoutMillis = number(parser, value, key, LONGEST_WAIT);
          case "topic" -> topic = text(parser, value);
          case "connection" -> connection = text(parser, value);
          case "user" -> user = text(parser, value);
          case "type" -> type = text(parser, value);
          case "id" -> messageId = text(parser, value);
          case "correlation_id" -> correlationId = text(parser, value);
          case "category" -> category(text(parser, value));
          case "priority" -> priority(text(parser, value));
          case "payload" -> {
            object = value == JsonToken.START_OBJECT;
            int from = (int) parser.currentTokenLocation().getByteOffset();
            parser.skipChildren();
            parser.finishToken();
            payload =
                Arrays.copyOfRange(bytes, from, (int) parser.currentLocation().getByteOffset());
          }
          default -> parser.skipChildren();
        }
      }
    }

    private InboundRequest made() {
      return switch (word) {
        case "drain" -> new Drain(id, (int) Math.max(1, max), timeoutMillis);
        case "reply" -> reply();
        case "publish" -> publish();
        case null, default -> new Unreadable(id, "t is drain, reply or publish");
      };
    }

    private InboundRequest reply() {
      if ((connection == null) == (user == null)) {
        return new Unreadable(id, "a reply names either connection or user");
      }
      var given = payload;
      return given == null || type == null || type.isEmpty()
          ? new Unreadable(id, "a reply needs type and payload")
          : new Reply(id, connection, user, message(type, given));
    }

    private InboundRequest publish() {
      var given = payload;
      if (topic == null || given == null) {
        return new Unreadable(id, "publish needs topic and payload");
      }
      return new Publish(id, topic, message(type == null ? topic : type, given));
    }

    private Message message(String name, byte[] given) {
      return new Message(name, given, object, priority, messageId, nowMillis, correlationId)
          .withExtras(MessageExtras.ofCategory(category));
    }

    private void category(@Nullable String name) {
      category = name;
      if (Category.named(name) == null) {
        wrong = "category is WSE, S or U";
      }
    }

    private void priority(@Nullable String name) {
      var named = name == null ? null : Priority.named(name).orElse(null);
      if (named == null) {
        wrong = "priority is critical, high, normal, low or background";
      } else {
        priority = named;
      }
    }

    private long number(JsonParser parser, @Nullable JsonToken value, String key, long most) {
      if (value == JsonToken.VALUE_NUMBER_INT) {
        long given = Math.clamp(parser.getValueAsLong(-1), -1, most);
        if (given >= 0) {
          return given;
        }
      }
      wrong = key + " is a number from 0 to " + most;
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
}
