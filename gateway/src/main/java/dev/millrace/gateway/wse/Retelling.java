package dev.millrace.gateway.wse;

import dev.millrace.core.json.Json;
import dev.millrace.gateway.wse.codec.Timestamps;
import dev.millrace.hub.Message;
import java.nio.charset.StandardCharsets;

/// What programs that listen to `client:<user_id>:messages` are told of one client's messages: who
/// sent it, what, and the whole envelope. Everything that stays the same from message to message is
/// kept as bytes. Confined to the connection's loop.
final class Retelling {
  private static final byte[] TYPE = ascii("{\"type\":");
  private static final byte[] PAYLOAD = ascii(",\"payload\":");
  private static final byte[] NO_PAYLOAD = ascii("{}");
  private static final byte[] RAW = ascii("\",\"raw_message\":");

  private final String connectionId;
  private final byte[] sender;
  private ClientFacts facts;
  private byte[] end;
  private String type = "";
  private byte[] quotedType = Json.quoted(type);
  private long millis = -1;
  private byte[] time = {};

  Retelling(String userId, String connectionId, ClientFacts facts) {
    this.connectionId = connectionId;
    this.sender =
        utf8(
            ",\"user_id\":%s,\"conn_id\":%s,\"timestamp\":\""
                .formatted(Json.quote(userId), Json.quote(connectionId)));
    this.facts = facts;
    this.end = endOf(facts);
  }

  String connectionId() {
    return connectionId;
  }

  /// The message for the programs. `now` is what it says of itself, `current` of its client.
  Message of(Inbound.Request request, ClientFacts current, long now) {
    if (!request.type().equals(type)) {
      type = request.type();
      quotedType = Json.quoted(type);
    }
    if (!current.equals(facts)) {
      facts = current;
      end = endOf(current);
    }
    if (now != millis) {
      millis = now;
      time = Timestamps.bytes(now);
    }
    return Message.of(type, bytes(request), true, now);
  }

  private byte[] bytes(Inbound.Request request) {
    var json = request.json();
    boolean empty = request.payloadFrom() >= request.payloadTo();
    var payload = empty ? NO_PAYLOAD : json;
    int payloadFrom = empty ? 0 : request.payloadFrom();
    int payloadLength = empty ? NO_PAYLOAD.length : request.payloadTo() - payloadFrom;
    int envelopeFrom = request.envelopeFrom();
    int envelopeLength = request.jsonTo() - envelopeFrom;
    int fixed = TYPE.length + PAYLOAD.length + sender.length + RAW.length + end.length;
    int length = fixed + quotedType.length + payloadLength + time.length + envelopeLength;
    var out = new byte[length];
    int at = put(TYPE, out, 0);
    at = put(quotedType, out, at);
    at = put(PAYLOAD, out, at);
    System.arraycopy(payload, payloadFrom, out, at, payloadLength);
    at = put(sender, out, at + payloadLength);
    at = put(time, out, at);
    at = put(RAW, out, at);
    System.arraycopy(json, envelopeFrom, out, at, envelopeLength);
    put(end, out, at + envelopeLength);
    return out;
  }

  private static int put(byte[] part, byte[] out, int at) {
    System.arraycopy(part, 0, out, at, part.length);
    return at + part.length;
  }

  private static byte[] endOf(ClientFacts facts) {
    return utf8(
        ",\"client_version\":%s,\"protocol_version\":%d}"
            .formatted(Json.quote(facts.version()), facts.protocolVersion()));
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
