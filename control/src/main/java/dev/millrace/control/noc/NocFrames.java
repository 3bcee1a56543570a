package dev.millrace.control.noc;

import dev.millrace.core.json.Json;
import dev.millrace.net.websocket.Frames;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Messages to consoles as ready WebSocket frames. An array is never changed once it is made, so
/// any number of sockets may send the same one.
final class NocFrames {
  private NocFrames() {}

  /// An event; without `n` where it is not one of those that everybody gets.
  static byte[] event(String type, ObjectNode payload, Instant at, @Nullable Long n) {
    var message = message(type);
    if (!payload.isEmpty()) {
      message.set("payload", payload);
    }
    message.put("ts", at.toString());
    if (n != null) {
      message.put("n", n);
    }
    return frame(message);
  }

  static byte[] pong(@Nullable JsonNode id, Instant now) {
    return frame(answer("pong", id).put("server_time", now.toString()));
  }

  static byte[] error(@Nullable JsonNode id, String code, String text) {
    var message = answer("error", id);
    message.putObject("error").put("code", code).put("message", text);
    return frame(message);
  }

  static byte[] done(@Nullable JsonNode id, boolean applied, ObjectNode result, String requestId) {
    var message = answer("CommandResult", id).put("ok", true).put("applied", applied);
    message.set("result", result);
    return frame(message.put("request_id", requestId));
  }

  static byte[] failed(
      @Nullable JsonNode id, String code, String text, ObjectNode details, String requestId) {
    var message = answer("CommandResult", id).put("ok", false);
    message.putObject("error").put("code", code).put("message", text).set("details", details);
    return frame(message.put("request_id", requestId));
  }

  static ObjectNode message(String type) {
    return Json.mapper().createObjectNode().put("type", type);
  }

  static byte[] frame(ObjectNode message) {
    // By way of a string: foreign text with half a surrogate pair must not cost the message.
    var json = Json.mapper().writeValueAsString(message).getBytes(StandardCharsets.UTF_8);
    var frame = new byte[Frames.headerBytes(json.length) + json.length];
    var out = Unpooled.wrappedBuffer(frame).writerIndex(0);
    Frames.writeHeader(out, true, json.length);
    out.writeBytes(json);
    return frame;
  }

  private static ObjectNode answer(String type, @Nullable JsonNode id) {
    var message = message(type);
    if (id != null) {
      message.set("id", id);
    }
    return message;
  }
}
