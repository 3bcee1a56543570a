package dev.millrace.gateway.wse;

import static dev.millrace.gateway.auth.TestTokens.SECRET;
import static dev.millrace.gateway.auth.TestTokens.good;
import static dev.millrace.gateway.auth.TestTokens.policy;
import static dev.millrace.gateway.wse.Publications.number;
import static dev.millrace.gateway.wse.Publications.publish;
import static dev.millrace.gateway.wse.Publications.subscribe;
import static dev.millrace.gateway.wse.Publications.unsubscribe;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.problem.ProblemException;
import dev.millrace.gateway.acl.AclRules;
import dev.millrace.gateway.wse.crypto.ChannelTokens;
import dev.millrace.hub.AclSpec;
import dev.millrace.testkit.Await;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What the rules refuse, a token opens for its user as long as it counts.
@Timeout(60)
class WseChannelTokensTest {
  private static final String KEY =
      "channel_tokens.key=cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=";
  private static final String RULES = "acl.deny=[\"secret.*\"]";

  private TestGateway gateway;
  private ChannelTokens tokens;

  @BeforeEach
  void start() throws ProblemException {
    gateway = new TestGateway(2, KEY, RULES);
    gateway.access.apply(policy("auth.jwt.secret=" + SECRET, "auth.anonymous=wse"));
    tokens =
        ChannelTokens.of(
                TestGateway.hubSpec(KEY).channelTokens(), gateway.clock, new SecureRandom())
            .orElseThrow();
  }

  @AfterEach
  void stop() {
    gateway.close();
  }

  private TestClient ann() {
    return gateway.connect("/wse", good("ann", null));
  }

  private String shown(String topic, String tokenTopic, long seconds) {
    return shown(topic, tokens.mint("ann", tokenTopic, Duration.ofSeconds(seconds)));
  }

  private static String shown(String topic, String token) {
    return subscribe(topic, ",\"tokens\":{\"" + topic + "\":\"" + token + "\"}");
  }

  private static String ack(TestClient client, String request) throws InterruptedException {
    var ack = client.ask(request, "subscription_update");
    return ack.path("success_topics").toString();
  }

  /// Patterns have been matched when it returns.
  private void create(String topic) {
    gateway.hub.publishAndAwait(topic, List.of()).toCompletableFuture().join();
  }

  private void advance(long seconds) {
    gateway.clock.advance(Duration.ofSeconds(seconds));
  }

  @Test
  void aTokenOpensATopicUntilItExpires() throws InterruptedException {
    var client = ann();
    assertThat(ack(client, subscribe("secret.x", ""))).isEqualTo("[]");
    assertThat(ack(client, shown("secret.x", "secret.x", 60))).isEqualTo("[\"secret.x\"]");
    assertThat(ack(client, subscribe("open", ""))).isEqualTo("[\"open\"]");
    publish(gateway, "secret.x", 1, 1);
    assertThat(number(client.next("news"))).isEqualTo(1);
    advance(61);
    var gone = client.next("subscription_update").path("p");
    assertThat(gone.path("action").asString()).isEqualTo("unsubscribe");
    assertThat(gone.path("success_topics").toString()).isEqualTo("[\"secret.x\"]");
    assertThat(client.next("error").at("/p/code").asString()).isEqualTo("FORBIDDEN");
    publish(gateway, "secret.x", 2, 2);
    publish(gateway, "open", 3, 3);
    assertThat(number(client.next("news"))).isEqualTo(3);
    assertThat(gateway.metrics.count(WseMetric.CHANNEL_TOKENS, "opened")).isEqualTo(1);
    assertThat(gateway.metrics.count(WseMetric.CHANNEL_TOKENS, "expired")).isEqualTo(1);
  }

