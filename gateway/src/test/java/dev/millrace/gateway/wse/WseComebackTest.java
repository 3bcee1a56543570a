package dev.millrace.gateway.wse;

import static dev.millrace.gateway.auth.TestTokens.SECRET;
import static dev.millrace.gateway.auth.TestTokens.good;
import static dev.millrace.gateway.auth.TestTokens.policy;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.problem.ProblemException;
import dev.millrace.hub.Message;
import dev.millrace.testkit.Await;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a user's connection leaves to the next one.
class WseComebackTest {
  private static final String JWT = "auth.jwt.secret=" + SECRET;
  private TestGateway gateway;

  @BeforeEach
  void start() throws ProblemException {
    gateway = new TestGateway(1);
    gateway.access.apply(policy(JWT));
  }

  /// Once more, with other keys.
  private void start(String... keys) throws ProblemException {
    gateway.close();
    gateway = new TestGateway(2, keys);
    gateway.access.apply(policy(JWT));
  }

  @AfterEach
  void stop() {
    gateway.close();
  }

  private void awaitConnections(int count) {
    Await.until(count + " connections", () -> gateway.dialect.connections() == count);
  }

  private void publish(String topic) {
    gateway.hub.publish(
        topic, List.of(Message.of("news", "{}".getBytes(StandardCharsets.UTF_8), true, 0)));
  }

  private void leaveUncleanly(String user, String topics) throws InterruptedException {
    var client = gateway.connect("/wse?topics=" + topics, good(user, null));
    client.next("subscription_update");
    client.abort();
    awaitConnections(0);
  }

  @Test
  void whoIsCutOffAndComesBackWithoutTopicsHasItsSubscriptions()
      throws InterruptedException, ProblemException {
    leaveUncleanly("ann", "a,b");
    var again = gateway.connect("/wse", good("ann", null));
    assertThat(again.next("subscription_update").path("p").path("topics").toString())
        .isEqualTo("[\"a\",\"b\"]");
    publish("b");
    assertThat(again.next("news")).isNotNull();
    assertThat(gateway.metrics.count(WseMetric.RESTORED)).isEqualTo(1);
    again.send("{\"t\":\"subscription\",\"p\":{\"action\":\"subscribe\",\"topics\":[\"a\"]}}");
    assertThat(again.next("subscription_update").path("p").path("already_subscribed").toString())
        .as("clients that subscribe again are not harmed")
        .isEqualTo("[\"a\"]");
  }

  @Test
  void subscriptionsAreRestoredOnceAndToTheirUserOnly()
      throws InterruptedException, ProblemException {
    leaveUncleanly("ann", "a");
    assertNothingRestored("bob");
    var again = gateway.connect("/wse", good("ann", null));
    again.next("subscription_update");
    assertNothingRestored("ann");
  }

  private void assertNothingRestored(String user) throws InterruptedException {
    var client = gateway.connect("/wse", good(user, null));
    assertThat(client.next()).contains("server_ready");
    client.send("{\"t\":\"ping\"}");
    assertThat(client.next()).contains("PONG");
  }

  @Test
  void whoSaysGoodbyeOrNamesTopicsOrComesTooLateGetsNothingBack()
      throws InterruptedException, ProblemException {
    start("restore_grace=60s");
    var client = gateway.connect("/wse?topics=a", good("ann", null));
    client.next("subscription_update");
    client.close();
    awaitConnections(0);
    assertNothingRestored("ann");
    awaitConnections(1);

    leaveUncleanlyBeside("carol", "a");
    gateway.clock.advance(Duration.ofSeconds(61));
    assertNothingRestored("carol");

    leaveUncleanlyBeside("dora", "a");
    var named = gateway.connect("/wse?topics=z", good("dora", null));
    assertThat(named.next("subscription_update").path("p").path("topics").toString())
        .isEqualTo("[\"z\"]");
  }

