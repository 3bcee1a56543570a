package dev.millrace.gateway.wse;

import static dev.millrace.gateway.wse.Publications.number;
import static dev.millrace.gateway.wse.Publications.publish;
import static dev.millrace.gateway.wse.Publications.subscribe;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.gateway.acl.AclRules;
import dev.millrace.hub.AclSpec;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Rules hold for what is delivered, not only for what is asked for.
@Timeout(60)
class WseTopicRulesTest {
  private static AclRules denying(String... rules) {
    return AclRules.of(new AclSpec(List.of(), List.of(rules)));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void aPatternGivesNothingThatTheRulesDeny(int loops) throws Exception {
    try (var gateway = new TestGateway(loops, "acl.deny=[\"secret.*\"]")) {
      publish(gateway, "secret.a", 1, 1);
      publish(gateway, "open", 1, 1);
      var client = gateway.connect("/wse");
      client.ask(subscribe("*", ""), "subscription_update");
      publish(gateway, "secret.a", 2, 2);
      publish(gateway, "secret.b", 3, 3);
      gateway.hub.publishAndAwait("open", List.of()).toCompletableFuture().join();
      publish(gateway, "open", 4, 4);
      assertThat(number(client.next("news"))).isEqualTo(4);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void newRulesEndWhatTheyDenyAndSayWhichTopics(int loops) throws Exception {
    try (var gateway = new TestGateway(loops)) {
      publish(gateway, "p.a", 1, 1);
      publish(gateway, "p.b", 1, 1);
      var client = gateway.connect("/wse");
      client.ask(subscribe("a", ""), "subscription_update");
      client.ask(subscribe("b", ""), "subscription_update");
      client.ask(subscribe("p.*", ""), "subscription_update");
      gateway.topics.apply(denying("a", "p.a"));
      var gone = client.next("subscription_update").path("p");
      assertThat(gone.path("action").asString()).isEqualTo("unsubscribe");
      assertThat(gone.path("success_topics").toString()).isEqualTo("[\"a\"]");
      assertThat(gone.path("active_subscriptions").toString()).isEqualTo("[\"b\",\"p.*\"]");
      assertThat(client.next("error").at("/p/code").asString()).isEqualTo("FORBIDDEN");
      publish(gateway, "a", 2, 2);
      publish(gateway, "p.a", 3, 3);
      publish(gateway, "b", 4, 4);
      assertThat(number(client.next("news"))).isEqualTo(4);
      publish(gateway, "p.b", 5, 5);
      assertThat(number(client.next("news"))).isEqualTo(5);
      gateway.topics.apply(denying("a"));
      client.ask("{\"t\":\"ping\"}", "PONG");
      publish(gateway, "p.a", 6, 6);
      assertThat(number(client.next("news"))).as("the pattern has it again").isEqualTo(6);
    }
  }

  @Test
  void topicsForOthersAreNotGivenEither() throws Exception {
    try (var gateway =
        new TestGateway(1, "topics=[{\"match\":\"feed.*\",\"audience\":[\"feed\"]}]")) {
      publish(gateway, "feed.x", 1, 1);
      var client = gateway.connect("/wse");
      client.ask(subscribe("*", ""), "subscription_update");
      var ack = client.ask(subscribe("feed.x", ""), "subscription_update");
      assertThat(ack.path("failed_topics").get(0).path("error").asString()).contains("not for");
      publish(gateway, "feed.x", 2, 2);
      publish(gateway, "open", 3, 3);
      assertThat(number(client.next("news"))).isEqualTo(3);
    }
  }
}
