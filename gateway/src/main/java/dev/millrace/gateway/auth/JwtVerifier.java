package dev.millrace.gateway.auth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.util.Base64URL;
import dev.millrace.core.json.Json;
import dev.millrace.core.route.Principal;
import dev.millrace.core.route.Role;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Checks JSON web tokens: who signed, for whom, until when. A key verifies its own algorithm and
/// no other, so neither `none` nor a public key taken for a secret gets anywhere. Immutable.
/// Source: RFC 7519, section 7.2, and RFC 8725, section 3.
final class JwtVerifier {
  /// What became of one token. Messages repeat nothing of it.
  sealed interface Verdict {
    record Trusted(TrustedJwt jwt) implements Verdict {}

    record Refused(String message) implements Verdict {}
  }

  private static final Verdict MALFORMED = new Verdict.Refused("Malformed JWT token");
  private static final Verdict BAD_HEADER = new Verdict.Refused("Invalid JWT header");
  private static final Verdict BAD_SIGNATURE = new Verdict.Refused("Invalid JWT signature");
  private static final Verdict BAD_PAYLOAD = new Verdict.Refused("Invalid JWT payload");
  static final Verdict.Refused EXPIRED = new Verdict.Refused("Token expired");
  private static final Verdict NOT_YET = new Verdict.Refused("Token not valid yet");
  static final Verdict.Refused BAD_ISSUER = new Verdict.Refused("Invalid issuer");
  static final Verdict.Refused BAD_AUDIENCE = new Verdict.Refused("Invalid audience");
  private static final Verdict NOBODY = new Verdict.Refused("Token missing user ID");
  private static final Verdict BAD_ROLE = new Verdict.Refused("Unknown role");

  private final List<JwtKey> keys;
  private final @Nullable String issuer;
  private final @Nullable String audience;
  private final long leewaySeconds;
  private final Verdict unsupported;

  JwtVerifier(JwtSpec spec, List<JwtKey> keys) {
    this.keys = List.copyOf(keys);
    this.issuer = spec.issuer();
    this.audience = spec.audience();
    this.leewaySeconds = spec.leewaySeconds();
    var names =
        keys.stream()
            .map(key -> key.algorithm().name())
            .distinct()
            .sorted()
            .collect(Collectors.joining(", "));
    this.unsupported = new Verdict.Refused("Unsupported algorithm (only " + names + ")");
  }

  /// Whether checking a token may take long: a signature of a key pair does, that of a shared
  /// secret does not.
  boolean takesLong() {
    return keys.stream().anyMatch(key -> key.algorithm() != JwtAlgorithm.HS256);
  }

  /// `nowSeconds` is the time since the epoch.
  Verdict verify(String token, long nowSeconds) {
    var parts = token.split("\\.", -1);
    if (parts.length != 3) {
      return MALFORMED;
    }
    var header = decoded(parts[0]);
    var payload = decoded(parts[1]);
    if (header == null || payload == null || decoded(parts[2]) == null) {
      return MALFORMED;
    }
    if (!(object(header) instanceof ObjectNode said)) {
      return BAD_HEADER;
    }
    var kid = said.get("kid");
    boolean odd = said.has("crit") || (kid != null && !kid.isString());
    if (odd || !said.path("alg").isString()) {
      return BAD_HEADER; // nothing here understands a critical extension: RFC 7515, section 4.1.11
    }
    var alg = said.path("alg").asString();
    var algorithm =
        Arrays.stream(JwtAlgorithm.values())
            .filter(one -> one.name().equals(alg))
            .filter(one -> keys.stream().anyMatch(key -> key.algorithm() == one))
            .findFirst();
    if (algorithm.isEmpty()) {
      return unsupported;
    }
    var signer = signer(parts, algorithm.get(), kid == null ? null : kid.asString());
    if (signer == null) {
      return BAD_SIGNATURE;
    }
    return object(payload) instanceof ObjectNode claims
        ? judge(claims, signer.fingerprint(), nowSeconds)
        : BAD_PAYLOAD;
  }

  /// Whether a token that was verified before would be again, as far as its key and its claims go;
  /// null when it would.
  Verdict.@Nullable Refused objectionTo(TrustedJwt jwt) {
    if (keys.stream().noneMatch(key -> key.fingerprint().equals(jwt.key()))) {
      return new Verdict.Refused("Invalid JWT signature");
    }
    return objectionTo(jwt.issuer(), jwt.audiences());
  }

