package dev.millrace.gateway.wse;

import static dev.millrace.gateway.auth.TestTokens.SECRET;
import static dev.millrace.gateway.auth.TestTokens.good;
import static dev.millrace.gateway.auth.TestTokens.policy;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.problem.ProblemException;
import dev.millrace.hub.UserShelf.Taken;
import dev.millrace.testkit.Await;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What a user's connection leaves to the next one where there are several instances.
class BelongingsTest {
  private static final String JWT = "auth.jwt.secret=" + SECRET;
  private static final Duration MOMENT = Duration.ofMillis(600);

  private final FakeShelf shelf = new FakeShelf();
  private TestGateway one;
  private TestGateway other;

  @BeforeEach
  void start() throws ProblemException {
    one = instance();
    other = instance();
  }

  private TestGateway instance() throws ProblemException {
    var made = new TestGateway(WseExtensions.NONE.withShelf(shelf), 1, "restore_grace=60s");
    made.access.apply(policy(JWT));
    return made;
  }

  @AfterEach
  void stop() {
    one.close();
    other.close();
  }

  private static String subscribe(String topic, String more) {
    return "{\"t\":\"subscription\",\"p\":{\"action\":\"subscribe\",\"topics\":[\""
        + topic
        + "\"]"
        + more
        + "}}";
  }

  private void awaitHeld(TestGateway gateway, String user, String... expected) {
    Await.until(
        "it is noted",
        () -> {
          gateway.clock.advance(MOMENT);
          return shelf.held(user).equals(List.of(expected));
        });
  }

  private void awaitConnections(TestGateway gateway, int count) {
    Await.until(count + " connections", () -> gateway.dialect.connections() == count);
  }

  private static String topics(String... names) {
    return "{\"topics\":[\"" + String.join("\",\"", names) + "\"],\"others\":{}}";
  }

  private static String restored(TestClient client) throws InterruptedException {
    return client.next("subscription_update").path("p").path("topics").toString();
  }

  private static void assertNothingComes(TestClient client) throws InterruptedException {
    assertThat(client.next()).contains("server_ready");
    client.send("{\"t\":\"ping\"}");
    assertThat(client.next()).contains("PONG");
  }

  @Test
  void whoseInstanceDiesHasItsSubscriptionsAtAnother()
      throws InterruptedException, ProblemException {
    var client = one.connect("/wse?topics=a", good("ann", null));
    client.next("subscription_update");
    client.send(subscribe("b", ",\"filters\":{\"x\":1},\"conflate_ms\":50"));
    client.next("subscription_update");
    awaitHeld(
        one,
        "ann",
        "{\"topics\":[\"a\"],\"others\":{\"b\":{\"filters\":{\"x\":1},\"conflate_ms\":50}}}");
    shelf.instanceDies();
    var again = other.connect("/wse", good("ann", null));
    assertThat(restored(again)).isEqualTo("[\"a\"]");
    assertThat(restored(again)).isEqualTo("[\"a\",\"b\"]");
    assertThat(other.metrics.count(WseMetric.RESTORED)).isEqualTo(1);
    assertNothingComes(other.connect("/wse", good("ann", null)));
    awaitHeld(
        other,
        "ann",
        "{\"topics\":[\"a\"],\"others\":{\"b\":{\"filters\":{\"x\":1},\"conflate_ms\":50}}}");
  }

  @Test
  void whoIsCutOffHasThemAtAnotherToo() throws InterruptedException, ProblemException {
    var client = one.connect("/wse?topics=a,b", good("ann", null));
    client.next("subscription_update");
    client.abort();
    awaitConnections(one, 0);
    assertThat(shelf.left("ann")).containsExactly(topics("a", "b"));
    assertNothingComes(other.connect("/wse", good("bob", null)));
    assertThat(restored(other.connect("/wse", good("ann", null)))).isEqualTo("[\"a\",\"b\"]");
    assertThat(shelf.left("ann")).isEmpty();
  }

  @Test
  void whoSaysGoodbyeOrUnsubscribesLeavesNothing() throws InterruptedException, ProblemException {
    var client = one.connect("/wse?topics=a", good("ann", null));
    client.next("subscription_update");
    awaitHeld(one, "ann", topics("a"));
    client.send("{\"t\":\"subscription\",\"p\":{\"action\":\"unsubscribe\",\"topics\":[\"a\"]}}");
    client.next("subscription_update");
    awaitHeld(one, "ann");
    client.send(subscribe("b", ""));
    client.next("subscription_update");
    awaitHeld(one, "ann", topics("b"));
    client.close();
    awaitConnections(one, 0);
    assertThat(shelf.held("ann")).isEmpty();
    assertThat(shelf.left("ann")).isEmpty();
  }

