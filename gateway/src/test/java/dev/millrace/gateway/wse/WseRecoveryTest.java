package dev.millrace.gateway.wse;

import static dev.millrace.gateway.auth.TestTokens.SECRET;
import static dev.millrace.gateway.auth.TestTokens.good;
import static dev.millrace.gateway.auth.TestTokens.policy;
import static dev.millrace.gateway.wse.Publications.comeBack;
import static dev.millrace.gateway.wse.Publications.number;
import static dev.millrace.gateway.wse.Publications.publish;
import static dev.millrace.gateway.wse.Publications.subscribe;
import static dev.millrace.gateway.wse.Publications.unsubscribe;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.testkit.Await;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// Frames that say where they stand, and clients that go on behind them.
@Timeout(60)
class WseRecoveryTest {
  private static final String KEEP = "recovery.enabled=true";

  private static void assertAt(JsonNode frame, String topic, String epoch, long offset) {
    assertThat(frame.path("tp").asString("")).isEqualTo(topic);
    assertThat(frame.path("e").asString("")).isEqualTo(epoch);
    assertThat(frame.path("o").asLong(-1)).isEqualTo(offset);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void whoComesBackGetsWhatItMissedOnceAndInOrder(int loops) throws Exception {
    try (var gateway = new TestGateway(loops, KEEP)) {
      var client = gateway.connect("/wse");
      var ready = client.next("server_ready");
      assertThat(ready.at("/p/details/features/recovery").asBoolean()).isTrue();
      var ack = client.ask(subscribe("a", ""), "subscription_update").path("recovery").path("a");
      assertThat(ack.path("recovered").asBoolean(true)).as("it begins here").isFalse();
      assertThat(ack.path("offset").asLong(-1)).isZero();
      var epoch = ack.path("epoch").asString();
      publish(gateway, "a", 1, 3);
      for (int n = 1; n <= 3; n++) {
        var frame = client.next("news");
        assertThat(number(frame)).isEqualTo(n);
        assertAt(frame, "a", epoch, n);
      }
      client.abort();
      publish(gateway, "a", 4, 50);
      var back = gateway.connect("/wse");
      var resumed = back.ask(comeBack("a", epoch, 3), "subscription_update").at("/recovery/a");
      assertThat(resumed.path("recovered").asBoolean()).isTrue();
      int known = 3 + resumed.path("count").asInt();
      assertThat(resumed.path("offset").asInt()).isEqualTo(known);
      publish(gateway, "a", 51, 60);
      for (int n = 4; n <= 60; n++) {
        var frame = back.next("news");
        assertThat(number(frame)).isEqualTo(n);
        assertAt(frame, "a", epoch, n);
      }
      var filtered = gateway.connect("/wse");
      filtered.ask(
          comeBack("a", epoch, 40)
              .replace("\"recover\"", "\"filters\":{\"n\":{\"$gt\":55}},\"recover\""),
          "subscription_update");
      var first = filtered.next("news");
      assertThat(number(first)).isEqualTo(56);
      assertThat(first.has("o")).as("a filter makes gaps").isFalse();
    }
  }

  @Test
  void whoeverMissedSomethingThatIsGoneBeginsAtTheEndAndIsTold() throws Exception {
    try (var gateway = new TestGateway(1, KEEP, "recovery.max_messages=8")) {
      var client = gateway.connect("/wse?topics=a");
      client.next("subscription_update");
      publish(gateway, "a", 1, 40);
      var epoch = client.next("news").path("e").asString();
      Await.until("all are there", () -> gateway.hub.stats().published() == 40);
      for (var lost : new String[] {comeBack("a", epoch, 1), comeBack("a", "00000000", 39)}) {
        var back = gateway.connect("/wse");
        var ack = back.ask(lost, "subscription_update").at("/recovery/a");
        assertThat(ack.path("recovered").asBoolean(true)).isFalse();
        assertThat(ack.path("offset").asLong()).isEqualTo(40);
        assertThat(ack.path("epoch").asString()).isEqualTo(epoch);
        back.close();
      }
      var back = gateway.connect("/wse");
      back.ask(comeBack("a", epoch, 38), "subscription_update");
      assertThat(number(back.next("news"))).isEqualTo(39);
    }
  }

  @Test
  void aGapIsFilledOnTheSameConnectionAndAskingTwiceChangesNothing() throws Exception {
    try (var gateway = new TestGateway(1, KEEP)) {
      var client = gateway.connect("/wse?topics=a");
      client.next("subscription_update");
      publish(gateway, "a", 1, 5);
      var epoch = client.next("news").path("e").asString();
      for (int n = 2; n <= 5; n++) {
        client.next("news");
      }
      var again = client.ask(subscribe("a", ""), "subscription_update");
      assertThat(again.path("already_subscribed").toString()).isEqualTo("[\"a\"]");
      assertThat(again.has("recovery")).isFalse();
      client.ask(comeBack("a", epoch, 2), "subscription_update");
      for (int n = 3; n <= 5; n++) {
        assertThat(number(client.next("news"))).isEqualTo(n);
      }
      publish(gateway, "a", 6, 6);
      assertThat(number(client.next("news"))).isEqualTo(6);
    }
  }

  @Test
  void whatMakesGapsHasNoStamps() throws Exception {
    try (var gateway = new TestGateway(1, KEEP, "topics=[{\"match\":\"c\",\"conflate_ms\":10}]")) {
      publish(gateway, "a", 1, 1);
      var client = gateway.connect("/wse");
      client.ask(subscribe("a*", ""), "subscription_update");
      publish(gateway, "a", 2, 2);
      assertThat(client.next("news").has("tp")).as("a pattern").isFalse();
      client.ask(subscribe("q", ",\"queue\":\"g\""), "subscription_update");
      publish(gateway, "q", 1, 1);
      assertThat(client.next("news").has("tp")).as("a queue group").isFalse();
      client.ask(subscribe("x", ",\"conflate_ms\":5"), "subscription_update");
      publish(gateway, "x", 1, 1);
      assertThat(client.next("news").has("tp")).as("conflation").isFalse();
      var ack = client.ask(subscribe("c", ""), "subscription_update");
      assertThat(ack.has("recovery")).isFalse();
      publish(gateway, "c", 1, 1);
      assertThat(client.next("news").has("tp")).as("the topic's conflation").isFalse();
    }
  }

  @Test
  void withoutRetentionNothingIsStampedAndWhoComesBackBeginsAtTheEnd() throws Exception {
    try (var gateway = new TestGateway(1)) {
      var client = gateway.connect("/wse");
      assertThat(client.next("server_ready").at("/p/details/features/recovery").asBoolean(true))
          .isFalse();
      assertThat(client.ask(subscribe("a", ""), "subscription_update").has("recovery")).isFalse();
      publish(gateway, "a", 1, 1);
      assertThat(client.next("news").has("tp")).isFalse();
      var other = gateway.connect("/wse");
      var ack = other.ask(comeBack("a", "00000001", 3), "subscription_update");
      assertThat(ack.path("topics").toString()).isEqualTo("[\"a\"]");
      assertThat(ack.at("/recovery/a/recovered").asBoolean(true)).isFalse();
    }
  }

  @Test
  void aNameThatGoesLeavesItsFilteredPatternWithoutStamps() throws Exception {
    try (var gateway = new TestGateway(1, KEEP)) {
      publish(gateway, "a", 1, 1);
      var client = gateway.connect("/wse");
      client.ask(subscribe("a", ""), "subscription_update");
      client.ask(subscribe("a*", ",\"filters\":{\"n\":{\"$gt\":2}}"), "subscription_update");
      publish(gateway, "a", 2, 2);
      assertThat(client.next("news").has("tp")).isTrue();
      client.ask(unsubscribe("a"), "subscription_update");
      publish(gateway, "a", 1, 4);
      for (int n = 3; n <= 4; n++) {
        var frame = client.next("news");
        assertThat(number(frame)).isEqualTo(n);
        assertThat(frame.has("tp")).isFalse();
      }
    }
  }

  @Test
  void whoIsRestoredIsToldNoPositionSoThatItsOwnCounts() throws Exception {
    try (var gateway = new TestGateway(1, KEEP)) {
      gateway.access.apply(policy("auth.jwt.secret=" + SECRET));
      var client = gateway.connect("/wse?topics=a", good("ann", null));
      client.next("subscription_update");
      publish(gateway, "a", 1, 2);
      var epoch = client.next("news").path("e").asString();
      client.next("news");
      client.abort();
      Await.until("it is gone", () -> gateway.dialect.connections() == 0);
      publish(gateway, "a", 3, 4);
      var again = gateway.connect("/wse", good("ann", null));
      assertThat(again.next("subscription_update").path("p").has("recovery")).isFalse();
      again.ask(comeBack("a", epoch, 2), "subscription_update");
      assertThat(number(again.next("news"))).isEqualTo(3);
      assertThat(number(again.next("news"))).isEqualTo(4);
    }
  }
}
