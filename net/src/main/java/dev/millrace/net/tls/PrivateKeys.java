package dev.millrace.net.tls;

import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Private keys out of PEM blocks: PKCS#8 as the JDK reads it, and the two older forms, which are
/// wrapped into it. Source: RFC 5208 (PKCS#8), RFC 8017 appendix A.1.2 (RSA), RFC 5915 (EC).
final class PrivateKeys {
  private static final List<String> ALGORITHMS = List.of("RSA", "EC", "EdDSA");
  private static final int SEQUENCE = 0x30;
  private static final int OCTET_STRING = 0x04;
  private static final int OID = 0x06;
  private static final int PARAMETERS = 0xa0; // [0] of an EC key

  /// INTEGER 0: PKCS#8's version.
  private static final byte[] VERSION = {2, 1, 0};

  /// SEQUENCE { OID 1.2.840.113549.1.1.1 rsaEncryption, NULL }.
  private static final byte[] RSA = {
    0x30, 0x0d, 6, 9, 0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 0x0d, 1, 1, 1, 5, 0
  };

  /// OID 1.2.840.10045.2.1 ecPublicKey.
  private static final byte[] EC = {6, 7, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 2, 1};

  private PrivateKeys() {}

  /// The key among the blocks of a file.
  ///
  /// @throws IllegalArgumentException with what is wrong, never with what stands there
  static PrivateKey of(List<Pem.Block> blocks) {
    byte[] curve = null;
    for (var block : blocks) {
      if (block.label().equals("ENCRYPTED PRIVATE KEY") || block.headers()) {
        throw new IllegalArgumentException("the key is encrypted");
      }
      switch (block.label()) {
        case "PRIVATE KEY" -> {
          return pkcs8(block.content());
        }
        case "RSA PRIVATE KEY" -> {
          return pkcs8(wrapped(RSA, block.content()));
        }
        case "EC PRIVATE KEY" -> {
          return pkcs8(wrapped(ecAlgorithm(block.content(), curve), block.content()));
        }
        case "EC PARAMETERS" -> curve = block.content();
        default -> {} // a certificate in the same file
      }
    }
    throw new IllegalArgumentException("no private key is in it");
  }

  private static PrivateKey pkcs8(byte[] encoded) {
    var spec = new PKCS8EncodedKeySpec(encoded);
    return ALGORITHMS.stream()
        .map(algorithm -> ofKind(algorithm, spec))
        .flatMap(Optional::stream)
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "the key is damaged, or of a kind other than "
                        + String.join(", ", ALGORITHMS)));
  }

  private static Optional<PrivateKey> ofKind(String algorithm, PKCS8EncodedKeySpec spec) {
    try {
      return Optional.of(KeyFactory.getInstance(algorithm).generatePrivate(spec));
    } catch (InvalidKeySpecException | NoSuchAlgorithmException other) {
      return Optional.empty();
    }
  }

  private static byte[] wrapped(byte[] algorithm, byte[] key) {
    return der(SEQUENCE, VERSION, algorithm, der(OCTET_STRING, key));
  }

  private static byte[] ecAlgorithm(byte[] key, byte @Nullable [] curveBefore) {
    var curve = curveIn(key);
    if (curve == null) {
      curve = curveBefore;
    }
    if (curve == null || curve.length < 2 || curve[0] != OID) {
      throw new IllegalArgumentException("the key names no curve");
    }
    return der(SEQUENCE, EC, curve);
  }

  /// The `[0] parameters` of an ECPrivateKey, or null.
  private static byte @Nullable [] curveIn(byte[] key) {
    var outer = new DerReader(key);
    if (outer.next() != SEQUENCE) {
      throw new IllegalArgumentException("the key is damaged");
    }
    var fields = new DerReader(outer.value());
    while (fields.hasMore()) {
      if (fields.next() == PARAMETERS) {
        return fields.value();
      }
    }
    return null;
  }

  private static byte[] der(int tag, byte[]... parts) {
    var content = new ByteArrayOutputStream();
    for (var part : parts) {
      content.writeBytes(part);
    }
    var out = new ByteArrayOutputStream();
    out.write(tag);
    int length = content.size();
    if (length > 0xffff) {
      throw new IllegalArgumentException("the key is longer than any key");
    } else if (length > 0xff) {
      out.write(0x82);
      out.write(length >> 8);
    } else if (length > 0x7f) {
      out.write(0x81);
    }
    out.write(length);
    out.writeBytes(content.toByteArray());
    return out.toByteArray();
  }

  /// Whether `key` and `certified`, a certificate's public key, are halves of one pair: what one
  /// signs the other verifies.
  static boolean fit(PrivateKey key, PublicKey certified) throws GeneralSecurityException {
    var algorithm =
        switch (key.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> "EdDSA";
        };
    if (!certified.getAlgorithm().equals(key.getAlgorithm())) {
      return false;
    }
    var probe = new byte[32];
    var signer = Signature.getInstance(algorithm);
    signer.initSign(key);
    signer.update(probe);
    var verifier = Signature.getInstance(algorithm);
    verifier.initVerify(certified);
    verifier.update(probe);
    return verifier.verify(signer.sign());
  }
}
