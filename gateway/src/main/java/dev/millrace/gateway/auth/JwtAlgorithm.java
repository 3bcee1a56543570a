package dev.millrace.gateway.auth;

import com.nimbusds.jose.JWSAlgorithm;

/// How a JSON web token may be signed. Source: RFC 7518, section 3.1.
public enum JwtAlgorithm {
  /// A secret that both sides know.
  HS256(JWSAlgorithm.HS256),
  /// An RSA key pair.
  RS256(JWSAlgorithm.RS256),
  /// A key pair on the curve P-256.
  ES256(JWSAlgorithm.ES256);

  @SuppressWarnings("ImmutableEnumChecker") // a name that never changes
  private final JWSAlgorithm name;

  JwtAlgorithm(JWSAlgorithm name) {
    this.name = name;
  }

  JWSAlgorithm jws() {
    return name;
  }
}
