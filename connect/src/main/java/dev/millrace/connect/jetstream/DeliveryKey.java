package dev.millrace.connect.jetstream;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/// Tells whether two deliveries are the same event: 128 bits of SHA-256, so that nobody can write
/// a record whose key hides somebody else's. The same on every host and across restarts.
public record DeliveryKey(long high, long low) {
  /// Length of [#toBytes].
  public static final int BYTES = 16;

  /// The key of these parts; a part that is missing differs from one that is empty.
  static DeliveryKey of(@org.jspecify.annotations.Nullable String... parts) {
    var digest = sha256();
    for (var part : parts) {
      if (part != null) {
        digest.update(part.getBytes(StandardCharsets.UTF_8));
        digest.update((byte) 0xFF); // occurs in no UTF-8 text
      } else {
        digest.update((byte) 0xFE);
      }
    }
    return fromBytes(digest.digest());
  }

  /// Reads the first [#BYTES] bytes.
  public static DeliveryKey fromBytes(byte[] bytes) {
    var buffer = ByteBuffer.wrap(bytes);
    return new DeliveryKey(buffer.getLong(), buffer.getLong());
  }

  public byte[] toBytes() {
    return ByteBuffer.allocate(BYTES).putLong(high).putLong(low).array();
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every Java platform has SHA-256", impossible);
    }
  }
}
