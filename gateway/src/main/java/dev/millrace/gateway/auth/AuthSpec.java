package dev.millrace.gateway.auth;

import dev.millrace.core.route.Surface;
import dev.millrace.core.spec.About;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.Range;
import dev.millrace.core.spec.Spec;
import java.util.HashSet;
import java.util.List;

/// The section `auth`: who is let in. With neither tokens nor a way to check JSON web tokens there
/// is no authentication, and the server listens on loopback only.
public record AuthSpec(
    @About("How JSON web tokens are checked.") JwtSpec jwt,
    @About("Fixed tokens, for operators and programs.") List<TokenSpec> tokens,
    @About(
            "Surfaces that callers without credentials may use: wse, sse, publish, inbound, mirror,"
                + " feed, classify, api; noc and admin only while every listener is on loopback."
                + " Bad credentials are refused here too.")
        List<Surface> anonymous,
    @About(
            "Whether a token may stand in the address as ?token= or ?access_token=. Addresses end"
                + " up in logs and histories, so prefer the header or the cookie.")
        @Default("false")
        boolean queryToken,
    @About("Whether a connection is closed with 4401 when the token it came with expires.")
        @Default("true")
        boolean closeOnExpiry,
    @About("Failed attempts that one address may make before it is answered 429 unheard.")
        FailureLimit failuresPerAddress) {
  private static final int MOST_TOKENS = 1_000;

  /// No authentication, and every default.
  public static final AuthSpec NONE = Spec.of(AuthSpec.class).defaults();

  /// A bucket of failures: `capacity` at once, then `refillRate` a second.
  public record FailureLimit(
      @About("Failures at once.") @Default("20") @Range(min = 1, max = 1_000_000) int capacity,
      @About("Failures a second after that; 0 allows any number.")
          @Default("1")
          @Range(min = 0, max = 1_000_000)
          double refillRate) {}

  public AuthSpec {
    tokens = List.copyOf(tokens);
    anonymous = List.copyOf(anonymous);
    if (tokens.size() > MOST_TOKENS) {
      throw new IllegalArgumentException(
          tokens.size() + " fixed tokens are more than " + MOST_TOKENS + "; use JSON web tokens");
    }
    var names = new HashSet<String>();
    var values = new HashSet<String>();
    for (var token : tokens) {
      if (!names.add(token.name())) {
        throw new IllegalArgumentException(
            "two tokens are called "
                + token.name()
                + "; the audit trail could not tell them apart");
      }
      if (!values.add(token.token())) {
        throw new IllegalArgumentException(
            "the token " + token.name() + " is the same as another one; " + Secrets.HOW_TO_MAKE);
      }
    }
  }

  /// Whether anybody is asked for credentials.
  public boolean isConfigured() {
    return jwt.isConfigured() || !tokens.isEmpty();
  }
}
