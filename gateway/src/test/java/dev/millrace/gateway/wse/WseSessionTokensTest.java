package dev.millrace.gateway.wse;

import static dev.millrace.gateway.auth.TestTokens.SECRET;
import static dev.millrace.gateway.auth.TestTokens.good;
import static dev.millrace.gateway.auth.TestTokens.policy;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.problem.ProblemException;
import dev.millrace.gateway.wse.crypto.SessionTokens;
import dev.millrace.testkit.Await;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/// Clients that name the session they had.
@Timeout(60)
class WseSessionTokensTest {
  private static final String TOKENS = "session_tokens.secret=fedcba9876543210fedcba9876543210";
  private TestGateway gateway;

  @BeforeEach
  void start() throws ProblemException {
    start("session_tokens.form=hmac");
  }

  private void start(String more) throws ProblemException {
    if (gateway != null) {
      gateway.close();
    }
    gateway = new TestGateway(2, TOKENS, more);
    gateway.access.apply(policy("auth.jwt.secret=" + SECRET, "auth.anonymous=wse"));
  }

  @AfterEach
  void stop() {
    gateway.close();
  }

  private TestClient connect(@Nullable String user, String topics) {
    return gateway.connect(
        "/wse" + (topics.isEmpty() ? "" : "?topics=" + topics),
        user == null ? null : good(user, null));
  }

  /// Subscribes and is cut off; returns the token of that session.
  private String cutOff(@Nullable String user, String topics) throws InterruptedException {
    int before = gateway.dialect.connections();
    var client = connect(user, topics);
    var token = token(client.next("server_ready"));
    client.next("subscription_update");
    client.abort();
    Await.until("it is gone", () -> gateway.dialect.connections() == before);
    return token;
  }

  private static String token(JsonNode ready) {
    return ready.at("/p/details/session_token").asString();
  }

  private static String hello(String token) {
    return "{\"t\":\"client_hello\",\"p\":{\"session_token\":\"" + token + "\"}}";
  }

  private static String topics(TestClient client) throws InterruptedException {
    return client.next("subscription_update").at("/p/topics").toString();
  }

  private static boolean restored(TestClient client, String token) throws InterruptedException {
    return client.ask(hello(token), "server_hello").path("session_restored").asBoolean();
  }

  private double counted(String outcome) {
    return gateway.metrics.count(WseMetric.SESSION_TOKENS, outcome);
  }

  @Test
  void aTokenGivesThatSessionBackAndNotTheUsersLatest() throws InterruptedException {
    var first = cutOff("ann", "a,b");
    var second = cutOff("ann", "c");
    var again = connect("ann", "");
    assertThat(restored(again, first)).isTrue();
    assertThat(topics(again)).isEqualTo("[\"a\",\"b\"]");
    Publications.publish(gateway, "b", 1, 1);
    assertThat(again.next("news")).isNotNull();
    var other = connect("ann", "");
    assertThat(restored(other, second)).isTrue();
    assertThat(topics(other)).isEqualTo("[\"c\"]");
    assertThat(counted("restored")).isEqualTo(2);
  }

  @Test
  void aTokenCountsOnceAndForItsUserOnly() throws InterruptedException {
    var token = cutOff("ann", "a");
    assertThat(restored(connect("bob", ""), token)).isFalse();
    assertThat(restored(connect(null, ""), token)).isFalse();
    assertThat(counted("nothing_kept")).isEqualTo(2);
    assertThat(restored(connect("ann", ""), token)).isTrue();
    assertThat(restored(connect("ann", ""), token)).as("again").isFalse();
    assertThat(restored(connect("ann", ""), token + "0")).as("forged").isFalse();
    assertThat(counted("refused")).isEqualTo(1);
  }

