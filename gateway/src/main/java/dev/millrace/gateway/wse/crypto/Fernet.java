package dev.millrace.gateway.wse.crypto;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.core.time.Clock;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/// Symmetric, authenticated encryption of texts that many languages have a library for: 0x80, the
/// time in seconds, an IV, AES-128 in CBC with PKCS #7 padding, HMAC-SHA256 of it all, in URL-safe
/// base64. Safe from any thread. Source: the Fernet specification, version 0x80.
final class Fernet {
  private static final byte VERSION = (byte) 0x80;
  private static final int KEY_HALF = 16;
  private static final int HEADER = 1 + Long.BYTES;
  private static final int IV = 16;
  private static final int MAC = 32;
  private static final int SHORTEST = HEADER + IV + 16 + MAC;
  private static final Duration CLOCKS_DIFFER = Duration.ofSeconds(60);

  private final byte[] signing;
  private final SecretKeySpec encryption;
  private final Duration validity;
  private final Clock clock;
  private final SecureRandom random;

  /// What a token held, and when it was made, in seconds since the Unix epoch.
  record Opened(String text, long madeSeconds) {}

  private Fernet(byte[] key, Duration validity, Clock clock, SecureRandom random) {
    this.signing = Arrays.copyOf(key, KEY_HALF);
    this.encryption = new SecretKeySpec(key, KEY_HALF, KEY_HALF, "AES");
    this.validity = validity;
    this.clock = clock;
    this.random = random;
  }

  /// `key` is 32 bytes in URL-safe base64, the first half to sign with, the second to encrypt with;
  /// what is older than `validity` is not opened any more. Empty if the key is none.
  static Optional<Fernet> of(String key, Duration validity, Clock clock, SecureRandom random) {
    try {
      var bytes = Base64.getUrlDecoder().decode(key);
      return bytes.length == 2 * KEY_HALF
          ? Optional.of(new Fernet(bytes, validity, clock, random))
          : Optional.empty();
    } catch (IllegalArgumentException noBase64) {
      return Optional.empty();
    }
  }

  /// A token that only this key opens.
  String seal(String text) {
    var iv = new byte[IV];
    random.nextBytes(iv);
    return token(text.getBytes(UTF_8), iv, Math.floorDiv(clock.epochMillis(), 1_000L));
  }

  String token(byte[] plain, byte[] iv, long epochSeconds) {
    try {
      var body = cipher(Cipher.ENCRYPT_MODE, iv, 0).doFinal(plain);
      var token = ByteBuffer.allocate(HEADER + IV + body.length + MAC);
      token.put(VERSION).putLong(epochSeconds).put(iv).put(body);
      token.put(mac(token.array(), token.position()));
      return Base64.getUrlEncoder().encodeToString(token.array());
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("every JDK has AES in CBC", impossible);
    }
  }

  /// Empty unless the token is of this key, whole, and not too old.
  Optional<Opened> open(String sealed) {
    byte[] token;
    try {
      token = Base64.getUrlDecoder().decode(sealed);
    } catch (IllegalArgumentException noBase64) {
      return Optional.empty();
    }
    if (token.length < SHORTEST || token[0] != VERSION || !isCurrent(token)) {
      return Optional.empty();
    }
    int body = token.length - MAC;
    var mac = Arrays.copyOfRange(token, body, token.length);
    if (!MessageDigest.isEqual(mac, mac(token, body))) {
      return Optional.empty();
    }
    try {
      var plain =
          cipher(Cipher.DECRYPT_MODE, token, HEADER)
              .doFinal(token, HEADER + IV, body - HEADER - IV);
      return Optional.of(new Opened(new String(plain, UTF_8), madeSeconds(token)));
    } catch (GeneralSecurityException badPadding) {
      return Optional.empty(); // signed with our key and still no token: not one of ours
    }
  }

  private boolean isCurrent(byte[] token) {
    long seconds = madeSeconds(token);
    long age = Math.floorDiv(clock.epochMillis(), 1_000L) - seconds;
    return seconds >= 0 && age <= validity.toSeconds() && age >= -CLOCKS_DIFFER.toSeconds();
  }

  private static long madeSeconds(byte[] token) {
    return ByteBuffer.wrap(token, 1, Long.BYTES).getLong();
  }

  private byte[] mac(byte[] token, int length) {
    return Digests.hmac(signing, Arrays.copyOf(token, length));
  }

  private Cipher cipher(int mode, byte[] iv, int at) throws GeneralSecurityException {
    var cipher = Cipher.getInstance("AES/CBC/PKCS5Padding");
    cipher.init(mode, encryption, new IvParameterSpec(iv, at, IV));
    return cipher;
  }
}