  @Test
  void aTokenForAPatternOpensWhatItMatchesAndNothingElse() throws InterruptedException {
    publish(gateway, "secret.a.1", 0, 0);
    publish(gateway, "secret.b", 0, 0);
    var client = ann();
    assertThat(ack(client, shown("secret.*", "secret.a.*", 60)))
        .as("wider than its token")
        .isEqualTo("[]");
    assertThat(ack(client, shown("secret.?.*", "secret.?.*", 60))).isEqualTo("[\"secret.?.*\"]");
    assertThat(ack(client, subscribe("*", ""))).isEqualTo("[\"*\"]");
    publish(gateway, "secret.b", 1, 1);
    publish(gateway, "secret.a.1", 2, 2);
    assertThat(number(client.next("news"))).isEqualTo(2);
    create("secret.c.new");
    publish(gateway, "secret.c.new", 3, 3);
    assertThat(number(client.next("news"))).isEqualTo(3);
    advance(61);
    assertThat(client.next("subscription_update").at("/p/success_topics").toString())
        .isEqualTo("[\"secret.?.*\"]");
    create("secret.d.new");
    create("open");
    publish(gateway, "secret.a.1", 4, 4);
    publish(gateway, "secret.d.new", 5, 5);
    publish(gateway, "open", 6, 6);
    assertThat(number(client.next("news"))).as("the wider pattern has none of it").isEqualTo(6);
  }

  @Test
  void aTokenThatDoesNotCountOpensNothing() throws InterruptedException {
    var client = ann();
    var bobs = tokens.mint("bob", "secret.x", Duration.ofMinutes(1));
    var other = tokens.mint("ann", "secret.y", Duration.ofMinutes(1));
    var brief = tokens.mint("ann", "secret.x", Duration.ofSeconds(1));
    advance(2);
    for (var token : List.of(bobs, other, brief, "", "nonsense")) {
      var failed = client.ask(shown("secret.x", token), "subscription_update");
      assertThat(failed.at("/failed_topics/0/error").asString()).contains("does not count");
    }
    assertThat(gateway.metrics.count(WseMetric.CHANNEL_TOKENS, "refused")).isEqualTo(5);
    for (var wrong : List.of("7", "[]", "{\"a\":7}", "\"x\"")) {
      var request = subscribe("secret.x", ",\"tokens\":" + wrong);
      assertThat(client.ask(request, "error").path("code").asString())
          .isEqualTo("INVALID_SUBSCRIPTION");
    }
  }

  @Test
  void aLaterTokenProlongsAndABadOneDoesNotShorten() throws InterruptedException {
    var client = ann();
    ack(client, shown("secret.x", "secret.x", 60));
    advance(30);
    assertThat(
            client
                .ask(shown("secret.x", "secret.x", 60), "subscription_update")
                .path("already_subscribed")
                .toString())
        .isEqualTo("[\"secret.x\"]");
    assertThat(ack(client, shown("secret.x", "bad"))).isEqualTo("[]");
    advance(31);
    publish(gateway, "secret.x", 1, 1);
    assertThat(number(client.next("news"))).isEqualTo(1);
    advance(31);
    assertThat(client.next("subscription_update").at("/p/action").asString())
        .isEqualTo("unsubscribe");
  }

  @Test
  void whatTheRulesAllowDoesNotEndWithAToken() throws InterruptedException {
    var client = ann();
    assertThat(ack(client, shown("open", "open", 10))).isEqualTo("[\"open\"]");
    advance(20);
    publish(gateway, "open", 1, 1);
    assertThat(number(client.next("news"))).isEqualTo(1);
  }

  @Test
  void newRulesLeaveWhatATokenOpened() throws InterruptedException {
    var client = ann();
    ack(client, shown("secret.x", "secret.*", 60));
    ack(client, subscribe("secreted", ""));
    gateway.topics.apply(AclRules.of(new AclSpec(List.of(), List.of("secre*"))));
    assertThat(client.next("subscription_update").at("/p/success_topics").toString())
        .isEqualTo("[\"secreted\"]");
    publish(gateway, "secret.x", 1, 1);
    assertThat(number(client.next("news"))).isEqualTo(1);
  }

