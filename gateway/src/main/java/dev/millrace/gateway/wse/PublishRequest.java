package dev.millrace.gateway.wse;

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

/// The payload of a client's `publish`: a topic, a type (the topic if there is none) and a payload
/// whose bytes go out as they came in; `priority` by name or number, `category`, `id` and
/// `correlation_id` if it likes.
record PublishRequest(String topic, Message message) {

  /// What was asked, or why it cannot be: `PublishRequest` or a sentence.
  sealed interface Outcome {
    record Read(PublishRequest request) implements Outcome {}

    record Wrong(String why) implements Outcome {}
  }

  static Outcome read(Inbound.Request request, long nowMillis) {
    if (request.payloadFrom() == request.payloadTo()
        || request.json()[request.payloadFrom()] != '{') {
      return new Outcome.Wrong("publish needs a payload with topic, type and payload");
    }
    var usual = PublishScanner.scan(request, nowMillis);
    return usual == null ? parsed(request, nowMillis) : new Outcome.Read(usual);
  }

  /// Any payload that is an object, and the last word on what it says.
  static Outcome parsed(Inbound.Request request, long nowMillis) {
    int length = request.payloadTo() - request.payloadFrom();
    try (var parser = Json.parser(request.json(), request.payloadFrom(), length)) {
      return read(parser, request, nowMillis);
    } catch (JacksonException broken) {
      return new Outcome.Wrong("the payload of publish is not JSON");
    }
  }

  private static Outcome read(JsonParser parser, Inbound.Request request, long nowMillis) {
    @Nullable String topic = null;
    @Nullable String type = null;
    @Nullable String id = null;
    @Nullable String correlationId = null;
    @Nullable String category = null;
    var priority = Priority.NORMAL;
    byte @Nullable [] payload = null;
    boolean object = false;
    parser.nextToken();
    long shift = request.payloadFrom() - parser.currentTokenLocation().getByteOffset();
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      var key = parser.currentName();
      var value = parser.nextToken();
      switch (key) {
        case "topic" -> topic = text(parser, value);
        case "type" -> type = text(parser, value);
        case "id" -> id = text(parser, value);
        case "correlation_id" -> correlationId = text(parser, value);
        case "category" -> {
          category = text(parser, value);
          if (Category.named(category) == null) {
            return new Outcome.Wrong("category is WSE, S or U");
          }
        }
        case "priority" -> {
          var named = priority(parser, value);
          if (named == null) {
            return new Outcome.Wrong("priority is critical, high, normal, low or background");
          }
          priority = named;
        }
        case "payload" -> {
          object = value == JsonToken.START_OBJECT;
          int from = (int) (parser.currentTokenLocation().getByteOffset() + shift);
          parser.skipChildren();
          parser.finishToken();
          int to = (int) (parser.currentLocation().getByteOffset() + shift);
          payload = Arrays.copyOfRange(request.json(), from, to);
        }
        default -> parser.skipChildren();
      }
    }
    if (topic == null) {
      return new Outcome.Wrong("publish needs a topic");
    }
    if (payload == null) {
      return new Outcome.Wrong("publish needs a payload");
    }
    var message =
        new Message(
            type == null ? topic : type,
            payload,
            object,
            priority,
            id,
            nowMillis,
            correlationId,
            MessageExtras.ofCategory(category));
    return new Outcome.Read(new PublishRequest(topic, message));
  }

  private static @Nullable String text(JsonParser parser, @Nullable JsonToken value) {
    if (value == JsonToken.VALUE_STRING) {
      return parser.getString();
    }
    parser.skipChildren();
    return null;
  }

  private static @Nullable Priority priority(JsonParser parser, @Nullable JsonToken value) {
    if (value == JsonToken.VALUE_NUMBER_INT) {
      return Priority.nearest(Math.clamp(parser.getValueAsLong(), -100, 100));
    }
    return value == JsonToken.VALUE_STRING ? Priority.named(parser.getString()).orElse(null) : null;
  }
}
