package dev.millrace.gateway.wse.crypto;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.core.json.Json;
import dev.millrace.hub.SessionTokenSpec;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Makes and checks the tokens by which the server recognises a session, for [#VALIDITY]: texts
/// like `user:connection:issued_at:nonce:hmac`, or JSON web tokens of HS256. Safe from any thread.
///
/// They are signed with keys that are derived from the secrets, so that a session token opens
/// nothing else where the same secret signs other tokens too.
public final class SessionTokens {
  public static final Duration VALIDITY = Duration.ofHours(24);

  private static final int NONCE_BYTES = 16;
  private static final int LONGEST = 4 << 10;
  private static final long CLOCKS_DIFFER_SECONDS = 60;
  private static final String TYPE = "ws_session";

  private final List<byte[]> keys = new ArrayList<>(); // the first signs, all of them verify
  private final boolean web;
  private final SecureRandom random;

  /// Whose token it is: the user and the connection of a session.
  public record Holder(String user, String connectionId) {}

  private SessionTokens(SessionTokenSpec spec, String secret, SecureRandom random) {
    keys.add(key(secret));
    spec.previousSecrets().forEach(previous -> keys.add(key(previous)));
    this.web = spec.form() == SessionTokenSpec.Form.JWT;
    this.random = random;
  }

  /// Empty where there is no secret.
  public static Optional<SessionTokens> of(SessionTokenSpec spec, SecureRandom random) {
    var secret = spec.secret();
    return secret == null ? Optional.empty() : Optional.of(new SessionTokens(spec, secret, random));
  }

  private static byte[] key(String secret) {
    return Digests.hmac(secret.getBytes(UTF_8), TYPE.getBytes(UTF_8));
  }

  /// A token of the session of `user` on a connection, whose id has no colon.
  public String issue(String user, String connectionId, long epochMillis) {
    if (connectionId.indexOf(':') >= 0) {
      throw new IllegalArgumentException("a connection's id has no colon: " + connectionId);
    }
    long now = Math.floorDiv(epochMillis, 1_000L);
    var nonce = Digests.randomHex(random, NONCE_BYTES);
    if (web) {
      return Hs256.sign(
          keys.getFirst(),
          Json.mapper()
              .createObjectNode()
              .put("sub", user)
              .put("conn_id", connectionId)
              .put("type", TYPE)
              .put("nonce", nonce)
              .put("iat", now)
              .put("exp", now + VALIDITY.toSeconds()));
    }
    var signed = user + ":" + connectionId + ":" + now + ":" + nonce;
    return signed + ":" + Digests.hmacHex(keys.getFirst(), signed);
  }

  /// Whose session it is; empty unless the token is sound and not expired.
  public Optional<Holder> verify(String token, long epochMillis) {
    if (token.length() > LONGEST) {
      return Optional.empty();
    }
    long now = Math.floorDiv(epochMillis, 1_000L);
    for (var key : keys) {
      var holder = web ? webHolder(key, token, now) : holder(key, token, now);
      if (holder != null) {
        return Optional.of(holder);
      }
    }
    return Optional.empty();
  }

  private static @Nullable Holder holder(byte[] key, String token, long now) {
    int mac = token.lastIndexOf(':');
    int nonce = token.lastIndexOf(':', mac - 1);
    int issued = token.lastIndexOf(':', nonce - 1);
    int connection = token.lastIndexOf(':', issued - 1); // a user's name may have some before it
    if (connection < 0
        || !Digests.same(Digests.hmacHex(key, token.substring(0, mac)), token.substring(mac + 1))) {
      return null;
    }
    long issuedAt = Long.parseLong(token, issued + 1, nonce, 10); // signed, so it is a number
    boolean current =
        now < issuedAt + VALIDITY.toSeconds() && issuedAt <= now + CLOCKS_DIFFER_SECONDS;
    return current
        ? new Holder(token.substring(0, connection), token.substring(connection + 1, issued))
        : null;
  }

  private static @Nullable Holder webHolder(byte[] key, String token, long now) {
    return Hs256.verify(key, token)
        .filter(claims -> claims.path("type").asString("").equals(TYPE))
        .filter(claims -> now < seconds(claims.path("exp")))
        .filter(claims -> claims.path("sub").isString() && claims.path("conn_id").isString())
        .map(claims -> new Holder(claims.path("sub").asString(), claims.path("conn_id").asString()))
        .orElse(null);
  }

  private static long seconds(JsonNode claim) {
    return claim.canConvertToLong() ? claim.longValue() : Long.MIN_VALUE;
  }
}
