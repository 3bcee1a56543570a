package dev.millrace.gateway.wse;

import static dev.millrace.gateway.auth.TestTokens.SECRET;
import static dev.millrace.gateway.auth.TestTokens.good;
import static dev.millrace.gateway.auth.TestTokens.policy;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.testkit.Await;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Subscriptions to a part of a topic, or from a position on.
class WseSubscribeOptionsTest {
  private static String subscribe(String topic, String more) {
    return "{\"t\":\"subscription\",\"p\":{\"action\":\"subscribe\",\"topics\":[\""
        + topic
        + "\"]"
        + more
        + "}}";
  }

  @ParameterizedTest
  @ValueSource(strings = {"filters\":{}", "queue\":\"q\"", "presence\":true", "conflate_ms\":5"})
  void whatThisServerDoesNotServeFailsTopicByTopic(String key) throws Exception {
    try (var gateway = new TestGateway(1)) {
      var client = gateway.connect("/wse");
      var ack = client.ask(subscribe("a", ",\"" + key), "subscription_update");
      assertThat(ack.path("success").asBoolean(true)).isFalse();
      assertThat(ack.path("failed_topics").get(0).path("error").asString())
          .contains(key.substring(0, key.indexOf('"')));
      assertThat(ack.path("active_subscriptions").size()).isZero();
      var wrong = client.ask(subscribe("a", ",\"recover\":7"), "error");
      assertThat(wrong.path("code").asString()).isEqualTo("INVALID_SUBSCRIPTION");
    }
  }

  @Test
  void whoWantsToGoOnIsToldThatItBeginsAtTheEnd() throws Exception {
    try (var gateway = new TestGateway(1)) {
      var ack =
          gateway
              .connect("/wse")
              .ask(
                  subscribe(
                      "a",
                      ",\"recover\":true,\"recovery\":{\"a\":{\"epoch\":\"00000001\",\"offset\":3}}"),
                  "subscription_update");
      assertThat(ack.path("topics").toString()).isEqualTo("[\"a\"]");
      assertThat(ack.path("recovery").path("a").path("recovered").asBoolean(true)).isFalse();
    }
  }

  @Test
  void optionsReachWhoeverServesThemAndAreRestoredToo() throws Exception {
    var served = new CopyOnWriteArrayList<String>();
    var recording = new Recording(served);
    try (var gateway = new TestGateway(WseExtensions.NONE.withSubscriptions(recording), 1)) {
      gateway.access.apply(policy("auth.jwt.secret=" + SECRET));
      var client = gateway.connect("/wse?topics=plain", good("ann", null));
      client.next("subscription_update");
      client.ask(subscribe("f", ",\"filters\":{\"x\":1}"), "subscription_update");
      client.ask(subscribe("g", ",\"filters\":{\"x\":1}"), "subscription_update");
      client.ask(
          "{\"t\":\"subscription\",\"p\":{\"action\":\"unsubscribe\",\"topics\":[\"g\"]}}",
          "subscription_update");
      assertThat(served)
          .containsExactly("ann plain null", "ann f {\"x\":1}", "ann g {\"x\":1}", "ann leaves g");
      client.abort();
      Await.until("it is gone", () -> gateway.dialect.connections() == 0);
      served.clear();
      var again = gateway.connect("/wse", good("ann", null));
      again.next("subscription_update");
      again.next("subscription_update");
      assertThat(served).containsExactly("ann plain null", "ann f {\"x\":1}");
    }
  }

  private record Recording(List<String> served) implements Subscriptions {
    @Override
    public void subscribe(
        Subscriber who,
        List<String> topics,
        SubscribeOptions options,
        Consumer<List<Answer>> done) {
      served.add(who.userId() + " " + String.join(",", topics) + " " + options.filters());
      who.session()
          .subscribe(
              topics, outcomes -> done.accept(outcomes.stream().map(Answer::plain).toList()));
    }

    @Override
    public void unsubscribe(Subscriber who, List<String> topics) {
      served.add(who.userId() + " leaves " + String.join(",", topics));
      topics.forEach(who.session()::unsubscribe);
    }
  }
}
