package dev.millrace.gateway.wse.codec;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The letters that stand directly before the `{` of a frame and say what kind it is.
public enum Category {
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

  private static final Category[] ALL = values();

  @SuppressWarnings("ImmutableEnumChecker") // written once, never changed
  private final byte[] letters = name().getBytes(StandardCharsets.US_ASCII);

  /// The category of a type that asks for none.
  public static Category of(String type) {
    if (type.contains("_snapshot") || type.contains("snapshot_")) {
      return S;
    }
    return PROTOCOL.contains(type) ? WSE : U;
  }

  /// The one of this very name, null if there is none.
  public static @Nullable Category named(@Nullable String name) {
    return switch (name) {
      case null -> null;
      case "WSE" -> WSE;
      case "S" -> S;
      case "U" -> U;
      default -> null;
    };
  }

  /// Where the `{` of an envelope stands within `bytes` from `from` to `to`: there, or behind a
  /// category; -1 for neither.
  public static int objectStart(byte[] bytes, int from, int to) {
    if (from < to && bytes[from] == '{') {
      return from;
    }
    for (var category : ALL) {
      int at = from + category.letters.length;
      if (at < to
          && bytes[at] == '{'
          && Arrays.equals(bytes, from, at, category.letters, 0, category.letters.length)) {
        return at;
      }
    }
    return -1;
  }

  public int length() {
    return letters.length;
  }

  public void write(ByteBuf out) {
    out.writeBytes(letters);
  }
}
