package dev.millrace.gateway.auth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import org.jspecify.annotations.Nullable;

/// One key that may have signed a token, for one algorithm only: a public key is never taken for a
/// shared secret. `kid` is null for a key that tokens do not name. Immutable.
record JwtKey(
    @Nullable String kid, JwtAlgorithm algorithm, JWSVerifier verifier, Fingerprint fingerprint) {
  private static final int LEAST_RSA_BITS = 2_048; // RFC 7518, section 3.3

  /// A key that cannot be used; the message says why, as the end of a sentence.
  static final class Unusable extends Exception {
    Unusable(String why) {
      super(why, null, false, false);
    }

    String why() {
      var why = getMessage();
      return why == null ? "" : why;
    }
  }

  static JwtKey shared(@Nullable String kid, byte[] secret) throws Unusable {
    try {
      return new JwtKey(kid, JwtAlgorithm.HS256, new MACVerifier(secret), Fingerprint.of(secret));
    } catch (JOSEException refused) {
      throw new Unusable("has a secret of fewer than 32 bytes; " + Secrets.HOW_TO_MAKE);
    }
  }

  static JwtKey shared(@Nullable String kid, String secret) {
    try {
      return shared(kid, secret.getBytes(StandardCharsets.UTF_8));
    } catch (Unusable impossible) {
      throw new IllegalStateException("the spec has checked its length", impossible);
    }
  }

  static JwtKey of(@Nullable String kid, PublicKey key) throws Unusable {
    var fingerprint = Fingerprint.of(key.getEncoded());
    try {
      return switch (key) {
        case RSAPublicKey rsa -> {
          if (rsa.getModulus().bitLength() < LEAST_RSA_BITS) {
            throw new Unusable("is an RSA key of fewer than " + LEAST_RSA_BITS + " bits");
          }
          yield new JwtKey(kid, JwtAlgorithm.RS256, new RSASSAVerifier(rsa), fingerprint);
        }
        case ECPublicKey curve -> {
          var verifier = new ECDSAVerifier(curve);
          if (!verifier.supportedJWSAlgorithms().contains(JwtAlgorithm.ES256.jws())) {
            throw new Unusable("is on another curve than P-256");
          }
          yield new JwtKey(kid, JwtAlgorithm.ES256, verifier, fingerprint);
        }
        default -> throw new Unusable("is neither of RSA nor on the curve P-256");
      };
    } catch (JOSEException refused) {
      throw new Unusable("is on another curve than P-256");
    }
  }
}
