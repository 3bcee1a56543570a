package dev.millrace.net.http;

import dev.millrace.core.route.Response;
import dev.millrace.net.websocket.HandshakeKey;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Tells a WebSocket handshake from other requests, and a sound one from a broken one. Extensions
/// and subprotocols that a client offers are declined by not naming them. Source: RFC 6455, section
/// 4.2.
final class WebSocketDoor {
  private static final String VERSION = "13";

  private WebSocketDoor() {}

  static boolean isHandshake(RequestHead head) {
    return names(head, "upgrade", "websocket") && names(head, "connection", "upgrade");
  }

  /// What is wrong with the handshake, or null.
  static @Nullable Response refusal(RequestHead head, HttpService service) {
    if (!head.method().equals("GET")) {
      return service.malformed(400, "BAD_HANDSHAKE", "a WebSocket handshake is a GET");
    }
    if (!head.header("sec-websocket-version").orElse("").strip().equals(VERSION)) {
      return service
          .malformed(426, "BAD_HANDSHAKE", "this server speaks WebSocket version 13")
          .withHeader("Sec-WebSocket-Version", VERSION);
    }
    if (!HandshakeKey.isSound(key(head))) {
      return service.malformed(
          400, "BAD_HANDSHAKE", "Sec-WebSocket-Key must be 16 bytes in base64");
    }
    return null;
  }

  /// The answer that ends the handshake. Source: RFC 6455, section 4.2.2.
  static ByteBuf switching(ByteBufAllocator allocator, RequestHead head) {
    return ResponseWriter.interim(
        allocator,
        101,
        "Upgrade",
        "websocket",
        "Connection",
        "Upgrade",
        "Sec-WebSocket-Accept",
        HandshakeKey.accept(key(head)));
  }

  private static String key(RequestHead head) {
    return head.header("sec-websocket-key").orElse("").strip();
  }

  private static boolean names(RequestHead head, String header, String token) {
    return Arrays.stream(head.header(header).orElse("").split(",", -1))
        .anyMatch(part -> part.strip().equalsIgnoreCase(token));
  }
}