  /// The epoch second from which the token no longer counts.
  long expiryOf(TrustedJwt jwt) {
    long expires = jwt.expiresAtSeconds();
    return expires > Long.MAX_VALUE - leewaySeconds ? Long.MAX_VALUE : expires + leewaySeconds;
  }

  private @Nullable JwtKey signer(String[] parts, JwtAlgorithm algorithm, @Nullable String kid) {
    var header = new JWSHeader(algorithm.jws());
    var signed = (parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII);
    var signature = new Base64URL(parts[2]);
    return candidates(algorithm, kid).stream()
        .filter(key -> hasSigned(key, header, signed, signature))
        .findFirst()
        .orElse(null);
  }

  private static boolean hasSigned(
      JwtKey key, JWSHeader header, byte[] signed, Base64URL signature) {
    try {
      return key.verifier().verify(header, signed, signature);
    } catch (JOSEException unsound) {
      return false; // it cannot be a signature of this key
    }
  }

  /// The keys that the token names; where it names none, or one that no key is called by, those
  /// without a name also count.
  private List<JwtKey> candidates(JwtAlgorithm algorithm, @Nullable String kid) {
    var ofAlgorithm = keys.stream().filter(key -> key.algorithm() == algorithm).toList();
    if (kid == null) {
      return ofAlgorithm;
    }
    var named = ofAlgorithm.stream().filter(key -> kid.equals(key.kid())).toList();
    return named.isEmpty() ? ofAlgorithm.stream().filter(key -> key.kid() == null).toList() : named;
  }

  private Verdict judge(ObjectNode claims, Fingerprint key, long nowSeconds) {
    var expires = claims.path("exp");
    var notBefore = claims.get("nbf");
    if (!isWhole(expires) || (notBefore != null && !isWhole(notBefore))) {
      return BAD_PAYLOAD;
    }
    if (nowSeconds - leewaySeconds >= expires.asLong()) {
      return EXPIRED;
    }
    if (notBefore != null && nowSeconds + leewaySeconds < notBefore.asLong()) {
      return NOT_YET;
    }
    var givenIssuer = claims.path("iss").isString() ? claims.path("iss").asString() : null;
    var audiences = texts(claims.path("aud"));
    var objection = objectionTo(givenIssuer, audiences);
    if (objection != null) {
      return objection;
    }
    var subject = claims.path("sub");
    if (!subject.isString() || subject.asString().isBlank()) {
      return NOBODY;
    }
    var word = claims.get("role");
    var role = word == null || word.isNull() ? null : role(word);
    if (role == null && word != null && !word.isNull()) {
      return BAD_ROLE;
    }
    return new Verdict.Trusted(
        new TrustedJwt(
            new Principal(subject.asString(), Principal.Kind.JWT, role),
            expires.asLong(),
            key,
            givenIssuer,
            audiences));
  }

  private Verdict.@Nullable Refused objectionTo(
      @Nullable String givenIssuer, List<String> audiences) {
    if (issuer != null && !issuer.equals(givenIssuer)) {
      return BAD_ISSUER;
    }
    return audience != null && !audiences.contains(audience) ? BAD_AUDIENCE : null;
  }

  private static @Nullable Role role(JsonNode word) {
    return Arrays.stream(Role.values())
        .filter(role -> word.isString() && role.label().equals(word.asString()))
        .findFirst()
        .orElse(null);
  }

  private static boolean isWhole(JsonNode number) {
    return number.isIntegralNumber() && number.canConvertToLong();
  }

  private static List<String> texts(JsonNode oneOrMany) {
    var texts = new ArrayList<String>();
    if (oneOrMany.isString()) {
      texts.add(oneOrMany.asString());
    }
    if (oneOrMany.isArray()) {
      oneOrMany.forEach(
          one -> {
            if (one.isString()) {
              texts.add(one.asString());
            }
          });
    }
    return List.copyOf(texts);
  }

  private static @Nullable JsonNode object(byte[] json) {
    try {
      return Json.tree(json);
    } catch (JacksonException broken) {
      return null;
    }
  }

  /// The bytes of one part, or null. There is one way to write them, without padding: a token that
  /// differs in a bit that stands for nothing is another token.
  private static byte @Nullable [] decoded(String part) {
    if (part.isEmpty() || part.indexOf('=') >= 0) {
      return null;
    }
    try {
      var bytes = Base64.getUrlDecoder().decode(part);
      var canonical = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
      return canonical.equals(part) ? bytes : null;
    } catch (IllegalArgumentException notBase64) {
      return null;
    }
  }
}
