package dev.millrace.gateway.wse;

import dev.millrace.core.json.Json;
import dev.millrace.core.time.Clock;
import dev.millrace.gateway.wse.codec.Category;
import dev.millrace.gateway.wse.codec.Timestamps;
import dev.millrace.net.websocket.Frames;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// Frames of the protocol itself: text WebSocket frames, without `seq`. Clients look for `PING` and
/// `PONG` in text frames only. Safe from any thread.
public final class SystemFrames {
  private final Clock clock;
  private final Supplier<String> ids;
  private final @Nullable Signing signing;

  /// `ids` makes a new id for each frame that carries one.
  public SystemFrames(Clock clock, Supplier<String> ids) {
    this(clock, ids, null);
  }

  private SystemFrames(Clock clock, Supplier<String> ids, @Nullable Signing signing) {
    this.clock = clock;
    this.ids = ids;
    this.signing = signing;
  }

  /// Ids of version 7 from the clock.
  public static SystemFrames of(Clock clock) {
    return new SystemFrames(clock, () -> Uuid7.text(clock.epochMillis()));
  }

  /// The same; those of some types are signed.
  static SystemFrames of(Clock clock, Signing signing) {
    return new SystemFrames(clock, () -> Uuid7.text(clock.epochMillis()), signing);
  }

  /// Milliseconds since the epoch.
  public long now() {
    return clock.epochMillis();
  }

  public String nowText() {
    return Timestamps.text(now());
  }

  static ObjectNode object() {
    return Json.mapper().createObjectNode();
  }

  /// A frame with the whole envelope; `correlationId` is the request's.
  public ByteBuf frame(String type, ObjectNode payload, @Nullable String correlationId) {
    var envelope = object().put("t", type).put("id", ids.get()).put("ts", nowText());
    envelope.set("p", payload);
    sign(type, payload, envelope);
    return finish(type, envelope, correlationId);
  }

  private void sign(String type, ObjectNode payload, ObjectNode envelope) {
    if (signing != null && signing.signs(type)) {
      envelope.put("sig", signing.signature(Json.bytes(payload), now()));
    }
  }

  /// A frame without `id` and `ts`, as PING and PONG are.
  ByteBuf bare(String type, ObjectNode payload, @Nullable String correlationId) {
    var envelope = object().put("t", type);
    envelope.set("p", payload);
    return finish(type, envelope, correlationId);
  }

  /// A binary frame around a payload that is JSON already, as data have it: clients that look for
  /// `PING` anywhere in a text frame do not look into it. Longer than the limit, it is null.
  @Nullable ByteBuf data(String type, ObjectNode payload, @Nullable String correlationId) {
    var envelope = object().put("t", type).put("id", ids.get()).put("ts", nowText());
    envelope.set("p", payload);
    sign(type, payload, envelope);
    if (correlationId != null) {
      envelope.put("cid", correlationId);
    }
    var json = Json.bytes(envelope.put("v", 1));
    var category = Category.of(type);
    return category.length() + json.length > Handshake.MAX_MESSAGE
        ? null
        : framed(PooledByteBufAllocator.DEFAULT, false, category, json);
  }

  /// An error. One that is not recoverable precedes a close.
  public ByteBuf error(
      String code,
      String message,
      boolean recoverable,
      @Nullable String connectionId,
      @Nullable String correlationId) {
    return frame("error", errorPayload(code, message, recoverable, connectionId), correlationId);
  }

  /// Why the connection is about to be closed for want of permission; `hint` says what to do.
  public ByteBuf denial(String code, String message, String hint) {
    var payload = errorPayload(code, message, false, null);
    payload.putObject("details").put("hint", hint).put("timestamp", nowText());
    return frame("error", payload, null);
  }

  /// A message that is larger than `limit`.
  public ByteBuf tooLarge(String message, long limit, @Nullable String connectionId) {
    return frame(
        "error",
        errorPayload("MESSAGE_TOO_LARGE", message, true, connectionId).put("max_size", limit),
        null);
  }

  private ObjectNode errorPayload(
      String code, String message, boolean recoverable, @Nullable String connectionId) {
    var payload =
        object()
            .put("message", message)
            .put("code", code)
            .putNull("details")
            .put("recoverable", recoverable)
            .put("timestamp", nowText());
    if (connectionId != null) {
      payload.put("connection_id", connectionId);
    }
    return payload.put("severity", recoverable ? "warning" : "error");
  }

  private static ByteBuf finish(String type, ObjectNode envelope, @Nullable String correlationId) {
    if (correlationId != null) {
      envelope.put("cid", correlationId);
    }
    envelope.put("v", 1);
    var json = Json.bytes(envelope);
    var category = Category.of(type);
    return framed(PooledByteBufAllocator.DEFAULT, true, category, json);
  }

  private static ByteBuf framed(
      ByteBufAllocator allocator, boolean text, Category category, byte[] json) {
    int body = category.length() + json.length;
    var out = allocator.buffer(Frames.headerBytes(body) + body);
    Frames.writeHeader(out, text, body);
    category.write(out);
    return out.writeBytes(json);
  }
}
