package dev.millrace.gateway.auth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.MACSigner;
import dev.millrace.core.json.Json;
import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.Problem;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.route.Role;
import dev.millrace.core.time.Clock;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Makes JSON web tokens that the same configuration accepts.
public final class TokenMint {
  private record Signing(@Nullable String kid, String secret) {}

  private TokenMint() {}

  /// A token for `subject`, signed with HS256, valid from now for `validity`. Without a role it
  /// opens the client surfaces and nothing else.
  ///
  /// @throws ProblemException with `E_NO_SECRET` where the configuration has no secret to sign with
  public static String mint(
      JwtSpec spec, @Nullable Role role, String subject, Duration validity, Clock clock)
      throws ProblemException {
    if (subject.isBlank()) {
      throw new IllegalArgumentException("a token needs a subject");
    }
    if (validity.toSeconds() < 1) {
      throw new IllegalArgumentException("a validity of " + validity + " is less than a second");
    }
    var signing =
        signing(spec)
            .orElseThrow(
                () ->
                    new ProblemException(
                        Problem.error(
                            "E_NO_SECRET",
                            Location.of("auth.jwt"),
                            "there is no secret to sign with: auth.jwt has neither secret nor a key"
                                + " of HS256",
                            "Have whoever holds the private key make the token, or set"
                                + " auth.jwt.secret_file; "
                                + Secrets.HOW_TO_MAKE)));
    long now = Math.floorDiv(clock.epochMillis(), 1_000L);
    var claims = Json.mapper().createObjectNode().put("sub", subject);
    if (role != null) {
      claims.put("role", role.label());
    }
    if (spec.issuer() != null) {
      claims.put("iss", spec.issuer());
    }
    if (spec.audience() != null) {
      claims.put("aud", spec.audience());
    }
    claims.put("iat", now).put("exp", Math.addExact(now, validity.toSeconds()));
    var header =
        new JWSHeader.Builder(JwtAlgorithm.HS256.jws())
            .type(com.nimbusds.jose.JOSEObjectType.JWT)
            .keyID(signing.kid())
            .build();
    var token = new JWSObject(header, new Payload(Json.bytes(claims)));
    try {
      token.sign(new MACSigner(signing.secret().getBytes(StandardCharsets.UTF_8)));
    } catch (JOSEException impossible) {
      throw new IllegalStateException("the spec has checked the secret's length", impossible);
    }
    return token.serialize();
  }

  private static Optional<Signing> signing(JwtSpec spec) {
    if (spec.secret() != null) {
      return Optional.of(new Signing(null, spec.secret()));
    }
    return spec.keys().stream()
        .filter(key -> key.secret() != null)
        .map(key -> new Signing(key.kid(), String.valueOf(key.secret())))
        .findFirst();
  }
}
