package dev.millrace.gateway.wse;

import static dev.millrace.gateway.wse.JsonScanner.UNUSUAL;

import dev.millrace.gateway.wse.codec.Category;
import dev.millrace.hub.Message;
import dev.millrace.hub.MessageExtras;
import dev.millrace.hub.Priority;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads the payload of `publish` as clients usually write it, without a token stream. What is
/// unusual or wrong it leaves to [PublishRequest], which has the last word and says what is wrong.
final class PublishScanner {
  /// Of topics and types there are few, and many messages of each.
  private static final Words WORDS = new Words();

  private static final Set<String> TEXTS =
      Set.of("topic", "type", "id", "correlation_id", "category", "priority");

  private PublishScanner() {}

  /// What `request`, whose payload is an object, publishes; null when it has to be read in another
  /// way.
  static @Nullable PublishRequest scan(Inbound.Request request, long nowMillis) {
    var bytes = request.json();
    int end = request.payloadTo();
    @Nullable String topic = null;
    @Nullable String type = null;
    @Nullable String id = null;
    @Nullable String correlationId = null;
    @Nullable String category = null;
    var priority = Priority.NORMAL;
    int payloadFrom = 0;
    int payloadTo = 0;
    int at = request.payloadFrom();
    do {
      int name = JsonScanner.blanks(bytes, end, at + 1);
      int nameEnd = JsonScanner.name(bytes, end, name);
      int from = nameEnd < 0 ? UNUSUAL : JsonScanner.colon(bytes, end, nameEnd);
      if (from < 0) {
        return null;
      }
      var key = WORDS.of(bytes, name + 1, nameEnd - 1);
      boolean text = TEXTS.contains(key);
      int to = text ? JsonScanner.plainText(bytes, end, from) : JsonScanner.value(bytes, end, from);
      if (to < 0) {
        return null;
      }
      if (key.equals("payload")) {
        payloadFrom = from;
        payloadTo = to;
      } else if (text) {
        switch (key) {
          case "topic" -> topic = WORDS.of(bytes, from + 1, to - 1);
          case "type" -> type = WORDS.of(bytes, from + 1, to - 1);
          case "id" -> id = text(bytes, from, to);
          case "correlation_id" -> correlationId = text(bytes, from, to);
          case "category" -> {
            category = WORDS.of(bytes, from + 1, to - 1);
            if (Category.named(category) == null) {
              return null;
            }
          }
          default -> {
            var named = Priority.named(text(bytes, from, to)).orElse(null);
            if (named == null) {
              return null;
            }
            priority = named;
          }
        }
      }
      at = JsonScanner.blanks(bytes, end, to);
    } while (JsonScanner.is(bytes, end, at, ','));
    if (topic == null || payloadFrom == 0) {
      return null;
    }
    var message =
        new Message(
            type == null ? topic : type,
            Arrays.copyOfRange(bytes, payloadFrom, payloadTo),
            bytes[payloadFrom] == '{',
            priority,
            id,
            nowMillis,
            correlationId,
            MessageExtras.ofCategory(category));
    return new PublishRequest(topic, message);
  }

  private static String text(byte[] bytes, int from, int to) {
    return new String(bytes, from + 1, to - from - 2, StandardCharsets.UTF_8);
  }
}