  @Test
  void aTokenExpires() throws InterruptedException, ProblemException {
    start("restore_grace=24h");
    var token = cutOff("ann", "a");
    gateway.clock.jumpWallClock(SessionTokens.VALIDITY);
    assertThat(restored(connect(null, ""), token)).isFalse();
    assertThat(counted("refused")).isEqualTo(1);
    token = cutOff(null, "a");
    gateway.clock.jumpWallClock(SessionTokens.VALIDITY.minusSeconds(1));
    assertThat(restored(connect(null, ""), token)).isTrue();
  }

  @Test
  void whoHasNoCredentialsIsKnownByItsToken() throws InterruptedException {
    var token = cutOff(null, "a");
    var again = connect(null, "");
    assertThat(again.next("server_ready")).isNotNull();
    assertThat(restored(again, token)).isTrue();
    assertThat(topics(again)).isEqualTo("[\"a\"]");
    var second = cutOff(null, "b");
    var loggedIn = connect("ann", "");
    assertThat(restored(loggedIn, second)).isTrue();
    assertThat(topics(loggedIn)).isEqualTo("[\"b\"]");
  }

  @Test
  void whoShowsNoneHasTheLatestOfItsUserOnceItHasSaidHello() throws InterruptedException {
    var first = cutOff("ann", "a");
    cutOff("ann", "b");
    var again = connect("ann", "");
    again.next("server_ready");
    again.send("{\"t\":\"ping\"}");
    assertThat(again.next()).as("nothing before the hello").contains("PONG");
    var hello = again.ask("{\"t\":\"client_hello\",\"p\":{}}", "server_hello");
    assertThat(hello.has("session_restored")).isFalse();
    assertThat(topics(again)).isEqualTo("[\"b\"]");
    again.ask("{\"t\":\"client_hello\",\"p\":{}}", "server_hello");
    assertThat(restored(again, first)).as("what is left is had by its token").isTrue();
    assertThat(topics(again)).isEqualTo("[\"a\",\"b\"]");
  }

  @Test
  void whoNeverSaysHelloHasTheLatestAllTheSame() throws InterruptedException {
    cutOff("ann", "a");
    var again = connect("ann", "");
    again.ask("{\"t\":\"ping\"}", "PONG");
    gateway.clock.advance(Duration.ofSeconds(3));
    assertThat(topics(again)).isEqualTo("[\"a\"]");
  }

  @Test
  void aHelloGivesAFreshToken() throws InterruptedException, ProblemException {
    start("session_tokens.form=jwt");
    var client = connect("ann", "a");
    var first = token(client.next("server_ready"));
    var fresh = client.ask(hello("x"), "server_hello").path("session_token").asString();
    assertThat(fresh).isNotEqualTo(first).matches("[\\w-]+\\.[\\w-]+\\.[\\w-]+");
    client.abort();
    Await.until("it is gone", () -> gateway.dialect.connections() == 0);
    assertThat(restored(connect("ann", ""), fresh)).isTrue();
    assertThat(restored(connect("ann", ""), first)).as("of the same session").isFalse();
  }

  @Test
  void withoutASecretThereAreNoTokens() throws InterruptedException, ProblemException {
    gateway.close();
    gateway = new TestGateway(1);
    var client = connect(null, "");
    assertThat(client.next("server_ready").at("/p/details").has("session_token")).isFalse();
    var hello = client.ask(hello("x"), "server_hello");
    assertThat(hello.has("session_token")).isFalse();
    assertThat(hello.path("session_restored").asBoolean(true)).isFalse();
  }

  @Test
  void whoLeavesBeforeItsHelloKeepsWhatItsUserHad() throws InterruptedException {
    cutOff("ann", "a");
    var again = connect("ann", "");
    again.next("server_ready");
    again.abort();
    Await.until("it is gone", () -> gateway.dialect.connections() == 0);
    gateway.clock.advance(Duration.ofSeconds(3));
    var third = connect("ann", "");
    third.send("{\"t\":\"client_hello\",\"p\":{}}");
    assertThat(topics(third)).isEqualTo("[\"a\"]");
  }
}
