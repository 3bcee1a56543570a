package dev.millrace.gateway.wse.crypto;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.core.json.Json;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Makes and checks the tokens by which the server recognises a session ([#SESSION_VALIDITY]) and
/// the right to a channel ([#CHANNEL_VALIDITY]). Either kind opens nothing of the other kind. Safe
/// from any thread.
public final class SessionTokens {
  public static final Duration SESSION_VALIDITY = Duration.ofHours(24);
  public static final Duration CHANNEL_VALIDITY = Duration.ofHours(1);

  private static final int NONCE_BYTES = 16;
  private static final int LONGEST = 4 << 10;
  private static final long CLOCKS_DIFFER_SECONDS = 60;
  private static final String SESSION_TYPE = "ws_session";
  private static final String CHANNEL_TYPE = "ws_channel";

  private final byte[] secret;
  private final byte[] channelSecret; // so that no token of one kind passes for the other
  private final boolean web;
  private final SecureRandom random;

  /// Whose token it is: the connection of a session, or the channel.
  public record Holder(String user, String of) {}

  private SessionTokens(byte[] secret, boolean web, SecureRandom random) {
    this.secret = secret.clone();
    this.channelSecret = Digests.hmac(secret, CHANNEL_TYPE.getBytes(UTF_8));
    this.web = web;
    this.random = random;
  }

  /// Tokens like `user:connection:issued_at:nonce:hmac`.
  public static SessionTokens withHmac(byte[] secret, SecureRandom random) {
    return new SessionTokens(secret, false, random);
  }

  /// JSON web tokens of HS256.
  public static SessionTokens asWebTokens(byte[] secret, SecureRandom random) {
    return new SessionTokens(secret, true, random);
  }

  /// A token of the session of `user` on a connection, whose id has no colon.
  public String session(String user, String connectionId, long epochMillis) {
    if (connectionId.indexOf(':') >= 0) {
      throw new IllegalArgumentException("a connection's id has no colon: " + connectionId);
    }
    return web
        ? webToken(user, "conn_id", connectionId, SESSION_TYPE, SESSION_VALIDITY, epochMillis)
        : hmacToken(secret, user + ":" + connectionId, epochMillis);
  }

  /// Whose session it is; empty unless the token is sound and not expired.
  public Optional<Holder> verifySession(String token, long epochMillis) {
    if (token.length() > LONGEST) {
      return Optional.empty();
    }
    if (web) {
      return webHolder(token, "conn_id", SESSION_TYPE, epochMillis);
    }
    var names = signedNames(secret, token, SESSION_VALIDITY, epochMillis);
    int colon = names == null ? -1 : names.lastIndexOf(':'); // a user's name may have some
    return names == null || colon < 0
        ? Optional.empty()
        : Optional.of(new Holder(names.substring(0, colon), names.substring(colon + 1)));
  }

  /// A token of the right of `user` to a channel.
  public String channel(String user, String channel, long epochMillis) {
    return web
        ? webToken(user, "channel", channel, CHANNEL_TYPE, CHANNEL_VALIDITY, epochMillis)
        : hmacToken(channelSecret, encoded(user) + ":" + encoded(channel), epochMillis);
  }

  /// Who may use which channel; empty unless the token is sound and not expired.
  public Optional<Holder> verifyChannel(String token, long epochMillis) {
    if (token.length() > LONGEST) {
      return Optional.empty();
    }
    if (web) {
      return webHolder(token, "channel", CHANNEL_TYPE, epochMillis);
    }
    var names = signedNames(channelSecret, token, CHANNEL_VALIDITY, epochMillis);
    int colon = names == null ? -1 : names.indexOf(':');
    return names == null || colon < 0
        ? Optional.empty()
        : Optional.of(
            new Holder(decoded(names.substring(0, colon)), decoded(names.substring(colon + 1))));
  }

  private String hmacToken(byte[] key, String names, long epochMillis) {
    var signed =
        names
            + ":"
            + Math.floorDiv(epochMillis, 1_000L)
            + ":"
            + Digests.randomHex(random, NONCE_BYTES);
    return signed + ":" + Digests.hmacHex(key, signed);
  }

  /// What stands before the time in a sound token, null if it is none.
  private static @Nullable String signedNames(
      byte[] key, String token, Duration validity, long epochMillis) {
    int mac = token.lastIndexOf(':');
    int nonce = token.lastIndexOf(':', mac - 1);
    int issued = token.lastIndexOf(':', nonce - 1);
    if (issued < 0
        || !Digests.same(Digests.hmacHex(key, token.substring(0, mac)), token.substring(mac + 1))) {
      return null;
    }
    long issuedAt = Long.parseLong(token, issued + 1, nonce, 10); // signed, so it is a number
    long now = Math.floorDiv(epochMillis, 1_000L);
    boolean current =
        now < issuedAt + validity.toSeconds() && issuedAt <= now + CLOCKS_DIFFER_SECONDS;
    return current ? token.substring(0, issued) : null;
  }

  private String webToken(
      String user, String key, String of, String type, Duration validity, long epochMillis) {
    long now = Math.floorDiv(epochMillis, 1_000L);
    return Hs256.sign(
        secret,
        Json.mapper()
            .createObjectNode()
            .put("sub", user)
            .put(key, of)
            .put("type", type)
            .put("nonce", Digests.randomHex(random, NONCE_BYTES))
            .put("iat", now)
            .put("exp", now + validity.toSeconds()));
  }

  private Optional<Holder> webHolder(String token, String key, String type, long epochMillis) {
    return Hs256.verify(secret, token)
        .filter(claims -> claims.path("type").asString("").equals(type))
        .filter(claims -> Math.floorDiv(epochMillis, 1_000L) < seconds(claims.path("exp")))
        .filter(claims -> claims.path("sub").isString() && claims.path(key).isString())
        .map(claims -> new Holder(claims.path("sub").asString(), claims.path(key).asString()));
  }

  private static long seconds(JsonNode claim) {
    return claim.canConvertToLong() ? claim.longValue() : Long.MIN_VALUE;
  }

  private static String encoded(String name) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(name.getBytes(UTF_8));
  }

  private static String decoded(String name) {
    return new String(Base64.getUrlDecoder().decode(name), UTF_8);
  }
}
