package dev.millrace.gateway.wse;

import dev.millrace.core.json.Json;
import java.nio.charset.StandardCharsets;
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

  /// An envelope. Confined to the connection's loop. A lent one belongs to the loop, as its bytes
  /// do: once its handler returns it is another message. [#own] is for who needs it longer.
  final class Request implements Inbound {
    private final boolean lent;
    private String type = "";
    private @Nullable MessageHandler handler; // of the type, once somebody asked
    private byte @Nullable [] ids;
    private int idFrom;
    private int idTo;
    private @Nullable String correlationId;
    private int priority;
    private byte[] json = {};
    private int jsonTo;
    private int payloadFrom;
    private int payloadTo;

    private Request(boolean lent) {
      this.lent = lent;
    }

    /// One that is another message in the end.
    static Request lent() {
      return new Request(true);
    }

    /// One that is kept.
    static Request kept() {
      return new Request(false);
    }

    /// Sets what every envelope has: `newJson` up to `to` is the message.
    Request set(String newType, int newPriority, byte[] newJson, int to) {
      handler = newType.equals(type) ? handler : null;
      type = newType;
      priority = newPriority;
      json = newJson;
      jsonTo = to;
      return this;
    }

    /// Sets the id, UTF-8 from `from` to `to` of `bytes`, which is null when there is none and the
    /// message itself if this is lent; and the id of the answer.
    Request setIds(byte @Nullable [] bytes, int from, int to, @Nullable String newCorrelationId) {
      ids = bytes;
      idFrom = from;
      idTo = to;
      correlationId = newCorrelationId;
      return this;
    }

    /// Sets where the payload stands, which is known to be one JSON value; both are equal when
    /// there is none.
    Request setPayload(int from, int to) {
      payloadFrom = from;
      payloadTo = to;
      return this;
    }

    /// The same message, to be kept for as long as anybody likes.
    Request own() {
      if (!lent) {
        return this;
      }
      var copy = Arrays.copyOf(json, jsonTo);
      return kept()
          .set(type, priority, copy, jsonTo)
          .setIds(ids == null ? null : copy, idFrom, idTo, correlationId)
          .setPayload(payloadFrom, payloadTo);
    }

    String type() {
      return type;
    }

    /// Who handles messages of the type; looked up when the type is another than before.
    MessageHandler handler() {
      var known = handler;
      if (known == null) {
        known = MessageTable.handlerOf(type);
        handler = known;
      }
      return known;
    }

    /// UTF-8 from [#idFrom] to [#idTo], null when the message has no id.
    byte @Nullable [] ids() {
      return ids;
    }

    int idFrom() {
      return idFrom;
    }

    int idTo() {
      return idTo;
    }

    @Nullable String correlationId() {
      return correlationId;
    }

    /// 0 when the message says none.
    int priority() {
      return priority;
    }

    /// The message, up to [#jsonTo].
    byte[] json() {
      return json;
    }

    int jsonTo() {
      return jsonTo;
    }

    int payloadFrom() {
      return payloadFrom;
    }

    int payloadTo() {
      return payloadTo;
    }

    @Nullable String id() {
      return ids == null ? null : new String(ids, idFrom, idTo - idFrom, StandardCharsets.UTF_8);
    }

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
          JsonNode tree = Json.mapper().readTree(json, payloadFrom, payloadTo - payloadFrom);
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
