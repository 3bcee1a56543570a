package dev.millrace.gateway.auth;

import dev.millrace.core.spec.SecretFiles;
import java.nio.charset.StandardCharsets;

/// What a secret must be like. Messages never repeat one.
final class Secrets {
  static final String HOW_TO_MAKE = "make one with: openssl rand -hex 32";

  /// What this server writes instead of a secret.
  static final String MASK = "***";

  private static final int LEAST_HMAC_BYTES = 32; // RFC 7518, section 3.2
  private static final int LEAST_TOKEN_LENGTH = 16;
  private static final int MOST_TOKEN_LENGTH = 1_024;

  private Secrets() {}

  static void requireHmacSecret(String name, String secret) {
    int bytes = secret.getBytes(StandardCharsets.UTF_8).length;
    if (bytes < LEAST_HMAC_BYTES && !secret.equals(SecretFiles.UNREADABLE)) {
      throw new IllegalArgumentException(
          name + " has " + bytes + " bytes; HS256 needs at least 32; " + HOW_TO_MAKE);
    }
  }

  static void requireToken(String name, String token) {
    if (token.equals(SecretFiles.UNREADABLE)) {
      return; // there is an error already, and nothing to look at
    }
    if (token.length() < LEAST_TOKEN_LENGTH) {
      throw new IllegalArgumentException(
          "the token "
              + name
              + " has "
              + token.length()
              + " characters, which can be guessed; at least 16 are needed; "
              + HOW_TO_MAKE);
    }
    if (token.length() > MOST_TOKEN_LENGTH) {
      throw new IllegalArgumentException(
          "the token " + name + " is longer than " + MOST_TOKEN_LENGTH + "; " + HOW_TO_MAKE);
    }
    if (!token.chars().allMatch(c -> c > ' ' && c < 0x7f && "\",;\\".indexOf(c) < 0)) {
      throw new IllegalArgumentException(
          "the token "
              + name
              + " has a character that a cookie cannot carry, or a line end; "
              + HOW_TO_MAKE);
    }
  }
}
