package dev.millrace.gateway.auth;

import dev.millrace.core.spec.About;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.Range;
import dev.millrace.core.spec.Secret;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How JSON web tokens are checked: every key that may have signed one, and what else must be true.
public record JwtSpec(
    @About("The secret of HS256, at least 32 bytes; new tokens are made with it.") @Secret
        @Nullable String secret,
    @About("Secrets whose tokens still count, while the secret is being changed.") @Secret
        List<String> previousSecrets,
    @About("The issuer (iss) that a token must name; unset, any.") @Nullable String issuer,
    @About("The audience (aud) that a token must name, alone or among others; unset, any.")
        @Nullable String audience,
    @About("Seconds by which the clocks of issuer and server may differ.")
        @Default("0")
        @Range(min = 0, max = 600)
        int leewaySeconds,
    @About("Further keys, each with an id that tokens name as kid.") List<KeySpec> keys,
    @About("A file with public keys as a JSON web key set (RFC 7517).") @Nullable String jwksFile) {

  /// One key.
  public record KeySpec(
      @About("The id by which tokens name this key.") String kid,
      @About("How tokens of this key are signed.") JwtAlgorithm algorithm,
      @About("The secret of HS256, at least 32 bytes.") @Secret @Nullable String secret,
      @About("A PEM file with the public key or certificate of RS256 or ES256.")
          @Nullable String publicKeyFile) {

    public KeySpec {
      boolean shared = algorithm == JwtAlgorithm.HS256;
      if (shared != (secret != null) || shared == (publicKeyFile != null)) {
        throw new IllegalArgumentException(
            "the key "
                + kid
                + " is of "
                + algorithm
                + " and needs "
                + (shared ? "secret, not public_key_file" : "public_key_file, not secret"));
      }
      if (secret != null) {
        Secrets.requireHmacSecret("the secret of the key " + kid, secret);
      }
    }

    /// Without the secret.
    @Override
    public String toString() {
      return "KeySpec[kid=" + kid + ", algorithm=" + algorithm + ", secret=" + Secrets.MASK + "]";
    }
  }

  public JwtSpec {
    previousSecrets = List.copyOf(previousSecrets);
    keys = List.copyOf(keys);
    if (secret != null) {
      Secrets.requireHmacSecret("auth.jwt.secret", secret);
    }
    for (int i = 0; i < previousSecrets.size(); i++) {
      Secrets.requireHmacSecret("auth.jwt.previous_secrets/" + i, previousSecrets.get(i));
    }
    var kids = new HashSet<String>();
    for (var key : keys) {
      if (!kids.add(key.kid())) {
        throw new IllegalArgumentException("two keys have the kid " + key.kid());
      }
    }
    boolean nothing =
        secret == null && previousSecrets.isEmpty() && keys.isEmpty() && jwksFile == null;
    if (nothing && (issuer != null || audience != null)) {
      throw new IllegalArgumentException(
          "auth.jwt says what tokens must hold and not how they are signed; add secret, keys or"
              + " jwks_file");
    }
  }

  /// Whether there is a key to check tokens with.
  public boolean isConfigured() {
    return secret != null || !previousSecrets.isEmpty() || !keys.isEmpty() || jwksFile != null;
  }

  /// Without the secrets.
  @Override
  public String toString() {
    return "JwtSpec[issuer=" + issuer + ", audience=" + audience + ", keys=" + keys + "]";
  }
}
