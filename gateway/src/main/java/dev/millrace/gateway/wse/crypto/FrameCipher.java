package dev.millrace.gateway.wse.crypto;

import dev.millrace.net.websocket.Frames;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import org.jspecify.annotations.Nullable;

/// Seals and opens frames: `E:`, an IV of 12 bytes, the encrypted category and JSON, a tag of 16.
/// AES-256 in GCM without additional data, every IV random. Source: NIST SP 800-38D. Confined to
/// one loop: the cipher and a store of random bytes are used again and again.
public final class FrameCipher {
  private static final int MARK = 2; // the letter and the colon
  private static final int IV = 12;
  private static final int TAG = 16;
  private static final int STORE = 128 * IV;

  private final Cipher cipher;
  private final SecureRandom random;
  private final byte[] store = new byte[STORE];
  private int used = STORE;

  public FrameCipher(SecureRandom random) {
    this.random = random;
    try {
      this.cipher = Cipher.getInstance("AES/GCM/NoPadding");
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("every JDK has AES in GCM", impossible);
    }
  }

  /// Bytes of the WebSocket frame that seals `plainBytes`.
  public static int frameBytes(int plainBytes) {
    int payload = MARK + IV + plainBytes + TAG;
    return Frames.headerBytes(payload) + payload;
  }

  /// Appends one binary WebSocket frame that seals what is readable in `plain`, whose indexes stay.
  void appendFrame(SecretKey key, ByteBuf plain, ByteBuf out) {
    int sealed = plain.readableBytes() + TAG;
    out.ensureWritable(frameBytes(plain.readableBytes()));
    Frames.writeHeader(out, false, MARK + IV + sealed);
    out.writeByte('E').writeByte(':');
    int iv = nextIv();
    out.writeBytes(store, iv, IV);
    try {
      cipher.init(Cipher.ENCRYPT_MODE, key, new GCMParameterSpec(TAG * Byte.SIZE, store, iv, IV));
      cipher.doFinal(plain.nioBuffer(), out.internalNioBuffer(out.writerIndex(), sealed));
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("the key is of AES and there is room", impossible);
    }
    out.writerIndex(out.writerIndex() + sealed);
  }

  /// Opens what stands behind `E:`, from `from` to `to`: the bytes, or base64 of them. Null if this
  /// key does not open it.
  byte @Nullable [] open(SecretKey key, byte[] message, int from, int to) {
    var plain = openBytes(key, message, from, to);
    if (plain != null || !looksLikeBase64(message, from, to)) {
      return plain;
    }
    try {
      var bytes = Base64.getDecoder().decode(Arrays.copyOfRange(message, from, to));
      return openBytes(key, bytes, 0, bytes.length);
    } catch (IllegalArgumentException noBase64) {
      return null;
    }
  }

  private byte @Nullable [] openBytes(SecretKey key, byte[] message, int from, int to) {
    if (to - from < IV + TAG) {
      return null;
    }
    try {
      cipher.init(
          Cipher.DECRYPT_MODE, key, new GCMParameterSpec(TAG * Byte.SIZE, message, from, IV));
      return cipher.doFinal(message, from + IV, to - from - IV);
    } catch (AEADBadTagException wrongKeyOrForged) {
      return null;
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("the key is of AES and the input is long enough", impossible);
    }
  }

  /// A glance, so that random bytes are not decoded for nothing.
  private static boolean looksLikeBase64(byte[] message, int from, int to) {
    var head = new String(message, from, Math.min(IV, to - from), StandardCharsets.ISO_8859_1);
    return head.chars()
        .allMatch(c -> c < 128 && (Character.isLetterOrDigit(c) || c == '+' || c == '/'));
  }

  /// Where in the store the next IV stands. Random bytes are fetched in bulk, because every fetch
  /// may take a lock of the whole process.
  private int nextIv() {
    if (used == STORE) {
      random.nextBytes(store);
      used = 0;
    }
    used += IV;
    return used - IV;
  }
}
