package dev.millrace.gateway.auth;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/// SHA-256 of something that is not kept. Comparing two takes the same time wherever they differ.
final class Fingerprint {
  private final byte[] digest;

  private Fingerprint(byte[] digest) {
    this.digest = digest;
  }

  static Fingerprint of(String text) {
    return of(text.getBytes(StandardCharsets.UTF_8));
  }

  static Fingerprint of(byte[] bytes) {
    try {
      return new Fingerprint(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every Java has SHA-256", impossible);
    }
  }

  @Override
  public boolean equals(@org.jspecify.annotations.Nullable Object other) {
    return other instanceof Fingerprint that && MessageDigest.isEqual(digest, that.digest);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(digest);
  }

  /// Nothing of what it is a fingerprint of, not even this.
  @Override
  public String toString() {
    return Secrets.MASK;
  }
}
