package dev.millrace.gateway.wse.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.millrace.gateway.wse.codec.RandomJson;
import dev.millrace.gateway.wse.codec.WireFrame;
import dev.millrace.gateway.wse.crypto.SessionTokens.Holder;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SessionTokensTest {
  private static final byte[] SECRET = WireFrame.bytes("a secret of thirty-two characters");
  private static final long NOW = 1_772_355_600_999L;
  private static final long SESSION = SessionTokens.SESSION_VALIDITY.toMillis();
  private static final long CHANNEL = SessionTokens.CHANNEL_VALIDITY.toMillis();

  private final SecureRandom random = new SecureRandom();
  private final SessionTokens hmac = SessionTokens.withHmac(SECRET, random);
  private final SessionTokens web = SessionTokens.asWebTokens(SECRET, random);

  @Test
  void aSessionTokenNamesUserConnectionTimeAndNonce() {
    assertThat(hmac.session("alice", "ws_1", NOW))
        .matches("alice:ws_1:1772355600:[0-9a-f]{32}:[0-9a-f]{64}");
    assertThatThrownBy(() -> hmac.session("alice", "a:b", NOW))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aTokenIsSoundUntilItExpires() {
    for (var tokens : List.of(hmac, web)) {
      var session = tokens.session("did:plc:alice", "ws_1", NOW);
      assertThat(tokens.verifySession(session, NOW)).contains(new Holder("did:plc:alice", "ws_1"));
      assertThat(tokens.verifySession(session, NOW + SESSION - 1_000)).isPresent();
      assertThat(tokens.verifySession(session, NOW + SESSION)).isEmpty();
      var channel = tokens.channel("did:plc:alice", "user:1:é", NOW);
      assertThat(tokens.verifyChannel(channel, NOW))
          .contains(new Holder("did:plc:alice", "user:1:é"));
      assertThat(tokens.verifyChannel(channel, NOW + CHANNEL)).isEmpty();
    }
    var early = hmac.session("a", "b", NOW + 61_000);
    assertThat(hmac.verifySession(early, NOW)).as("from a future that no clock has").isEmpty();
  }

  @Test
  void noTokenPassesForOneOfTheOtherKind() {
    for (var tokens : List.of(hmac, web)) {
      assertThat(tokens.verifyChannel(tokens.session("a", "b", NOW), NOW)).isEmpty();
      assertThat(tokens.verifySession(tokens.channel("a", "b", NOW), NOW)).isEmpty();
    }
    assertThat(web.verifySession(hmac.session("a", "b", NOW), NOW)).isEmpty();
    assertThat(hmac.verifySession(web.session("a", "b", NOW), NOW)).isEmpty();
  }

  @Test
  void aTokenThatWasTouchedIsNotSound() {
    for (var tokens : List.of(hmac, web)) {
      var session = tokens.session("alice", "ws_1", NOW);
      for (int at = 0; at < session.length(); at += 5) {
        var touched = new StringBuilder(session);
        touched.setCharAt(at, touched.charAt(at) == 'a' ? 'b' : 'a');
        assertThat(tokens.verifySession(touched.toString(), NOW)).as("at " + at).isEmpty();
      }
      for (var other : List.of("", ":", "::::", "a:b:c:d:e", "x".repeat(10_000))) {
        assertThat(tokens.verifySession(other, NOW)).isEmpty();
        assertThat(tokens.verifyChannel(other, NOW)).isEmpty();
      }
      var foreign = SessionTokens.withHmac(new byte[32], random);
      assertThat(foreign.verifySession(session, NOW)).isEmpty();
    }
  }

  @Test
  void damagedTokensNeverFail() {
    long seed = new Random().nextLong();
    var json = new RandomJson(new Random(seed));
    for (int i = 0; i < 2_000; i++) {
      anyTextIsVerifiedWithoutFailing(json.damaged(WireFrame.bytes(hmac.session("a", "b", NOW))));
      anyTextIsVerifiedWithoutFailing(json.damaged(WireFrame.bytes(web.channel("a", "b", NOW))));
    }
  }

  @FuzzTest
  void anyTextIsVerifiedWithoutFailing(byte[] bytes) {
    var text = new String(bytes, StandardCharsets.ISO_8859_1);
    for (var tokens : List.of(hmac, web)) {
      tokens.verifySession(text, NOW);
      tokens.verifyChannel(text, NOW);
    }
  }
}
