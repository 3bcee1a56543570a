package dev.millrace.gateway.wse.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.millrace.gateway.wse.codec.RandomJson;
import dev.millrace.gateway.wse.codec.WireFrame;
import dev.millrace.gateway.wse.crypto.SessionTokens.Holder;
import dev.millrace.hub.SessionTokenSpec;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SessionTokensTest {
  private static final String SECRET = "a secret of thirty-two characters";
  private static final String OLD = "another secret of thirty-two characters";
  private static final long NOW = 1_772_355_600_999L;
  private static final long VALIDITY = SessionTokens.VALIDITY.toMillis();

  private final SessionTokens hmac = tokens(SessionTokenSpec.Form.HMAC, SECRET);
  private final SessionTokens web = tokens(SessionTokenSpec.Form.JWT, SECRET);

  private static SessionTokens tokens(
      SessionTokenSpec.Form form, String secret, String... previous) {
    return SessionTokens.of(
            new SessionTokenSpec(secret, List.of(previous), form), new SecureRandom())
        .orElseThrow();
  }

  @Test
  void withoutASecretThereAreNone() {
    var spec = new SessionTokenSpec(null, List.of(), SessionTokenSpec.Form.HMAC);
    assertThat(SessionTokens.of(spec, new SecureRandom())).isEmpty();
  }

  @Test
  void aTokenNamesUserConnectionTimeAndNonce() {
    assertThat(hmac.issue("alice", "ws_1", NOW))
        .matches("alice:ws_1:1772355600:[0-9a-f]{32}:[0-9a-f]{64}");
    assertThatThrownBy(() -> hmac.issue("alice", "a:b", NOW))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aTokenIsSoundUntilItExpires() {
    for (var tokens : List.of(hmac, web)) {
      var token = tokens.issue("did:plc:alice", "ws_1", NOW);
      assertThat(tokens.verify(token, NOW)).contains(new Holder("did:plc:alice", "ws_1"));
      assertThat(tokens.verify(token, NOW + VALIDITY - 1_000)).isPresent();
      assertThat(tokens.verify(token, NOW + VALIDITY)).isEmpty();
    }
    var early = hmac.issue("a", "b", NOW + 61_000);
    assertThat(hmac.verify(early, NOW)).as("from a future that no clock has").isEmpty();
  }

  @Test
  void tokensOfThePreviousSecretCountWhileItIsNamed() {
    for (var form : SessionTokenSpec.Form.values()) {
      var token = tokens(form, OLD).issue("alice", "ws_1", NOW);
      assertThat(tokens(form, SECRET, OLD).verify(token, NOW)).isPresent();
      assertThat(tokens(form, SECRET).verify(token, NOW)).isEmpty();
      var fresh = tokens(form, SECRET, OLD).issue("alice", "ws_1", NOW);
      assertThat(tokens(form, OLD).verify(fresh, NOW)).isEmpty();
    }
  }

  @Test
  void theSameSecretElsewhereMakesNoSessionTokensOfOtherTokens() {
    var token = web.issue("alice", "ws_1", NOW);
    assertThat(Hs256.verify(WireFrame.bytes(SECRET), token)).isEmpty();
  }

  @Test
  void aTokenThatWasTouchedIsNotSound() {
    for (var tokens : List.of(hmac, web)) {
      var token = tokens.issue("alice", "ws_1", NOW);
      for (int at = 0; at < token.length(); at += 5) {
        var touched = new StringBuilder(token);
        touched.setCharAt(at, touched.charAt(at) == 'a' ? 'b' : 'a');
        assertThat(tokens.verify(touched.toString(), NOW)).as("at " + at).isEmpty();
      }
      for (var other : List.of("", ":", "::::", "a:b:c:d:e", "x".repeat(10_000))) {
        assertThat(tokens.verify(other, NOW)).isEmpty();
      }
    }
    assertThat(web.verify(hmac.issue("a", "b", NOW), NOW)).isEmpty();
    assertThat(hmac.verify(web.issue("a", "b", NOW), NOW)).isEmpty();
  }

  @Test
  void damagedTokensNeverFail() {
    long seed = new Random().nextLong();
    var json = new RandomJson(new Random(seed));
    for (int i = 0; i < 2_000; i++) {
      anyTextIsVerifiedWithoutFailing(json.damaged(WireFrame.bytes(hmac.issue("a", "b", NOW))));
      anyTextIsVerifiedWithoutFailing(json.damaged(WireFrame.bytes(web.issue("a", "b", NOW))));
    }
  }

  @FuzzTest
  void anyTextIsVerifiedWithoutFailing(byte[] bytes) {
    var text = new String(bytes, StandardCharsets.ISO_8859_1);
    for (var tokens : List.of(hmac, web)) {
      tokens.verify(text, NOW);
    }
  }
}
