package dev.millrace.gateway.wse;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What a client's message turned out to be.
sealed interface Inbound {
  /// Whether it is a ping, which costs its sender nothing.
  default boolean isPing() {
    return this instanceof ShortPing
        || (this instanceof Request request && request.type().equalsIgnoreCase("ping"));
  }

  /// Not of this protocol; `why` quotes nothing of it.
  record Malformed(String why) implements Inbound {}

  /// The short form `PING` or `PING:<millis>`; `clientMillis` is 0 when it had none.
  record ShortPing(long clientMillis) implements Inbound {}

  /// The short form of an answer to our ping; `serverMillis` is 0 when it repeats no time.
  record ShortPong(long serverMillis) implements Inbound {}

  /// An envelope; `priority` is 0 when it says none. `json` from `payloadFrom` to `payloadTo` is
  /// the payload, which is known to be one JSON value; both are equal when there is none.
  record Request(
      String type,
      @Nullable String id,
      @Nullable String correlationId,
      int priority,
      byte[] json,
      int payloadFrom,
      int payloadTo)
      implements Inbound {

    /// Where the JSON text of the envelope begins, behind a category; it goes on to the end.
    int envelopeFrom() {
      int from = 0;
      while (json[from] != '{') {
        from++;
      }
      return from;
    }

    /// The bytes of the payload as they came, `{}` where there is none.
    byte[] payloadBytes() {
      return payloadFrom < payloadTo
          ? Arrays.copyOfRange(json, payloadFrom, payloadTo)
          : new byte[] {'{', '}'};
    }

    /// The payload if it is an object, else an empty one.
    ObjectNode payload() {
      if (payloadFrom < payloadTo && json[payloadFrom] == '{') {
        try {
          JsonNode tree =
              dev.millrace.core.json.Json.mapper()
                  .readTree(json, payloadFrom, payloadTo - payloadFrom);
          if (tree instanceof ObjectNode object) {
            return object;
          }
        } catch (JacksonException impossible) {
          throw new IllegalStateException("the decoder has read this payload", impossible);
        }
      }
      return SystemFrames.object();
    }
  }
}
