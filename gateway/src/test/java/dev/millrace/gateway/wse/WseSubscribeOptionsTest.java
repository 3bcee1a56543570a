package dev.millrace.gateway.wse;

import static dev.millrace.gateway.auth.TestTokens.SECRET;
import static dev.millrace.gateway.auth.TestTokens.good;
import static dev.millrace.gateway.auth.TestTokens.policy;
import static dev.millrace.gateway.wse.Publications.number;
import static dev.millrace.gateway.wse.Publications.publish;
import static dev.millrace.gateway.wse.Publications.subscribe;
import static dev.millrace.gateway.wse.Publications.unsubscribe;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.testkit.Await;
import java.time.Duration;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Subscriptions to a part of a topic: filters, queue groups, conflation.
@Timeout(60)
class WseSubscribeOptionsTest {
  private static final String EVEN = ",\"filters\":{\"kind\":\"even\"}";

  private static String payload(int n) {
    return "{\"n\":" + n + ",\"kind\":\"" + (n % 2 == 0 ? "even" : "odd") + "\"}";
  }

  private static void publishNumbers(TestGateway gateway, String topic, int from, int to) {
    for (int n = from; n <= to; n++) {
      publish(gateway, topic, payload(n));
    }
  }

  /// Time passes until so much was delivered in all.
  private static void passUntilDelivered(TestGateway gateway, long deliveries) {
    Await.until(
        deliveries + " deliveries",
        () -> {
          gateway.clock.advance(Duration.ofMillis(20));
          return gateway.hub.stats().deliveries() >= deliveries;
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void aFilterLetsThroughWhatFitsAndNothingElse(int loops) throws Exception {
    try (var gateway = new TestGateway(loops)) {
      var even = gateway.connect("/wse");
      even.ask(subscribe("a", EVEN), "subscription_update");
      var same = gateway.connect("/wse");
      same.ask(subscribe("a", EVEN), "subscription_update");
      var all = gateway.connect("/wse?topics=a");
      all.next("subscription_update");
      publishNumbers(gateway, "a", 1, 100);
      for (int n = 2; n <= 100; n += 2) {
        assertThat(number(even.next("news"))).isEqualTo(n);
        assertThat(number(same.next("news"))).isEqualTo(n);
      }
      for (int n = 1; n <= 100; n++) {
        assertThat(number(all.next("news"))).isEqualTo(n);
      }
    }
  }

  @Test
  void aNameWithAFilterOutlivesThePatternThatGaveAllOfTheTopic() throws Exception {
    try (var gateway = new TestGateway(1)) {
      publishNumbers(gateway, "a1", 1, 1);
      var client = gateway.connect("/wse");
      client.ask(subscribe("a*", ""), "subscription_update");
      Await.until("a1 is followed", () -> gateway.hub.topic("a1").orElseThrow().subscribers() == 1);
      client.ask(subscribe("a1", EVEN), "subscription_update");
      var ack = client.ask(unsubscribe("a*"), "subscription_update");
      assertThat(ack.path("active_subscriptions").toString()).isEqualTo("[\"a1\"]");
      Await.until("a1 is followed", () -> gateway.hub.topic("a1").orElseThrow().subscribers() == 1);
      publishNumbers(gateway, "a1", 1, 4);
      assertThat(number(client.next("news"))).isEqualTo(2);
      assertThat(number(client.next("news"))).isEqualTo(4);
    }
  }

  @Test
  void aFilterOnAPatternHoldsForEveryTopicItStandsFor() throws Exception {
    try (var gateway = new TestGateway(1)) {
      publishNumbers(gateway, "a1", 1, 1);
      var client = gateway.connect("/wse");
      client.ask(subscribe("a*", EVEN), "subscription_update");
      publishNumbers(gateway, "a1", 1, 2);
      publishNumbers(gateway, "a2", 3, 4);
      assertThat(number(client.next("news"))).isEqualTo(2);
      assertThat(number(client.next("news"))).isEqualTo(4);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "a  | \"filters\":{\"$or\":7}                        | filters: $or takes a list of"
            + " criteria",
        "a  | \"filters\":{\"x\":{\"$regex\":\"(\"}}           | filters: ",
        "a  | \"queue\":\"q\",\"filters\":{}                   | a queue group has neither filters",
        "a  | \"queue\":\"q\",\"conflate_ms\":5                | a queue group has neither filters",
        "a  | \"presence\":{\"x\":\"PAD\"}                    | at most 4096 bytes",
        "a* | \"queue\":\"q\"                                  | a queue group shares one topic",
        "a  | \"presence\":true                              | does not know who is there",
        "a* | \"presence\":true                              | not a pattern"
      })
  void whatCannotBeHadFailsTopicByTopicAndTheConnectionStays(String topic, String key, String why)
      throws Exception {
    try (var gateway = new TestGateway(1)) {
      var client = gateway.connect("/wse");
      var ack =
          client.ask(
              subscribe(topic, "," + key.replace("PAD", "é".repeat(2_100))), "subscription_update");
      assertThat(ack.path("success").asBoolean(true)).isFalse();
      assertThat(ack.path("failed_topics").get(0).path("error").asString()).contains(why);
      assertThat(ack.path("active_subscriptions").size()).isZero();
      var wrong = client.ask(subscribe("a", ",\"recover\":7"), "error");
      assertThat(wrong.path("code").asString()).isEqualTo("INVALID_SUBSCRIPTION");
      assertThat(client.ask("{\"t\":\"ping\"}", "PONG")).isNotNull();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void membersOfAQueueGroupShareTheMessages(int loops) throws Exception {
    try (var gateway = new TestGateway(loops)) {
      var clients = new ArrayList<TestClient>();
      for (int i = 0; i < 2; i++) {
        var client = gateway.connect("/wse");
        client.ask(subscribe("work", ",\"queue\":\"crew\""), "subscription_update");
        clients.add(client);
      }
      publishNumbers(gateway, "work", 1, 20);
      Await.until("all are delivered", () -> gateway.hub.stats().deliveries() == 20);
      var numbers = new ArrayList<Integer>();
      for (var client : clients) {
        client.send("{\"t\":\"config_request\"}");
        int before = numbers.size();
        var one = TestClient.envelope(client.next());
        while (!one.path("t").asString().equals("config_response")) {
          numbers.add(number(one));
          one = TestClient.envelope(client.next());
        }
        assertThat(numbers.size() - before).as("a share").isPositive();
      }
      assertThat(numbers).doesNotHaveDuplicates().hasSize(20);
    }
  }

  @Test
  void conflationGivesTheLatestOfEachKeyThatTheConfigurationNames() throws Exception {
    try (var gateway = new TestGateway(1, "topics=[{\"match\":\"p*\",\"conflate_by\":\"s.id\"}]")) {
      var client = gateway.connect("/wse");
      client.ask(subscribe("p", ",\"conflate_ms\":100"), "subscription_update");
      publish(gateway, "p", "{\"n\":1,\"s\":{\"id\":\"x\"}}");
      assertThat(number(client.next("news"))).isEqualTo(1);
      publish(
          gateway,
          "p",
          "{\"n\":2,\"s\":{\"id\":\"x\"}}",
          "{\"n\":3,\"s\":{\"id\":\"y\"}}",
          "{\"n\":4,\"s\":{\"id\":\"x\"}}",
          "{\"n\":5}",
          "{\"n\":6}");
      passUntilDelivered(gateway, 4);
      assertThat(number(client.next("news"))).isEqualTo(3);
      assertThat(number(client.next("news"))).isEqualTo(4);
      assertThat(number(client.next("news"))).isEqualTo(6);
    }
  }

  @Test
  void optionsAreRestoredAfterAConnectionWasCut() throws Exception {
    try (var gateway = new TestGateway(1, "topics=[{\"match\":\"room\",\"presence\":true}]")) {
      gateway.access.apply(policy("auth.jwt.secret=" + SECRET));
      var client = gateway.connect("/wse?topics=plain", good("ann", null));
      client.next("subscription_update");
      client.ask(subscribe("f", EVEN), "subscription_update");
      client.ask(subscribe("g", EVEN), "subscription_update");
      client.ask(unsubscribe("g"), "subscription_update");
      client.ask(subscribe("work", ",\"queue\":\"crew\""), "subscription_update");
      client.ask(subscribe("c", ",\"conflate_ms\":50"), "subscription_update");
      client.ask(subscribe("room", ",\"presence\":{\"at\":1}"), "subscription_update");
      client.ask(subscribe("room", ",\"presence\":{\"at\":2}"), "subscription_update");
      client.abort();
      Await.until("it is gone", () -> gateway.dialect.connections() == 0);
      var again = gateway.connect("/wse", good("ann", null));
      for (int i = 0; i < 5; i++) {
        again.next("subscription_update");
      }
      assertThat(
              again
                  .ask("{\"t\":\"debug_request\"}", "debug_response")
                  .at("/subscriptions/active")
                  .toString())
          .isEqualTo("[\"c\",\"f\",\"plain\",\"room\",\"work\"]");
      var other = gateway.connect("/wse", good("bob", null));
      other.ask(subscribe("work", ",\"queue\":\"crew\""), "subscription_update");
      publishNumbers(gateway, "f", 1, 2);
      assertThat(number(again.next("news"))).as("the filter").isEqualTo(2);
      publishNumbers(gateway, "work", 1, 2);
      other.next("news");
      again.next("news");
      publish(gateway, "c", "{\"n\":1}");
      assertThat(number(again.next("news"))).isEqualTo(1);
      again.ask("{\"t\":\"ping\"}", "PONG"); // so that all of it has been counted
      long delivered = gateway.hub.stats().deliveries();
      publish(gateway, "c", "{\"n\":2}", "{\"n\":3}");
      passUntilDelivered(gateway, delivered + 1);
      assertThat(number(again.next("news"))).as("conflated").isEqualTo(3);
      var present = gateway.hub.presence("room").toCompletableFuture().join();
      assertThat(present).hasSize(1);
      assertThat(new String(present.getFirst().data(), java.nio.charset.StandardCharsets.UTF_8))
          .isEqualTo("{\"at\":2}");
    }
  }
}