  private void leaveUncleanlyBeside(String user, String topics) throws InterruptedException {
    int before = gateway.dialect.connections();
    var client = gateway.connect("/wse?topics=" + topics, good(user, null));
    client.next("subscription_update");
    client.abort();
    awaitConnections(before);
  }

  @Test
  void withoutAGraceNothingIsKept() throws InterruptedException, ProblemException {
    start("restore_grace=0s");
    leaveUncleanly("ann", "a");
    assertNothingRestored("ann");
  }

  @Test
  void anonymousCallersAreUsersOfTheirOwn() throws InterruptedException, ProblemException {
    gateway.access.apply(policy(JWT, "auth.anonymous=wse"));
    var client = gateway.connect("/wse?topics=a");
    client.next("subscription_update");
    client.abort();
    awaitConnections(0);
    var again = gateway.connect("/wse");
    again.next("server_ready");
    again.send("{\"t\":\"ping\"}");
    assertThat(again.next()).contains("PONG");
  }

  @Test
  void theNewestConnectionsOfAUserStayAndTheOldestGoes()
      throws InterruptedException, ProblemException {
    start("max_connections_per_user=2");
    var first = gateway.connect("/wse", good("ann", null));
    first.next("server_ready");
    var second = gateway.connect("/wse", good("ann", null));
    second.next("server_ready");
    var other = gateway.connect("/wse", good("bob", null));
    other.next("server_ready");
    var third = gateway.connect("/wse", good("ann", null));
    third.next("server_ready");
    assertThat(first.closed()).isEqualTo("4000 Replaced by new connection");
    awaitConnections(3);
    for (var client : List.of(second, other, third)) {
      assertThat(client.ask("{\"t\":\"ping\"}", "PONG")).isNotNull();
    }
    third.close();
    awaitConnections(2);
    gateway.connect("/wse", good("ann", null)).next("server_ready");
    assertThat(second.ask("{\"t\":\"ping\"}", "PONG")).isNotNull();
    assertThat(gateway.metrics.count(WseMetric.CLOSED, "replaced")).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {1012, 4100})
  void theCodeForSilentConnectionsCanBeChosen(int code)
      throws InterruptedException, ProblemException {
    start("idle_close_code=" + code);
    var client = gateway.connect("/wse", good("ann", null));
    client.next("server_ready");
    for (int i = 0; i < 7; i++) {
      gateway.clock.advance(Duration.ofSeconds(15));
    }
    assertThat(client.closed()).isEqualTo(code + " Idle timeout");
  }

  @Test
  void aStoppingServerSendsManyClientsAwayOneAfterTheOther()
      throws InterruptedException, ProblemException {
    gateway.close();
    gateway = new TestGateway(1, "close_spread=60s");
    gateway.access.apply(policy(JWT));
    for (int i = 0; i < 150; i++) {
      gateway.connect("/wse", good("ann", null)).next("server_ready");
    }
    assertThat(gateway.dialect.closeSpread()).isEqualTo(Duration.ofMillis(150));
    gateway.dialect.close();
    Await.until("the first are gone", () -> gateway.dialect.connections() == 75);
    Await.until(
        "the others are gone",
        () -> {
          gateway.clock.advance(Duration.ofMillis(64));
          return gateway.dialect.connections() == 0;
        });
    assertThat(gateway.metrics.count(WseMetric.CLOSED, "restart")).isEqualTo(150);
  }

  @Test
  void whoComesWhileTheServerStopsIsSentAwayAtOnce() throws ProblemException {
    gateway.dialect.close();
    assertThat(gateway.connect("/wse", good("ann", null)).closed()).startsWith("1012 ");
  }

  @Test
  void callersCanBeRefusedWithAStatusInstead() throws ProblemException {
    start("refuse_upgrade=true");
    org.assertj.core.api.Assertions.assertThatThrownBy(() -> gateway.connect("/wse"))
        .rootCause()
        .hasMessageContaining("401");
  }
}
