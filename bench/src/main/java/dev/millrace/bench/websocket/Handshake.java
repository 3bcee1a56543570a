package dev.millrace.bench.websocket;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// The opening handshake, both halves. Source: RFC 6455, sections 4.1 and 4.2.
public final class Handshake {
  /// Bytes a request or response head may have; more is a peer that does not speak HTTP.
  public static final int MAX_HEAD_BYTES = 8 * 1024;

  private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

  private Handshake() {}

  /// A client's request for `path`; `key` is 16 bytes in Base64.
  public static ByteBuffer request(String host, String path, String key) {
    return request(host, path, key, null);
  }

  /// The same, with a bearer token if there is one.
  public static ByteBuffer request(String host, String path, String key, @Nullable String token) {
    return ascii(
        "GET "
            + path
            + " HTTP/1.1\r\nHost: "
            + host
            + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Key: "
            + key
            + (token == null ? "" : "\r\nAuthorization: Bearer " + token)
            + "\r\n\r\n");
  }

  /// A server's consent to `key`.
  public static ByteBuffer accepted(String key) {
    return ascii(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Accept: "
            + acceptFor(key)
            + "\r\n\r\n");
  }

  /// A server's refusal; the connection closes after it.
  public static ByteBuffer refused(String status) {
    return ascii("HTTP/1.1 " + status + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  }

  /// What a server that understood `key` answers.
  public static String acceptFor(String key) {
    try {
      var digest = MessageDigest.getInstance("SHA-1");
      return Base64.getEncoder()
          .encodeToString(digest.digest((key + GUID).getBytes(StandardCharsets.US_ASCII)));
    } catch (NoSuchAlgorithmException missing) {
      throw new AssertionError("every Java platform has SHA-1", missing);
    }
  }

  /// Where the head that begins at `from` ends, after its empty line; -1 while it has not arrived.
  public static int headEnd(ByteBuffer bytes, int from, int end) {
    for (int at = from; at + 4 <= end; at++) {
      if (bytes.getInt(at) == 0x0D0A0D0A) {
        return at + 4;
      }
    }
    return -1;
  }

  /// The value of header `name` in `head`, or null.
  public static @Nullable String header(String head, String name) {
    var start = name.toLowerCase(Locale.ROOT) + ":";
    for (var line : head.split("\r\n", -1)) {
      if (line.toLowerCase(Locale.ROOT).startsWith(start)) {
        return line.substring(start.length()).trim();
      }
    }
    return null;
  }

  /// The bytes from `from` to `end` as the text of a head.
  public static String head(ByteBuffer bytes, int from, int end) {
    var copy = new byte[end - from];
    bytes.get(from, copy);
    return new String(copy, StandardCharsets.ISO_8859_1);
  }

  private static ByteBuffer ascii(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
  }
}
