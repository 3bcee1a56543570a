package dev.millrace.gateway.wse;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/// The letters that stand directly before the `{` of a frame and say what kind it is.
enum Category {
  /// The protocol itself.
  WSE,
  /// A snapshot.
  S,
  /// An update, and everything else.
  U;

  private static final Set<String> PROTOCOL =
      Set.of(
          "server_ready",
          "server_hello",
          "client_hello_ack",
          "connection_state_change",
          "subscription_update",
          "error",
          "pong",
          "PONG",
          "PING");

  @SuppressWarnings("ImmutableEnumChecker") // written once, never changed
  private final byte[] letters = name().getBytes(StandardCharsets.US_ASCII);

  static Category of(String type) {
    if (type.contains("_snapshot") || type.contains("snapshot_")) {
      return S;
    }
    return PROTOCOL.contains(type) ? WSE : U;
  }

  int length() {
    return letters.length;
  }

  void write(ByteBuf out) {
    out.writeBytes(letters);
  }
}