  @Test
  void whatTheClientSaysWhileItIsLookedUpStands() throws InterruptedException, ProblemException {
    shelf.thinks();
    var client = other.connect("/wse", good("ann", null));
    assertThat(client.next()).contains("server_ready");
    Await.until("it is asked", () -> shelf.asking() == 1);
    client.send(subscribe("b", ",\"filters\":{\"x\":1}"));
    client.next("subscription_update");
    client.send("{\"t\":\"subscription\",\"p\":{\"action\":\"unsubscribe\",\"topics\":[\"c\"]}}");
    client.next("subscription_update");
    shelf.answer(new Taken.Found(topics("a", "b", "c").getBytes(StandardCharsets.UTF_8)));
    assertThat(restored(client)).isEqualTo("[\"a\",\"b\"]");
    awaitHeld(other, "ann", "{\"topics\":[\"a\"],\"others\":{\"b\":{\"filters\":{\"x\":1}}}}");
  }

  @Test
  void whoComesBackBeforeItsEndIsNoticedIsAskedForAgain()
      throws InterruptedException, ProblemException {
    var client = one.connect("/wse?topics=a", good("ann", null));
    client.next("subscription_update");
    awaitHeld(one, "ann", topics("a"));
    var again = other.connect("/wse", good("ann", null));
    assertThat(again.next()).contains("server_ready");
    client.abort();
    awaitConnections(one, 0);
    Await.until(
        "it is asked again",
        () -> {
          other.clock.advance(MOMENT);
          return shelf.left("ann").isEmpty();
        });
    assertThat(restored(again)).isEqualTo("[\"a\"]");
  }

  @Test
  void aSecondConnectionOfAUserGetsNothingOfTheFirst()
      throws InterruptedException, ProblemException {
    var client = one.connect("/wse?topics=a", good("ann", null));
    client.next("subscription_update");
    awaitHeld(one, "ann", topics("a"));
    var second = other.connect("/wse", good("ann", null));
    for (int i = 0; i < 40; i++) {
      other.clock.advance(MOMENT);
      assertThat(second.ask("{\"t\":\"ping\"}", "PONG")).isNotNull();
    }
    assertThat(other.metrics.count(WseMetric.RESTORED)).isZero();
  }

  @Test
  void withoutTheOthersItIsKeptOnThisInstance() throws InterruptedException, ProblemException {
    shelf.away = true;
    var client = one.connect("/wse?topics=a", good("ann", null));
    client.next("subscription_update");
    client.abort();
    awaitConnections(one, 0);
    assertNothingComes(other.connect("/wse", good("ann", null)));
    assertThat(restored(one.connect("/wse", good("ann", null)))).isEqualTo("[\"a\"]");
  }

  @Test
  void whoHasTooManyConnectionsForTheOthersIsKeptOnThisInstance()
      throws InterruptedException, ProblemException {
    shelf.full = true;
    var client = one.connect("/wse?topics=a", good("ann", null));
    client.next("subscription_update");
    client.abort();
    awaitConnections(one, 0);
    assertThat(restored(one.connect("/wse", good("ann", null)))).isEqualTo("[\"a\"]");
  }

  @Test
  void whatIsFoundForAClientThatHasGoneIsPutBack() throws InterruptedException, ProblemException {
    shelf.thinks();
    var client = other.connect("/wse", good("ann", null));
    client.next("server_ready");
    Await.until("it is asked", () -> shelf.asking() == 1);
    client.abort();
    awaitConnections(other, 0);
    shelf.answer(new Taken.Found(topics("a").getBytes(StandardCharsets.UTF_8)));
    Await.until("it is there again", () -> shelf.left("ann").equals(List.of(topics("a"))));
  }

  @Test
  void whatWasLostIsNotedAnew() throws InterruptedException, ProblemException {
    var client = one.connect("/wse?topics=a", good("ann", null));
    client.next("subscription_update");
    awaitHeld(one, "ann", topics("a"));
    shelf.instanceDies();
    shelf.generation = 7;
    assertThat(shelf.held("ann")).isEmpty();
    awaitHeld(one, "ann", topics("a"));
  }

  @Test
  void whatNobodyCanReadIsNothing() throws InterruptedException, ProblemException {
    shelf.lay("ann", "{".getBytes(StandardCharsets.UTF_8));
    assertNothingComes(other.connect("/wse", good("ann", null)));
  }
}
