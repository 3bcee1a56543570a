package dev.millrace.gateway.wse.crypto;

import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECFieldFp;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.KeyAgreement;
import org.jspecify.annotations.Nullable;

/// Elliptic curve Diffie-Hellman on P-256, with public keys as base64 of 65 bytes: 4, X, Y. The
/// point at infinity has no such form; points that are not on the curve are refused. Source: SEC 1,
/// sections 2.3.3 and 2.3.4; NIST SP 800-56A, section 5.6.2.3.
final class P256 {
  private static final int COORDINATE = 32;
  private static final int POINT = 1 + 2 * COORDINATE;
  private static final byte UNCOMPRESSED = 4;
  private static final int LONGEST_TEXT = 128; // of a key in base64 there are 88
  private static final String CURVE = "secp256r1";
  private static final ECParameterSpec PARAMETERS = parameters();
  private static final BigInteger PRIME = ((ECFieldFp) PARAMETERS.getCurve().getField()).getP();

  private P256() {}

  static KeyPair newPair() {
    try {
      var generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec(CURVE));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("every JDK has P-256", impossible);
    }
  }

  static String text(PublicKey key) {
    var point = ((ECPublicKey) key).getW();
    var bytes = new byte[POINT];
    bytes[0] = UNCOMPRESSED;
    write(point.getAffineX(), bytes, 1);
    write(point.getAffineY(), bytes, 1 + COORDINATE);
    return Base64.getEncoder().encodeToString(bytes);
  }

  /// The key that `text` stands for; null if it is none.
  static @Nullable PublicKey publicKey(String text) {
    byte[] bytes;
    try {
      bytes = text.length() > LONGEST_TEXT ? new byte[0] : Base64.getDecoder().decode(text);
    } catch (IllegalArgumentException noBase64) {
      return null;
    }
    if (bytes.length != POINT || bytes[0] != UNCOMPRESSED) {
      return null;
    }
    var x = new BigInteger(1, Arrays.copyOfRange(bytes, 1, 1 + COORDINATE));
    var y = new BigInteger(1, Arrays.copyOfRange(bytes, 1 + COORDINATE, POINT));
    return isOnCurve(x, y) ? publicKey(new ECPoint(x, y)) : null;
  }

  /// The X coordinate of the shared point, 32 bytes.
  static byte[] agree(PrivateKey own, PublicKey theirs) {
    try {
      var agreement = KeyAgreement.getInstance("ECDH");
      agreement.init(own);
      agreement.doPhase(theirs, true);
      return agreement.generateSecret();
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("both keys are of P-256", impossible);
    }
  }

  /// Whether y² = x³ + ax + b modulo p, both being residues. The curve's order is prime, so that
  /// every such point has it.
  private static boolean isOnCurve(BigInteger x, BigInteger y) {
    if (x.compareTo(PRIME) >= 0 || y.compareTo(PRIME) >= 0) {
      return false;
    }
    var curve = PARAMETERS.getCurve();
    var right = x.multiply(x).add(curve.getA()).multiply(x).add(curve.getB()).mod(PRIME);
    return y.multiply(y).mod(PRIME).equals(right);
  }

  private static PublicKey publicKey(ECPoint point) {
    try {
      return KeyFactory.getInstance("EC").generatePublic(new ECPublicKeySpec(point, PARAMETERS));
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("the point is on the curve", impossible);
    }
  }

  private static ECParameterSpec parameters() {
    try {
      var parameters = AlgorithmParameters.getInstance("EC");
      parameters.init(new ECGenParameterSpec(CURVE));
      return parameters.getParameterSpec(ECParameterSpec.class);
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("every JDK has P-256", impossible);
    }
  }

  private static void write(BigInteger coordinate, byte[] bytes, int at) {
    var digits = coordinate.toByteArray(); // perhaps a zero in front, perhaps less than 32
    int length = Math.min(digits.length, COORDINATE);
    System.arraycopy(digits, digits.length - length, bytes, at + COORDINATE - length, length);
  }
}
