package dev.millrace.hub;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/// What the secrets of the section `hub` must be like. Messages never repeat one.
final class HubSecrets {
  private static final int LEAST_HMAC_BYTES = 32; // RFC 7518, section 3.2
  private static final int FERNET_BYTES = 32;

  private HubSecrets() {}

  static void requireHmac(String name, String secret) {
    int bytes = secret.getBytes(StandardCharsets.UTF_8).length;
    if (bytes < LEAST_HMAC_BYTES) {
      throw new IllegalArgumentException(
          name
              + " has "
              + bytes
              + " bytes; HMAC-SHA256 needs at least 32; make one with: openssl rand -hex 32");
    }
  }

  /// Source: the Fernet specification, version 0x80: a key is 32 bytes in URL-safe base64.
  static void requireFernet(String name, String key) {
    if (!isFernetKey(key)) {
      throw new IllegalArgumentException(
          name
              + " is not 32 bytes in URL-safe base64; make one with: openssl rand -base64 32"
              + " | tr '+/' '-_'");
    }
  }

  private static boolean isFernetKey(String key) {
    try {
      return Base64.getUrlDecoder().decode(key).length == FERNET_BYTES;
    } catch (IllegalArgumentException noBase64) {
      return false;
    }
  }
}
