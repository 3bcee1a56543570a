package dev.millrace.connect.redis;

import dev.millrace.core.json.Json;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonToken;

/// A message that could not be published. `payload` is what would have stood on the bus.
public record DeadLetter(
    String topic, byte[] payload, String id, String error, long timestampMillis) {

  /// As other servers of the bus write and read it:
  /// `{"channel","message","message_id","error_type","error_details","timestamp","retry_count"}`.
  byte[] bytes() {
    var out = new ByteArrayOutputStream(payload.length + 256);
    write(out, "{\"channel\":");
    out.writeBytes(Json.quoted(topic));
    write(out, ",\"message\":");
    out.writeBytes(payload);
    write(out, ",\"message_id\":");
    out.writeBytes(Json.quoted(id));
    write(out, ",\"error_type\":\"publish_failed\",\"error_details\":");
    out.writeBytes(Json.quoted(error));
    write(out, ",\"timestamp\":\"" + Instant.ofEpochMilli(timestampMillis));
    write(out, "\",\"retry_count\":0}");
    return out.toByteArray();
  }

  /// Null if `letter` is none.
  static @Nullable DeadLetter parse(String topic, byte[] letter) {
    byte @Nullable [] payload = null;
    var id = "";
    var error = "";
    long timestampMillis = 0;
    try (var parser = Json.parser(letter)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return null;
      }
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        var key = parser.currentName();
        parser.nextToken();
        int from = (int) parser.currentTokenLocation().getByteOffset();
        boolean text = parser.hasToken(JsonToken.VALUE_STRING);
        parser.skipChildren();
        parser.finishToken();
        switch (key) {
          case "message" ->
              payload =
                  Arrays.copyOfRange(letter, from, (int) parser.currentLocation().getByteOffset());
          case "message_id" -> id = text ? parser.getString() : id;
          case "error_details" -> error = text ? parser.getString() : error;
          case "timestamp" -> timestampMillis = text ? millis(parser.getString()) : 0;
          default -> {}
        }
      }
    } catch (JacksonException broken) {
      return null;
    }
    return payload == null ? null : new DeadLetter(topic, payload, id, error, timestampMillis);
  }

  private static long millis(String time) {
    try {
      return Instant.parse(time).toEpochMilli();
    } catch (java.time.DateTimeException | ArithmeticException wrong) {
      return 0;
    }
  }

  private static void write(ByteArrayOutputStream out, String text) {
    out.writeBytes(text.getBytes(StandardCharsets.UTF_8));
  }
}
