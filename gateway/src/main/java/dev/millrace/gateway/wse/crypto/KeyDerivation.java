package dev.millrace.gateway.wse.crypto;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.millrace.hub.EncryptionSpec;
import java.security.GeneralSecurityException;
import javax.crypto.KDF;
import javax.crypto.SecretKey;
import javax.crypto.spec.HKDFParameterSpec;
import org.jspecify.annotations.Nullable;

/// How the shared secret becomes the key of a session, 256 bits for AES. Clients of one generation
/// salt it and those of the next do not, and neither says which it is. Source: RFC 5869, with
/// SHA-256.
public enum KeyDerivation {
  /// With the salt `wse-encryption`, for `aes-gcm-key`.
  SALTED("wse-encryption", "aes-gcm-key"),
  /// Without a salt, for `wse-encryption/aes-gcm-key`.
  UNSALTED(null, "wse-encryption/aes-gcm-key");

  private static final int KEY_BYTES = 32;

  private final @Nullable String salt;
  private final String info;

  KeyDerivation(@Nullable String salt, String info) {
    this.salt = salt;
    this.info = info;
  }

  /// The one that the configuration names.
  public static KeyDerivation of(EncryptionSpec.Derivation derivation) {
    return switch (derivation) {
      case SALTED -> SALTED;
      case UNSALTED -> UNSALTED;
    };
  }

  SecretKey key(byte[] secret) {
    var extract = HKDFParameterSpec.ofExtract().addIKM(secret);
    if (salt != null) {
      extract.addSalt(salt.getBytes(US_ASCII));
    }
    try {
      return KDF.getInstance("HKDF-SHA256")
          .deriveKey("AES", extract.thenExpand(info.getBytes(US_ASCII), KEY_BYTES));
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("every JDK from 25 on has HKDF-SHA256", impossible);
    }
  }

  KeyDerivation other() {
    return this == SALTED ? UNSALTED : SALTED;
  }
}