  @Test
  void whoLeavesATopicNeedsItsTokenAgain() throws InterruptedException {
    var client = ann();
    ack(client, shown("secret.x", "secret.x", 60));
    ack(client, unsubscribe("secret.x"));
    assertThat(ack(client, subscribe("secret.x", ""))).isEqualTo("[]");
    advance(61);
    client.send("{\"t\":\"ping\"}");
    for (var told = client.next(); !told.contains("PONG"); told = client.next()) {
      assertThat(told).as("there is nothing to end").doesNotContain("subscription_update");
    }
  }

  @Test
  void somebodyWithoutANameMayHaveATokenForItsConnection() throws InterruptedException {
    var client = gateway.connect("/wse");
    var user = client.next("server_ready").at("/p/details/user_id").asString();
    var token = tokens.mint(user, "secret.x", Duration.ofMinutes(1));
    assertThat(ack(client, shown("secret.x", token))).isEqualTo("[\"secret.x\"]");
    assertThat(ack(gateway.connect("/wse"), shown("secret.x", token))).isEqualTo("[]");
  }

  @Test
  void whatATokenOpenedComesBackWithTheUserUntilItExpires() throws InterruptedException {
    var client = ann();
    ack(client, shown("secret.x", "secret.x", 60));
    client.abort();
    Await.until("it is gone", () -> gateway.dialect.connections() == 0);
    var again = ann();
    assertThat(again.next("subscription_update").at("/p/topics").toString())
        .isEqualTo("[\"secret.x\"]");
    advance(61);
    assertThat(again.next("subscription_update").at("/p/action").asString())
        .isEqualTo("unsubscribe");
  }

  @Test
  void aTokenTooManyIsRefused() throws InterruptedException {
    var client = ann();
    for (int i = 0; i < ChannelGrants.MOST; i++) {
      ack(client, shown("secret." + i, "secret.*", 60));
    }
    var more = client.ask(shown("secret.more", "secret.*", 60), "subscription_update");
    assertThat(more.at("/failed_topics/0/error").asString()).contains("at most 100");
    assertThat(ack(client, shown("secret.7", "secret.*", 90))).isEqualTo("[\"secret.7\"]");
  }

  @Test
  void withoutAKeyTokensAreUnknown() throws Exception {
    gateway.close();
    gateway = new TestGateway(1, RULES);
    var failed = gateway.connect("/wse").ask(shown("secret.x", "x"), "subscription_update");
    assertThat(failed.at("/failed_topics/0/error").asString()).contains("no channel tokens");
  }

  /// A client that subscribes, prolongs and leaves at random has at any time what a naive list of
  /// tokens says.
  @Test
  void aClientFollowsWhatANaiveListOfTokensSays() throws InterruptedException {
    for (long seed = 1; seed <= 8; seed++) {
      var random = new Random(seed);
      gateway.clock.advance(Duration.ofMillis(seed == 1 ? 500 : 0)); // between whole seconds
      var client = ann();
      client.next("server_ready");
      var model = new TreeMap<String, Long>(); // topics to seconds at which they end
      long now = 0;
      for (int step = 0; step < 60; step++) {
        var topic = "secret." + random.nextInt(6);
        int seconds = 5 + random.nextInt(60);
        switch (random.nextInt(4)) {
          case 0 -> {
            client.send(unsubscribe(topic));
            model.remove(topic);
          }
          case 1 -> {
            int passes = 1 + random.nextInt(20);
            now += passes;
            long at = now;
            for (int i = 0; i < 4 * passes; i++) { // so that no turn of the loop sees time jump
              gateway.clock.advance(Duration.ofMillis(250));
              client.ask("{\"t\":\"ping\"}", "PONG");
            }
            model.values().removeIf(end -> end <= at);
          }
          default -> {
            client.send(shown(topic, "secret.?", seconds));
            model.merge(topic, now + seconds, Long::max);
          }
        }
        var answer = client.ask("{\"t\":\"metrics_request\"}", "metrics_response");
        var topics = new TreeSet<String>();
        answer.at("/subscriptions/active").forEach(one -> topics.add(one.asString()));
        assertThat(topics).as("seed %d, step %d", seed, step).isEqualTo(model.keySet());
      }
      client.close();
    }
  }
}
