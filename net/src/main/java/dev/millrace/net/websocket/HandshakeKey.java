package dev.millrace.net.websocket;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/// The key that a client sends and the proof that a server has read it. Source: RFC 6455, sections
/// 4.1 and 4.2.2.
public final class HandshakeKey {
  private static final String SALT = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  private static final int KEY_BYTES = 16;

  private HandshakeKey() {}

  /// Whether `key` is 16 bytes in base64.
  public static boolean isSound(String key) {
    try {
      return Base64.getDecoder().decode(key).length == KEY_BYTES;
    } catch (IllegalArgumentException notBase64) {
      return false;
    }
  }

  /// The value of `Sec-WebSocket-Accept`.
  public static String accept(String key) {
    try {
      var digest = MessageDigest.getInstance("SHA-1");
      var proof = digest.digest((key + SALT).getBytes(StandardCharsets.ISO_8859_1));
      return Base64.getEncoder().encodeToString(proof);
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every Java has SHA-1", impossible);
    }
  }
}
