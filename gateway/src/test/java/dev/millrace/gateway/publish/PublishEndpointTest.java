package dev.millrace.gateway.publish;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.problem.ProblemException;
import dev.millrace.gateway.acl.AclRules;
import dev.millrace.gateway.auth.TestTokens;
import dev.millrace.gateway.wse.RawSocket;
import dev.millrace.gateway.wse.TestClient;
import dev.millrace.gateway.wse.TestGateway;
import dev.millrace.hub.AclSpec;
import java.net.http.WebSocketHandshakeException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.LockSupport;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PublishEndpointTest {
  private static final String KIND = "\"t\":\"";

  private static TestClient subscriber(TestGateway gateway, String topic)
      throws InterruptedException {
    var client = gateway.connect("/wse?topics=" + topic);
    client.next("subscription_update");
    return client;
  }

  @Test
  void eachFrameBecomesAnEvent() throws ProblemException, InterruptedException {
    try (var gateway = new TestGateway(1)) {
      var reader = subscriber(gateway, "prices");
      var writer = gateway.connect("/ws/publish/prices?type=tick");
      writer
          .send("{\"px\": 1.50}")
          .sendBinary("[1]".getBytes(java.nio.charset.StandardCharsets.UTF_8));
      assertThat(reader.next()).contains(KIND + "tick\"").contains("\"p\":{\"px\": 1.50}");
      assertThat(reader.next()).contains("\"p\":{\"data\":[1]}");
      gateway.connect("/ws/publish/prices").send("1");
      assertThat(reader.next()).contains(KIND + "prices\"");
    }
  }

  @Test
  void aBrokenFrameIsAnsweredAndTheConnectionGoesOn()
      throws ProblemException, InterruptedException {
    try (var gateway = new TestGateway(1)) {
      var reader = subscriber(gateway, "a");
      var writer = gateway.connect("/ws/publish/a");
      writer.send("{\"x\":1").send("{} {}").send("\"" + "x".repeat(1_048_576) + "\"").send("2");
      var error = writer.next("error").path("p");
      assertThat(error.path("code").asString()).isEqualTo("INVALID_MESSAGE");
      assertThat(error.path("message").asString()).startsWith("The frame is not one JSON value: ");
      assertThat(writer.next("error").path("p").path("code").asString())
          .isEqualTo("INVALID_MESSAGE");
      assertThat(writer.next("error").path("p").path("code").asString())
          .isEqualTo("MESSAGE_TOO_LARGE");
      assertThat(reader.next()).contains("{\"data\":2}");
      assertThat(gateway.metrics.count(PublishMetric.INVALID)).isEqualTo(2);
      assertThat(gateway.metrics.count(PublishMetric.REFUSED)).isEqualTo(1);
    }
  }

  @Test
  void everyFrameIsAnsweredInOrderWhenAsked() throws ProblemException, InterruptedException {
    try (var gateway = new TestGateway(1)) {
      var writer = gateway.connect("/ws/publish/a?ack=1");
      writer.send("1").send("nonsense").send("3");
      assertThat(writer.next()).isEqualTo("text {\"accepted\":1}");
      assertThat(writer.next()).startsWith("text WSE{\"t\":\"error\"");
      assertThat(writer.next()).isEqualTo("text {\"accepted\":1}");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void aPublisherThatOutrunsTheHubWaitsAndLosesNothing(int loops)
      throws ProblemException, InterruptedException {
    try (var gateway =
        new TestGateway(loops, "inbox_messages=512", "jam_messages=1000000", "max_lag=1GB")) {
      var reader = subscriber(gateway, "a");
      var other = subscriber(gateway, "a");
      var writer = gateway.connect("/ws/publish/a?ack=1");
      int messages = 20_000;
      for (int i = 0; i < messages; i++) {
        writer.send("{\"n\":" + i + "}");
      }
      for (int i = 0; i < messages; i++) {
        assertThat(reader.next()).contains("\"p\":{\"n\":" + i + "},");
        assertThat(other.next()).contains("\"p\":{\"n\":" + i + "},");
        assertThat(writer.next()).isEqualTo("text {\"accepted\":1}");
      }
    }
  }

  @Test
  void aTopicThatCannotBeIsRefusedAtTheDoor() throws ProblemException {
    try (var gateway = new TestGateway(1)) {
      Assertions.assertThatThrownBy(() -> gateway.connect("/ws/publish/a%2A"))
          .isInstanceOf(CompletionException.class)
          .cause()
          .isInstanceOfSatisfying(
              WebSocketHandshakeException.class,
              refused -> assertThat(refused.getResponse().statusCode()).isEqualTo(400));
    }
  }

  @ParameterizedTest
  @CsvSource({"'', 401", "viewer, 403", "publisher, 101"})
  void onlyAPublisherGetsThroughTheDoor(String role, int status) throws ProblemException {
    try (var gateway = new TestGateway(1)) {
      gateway.access.apply(TestTokens.policy("auth.jwt.secret=" + TestTokens.SECRET));
      var token = role.isEmpty() ? null : TestTokens.good("ann", role);
      if (status == 101) {
        gateway.connect("/ws/publish/a", token).send("1");
        return;
      }
      Assertions.assertThatThrownBy(() -> gateway.connect("/ws/publish/a", token))
          .cause()
          .isInstanceOfSatisfying(
              WebSocketHandshakeException.class,
              refused -> assertThat(refused.getResponse().statusCode()).isEqualTo(status));
    }
  }

  @Test
  void aStoppingServerSendsPublishersToReconnect() throws ProblemException {
    try (var gateway = new TestGateway(2)) {
      var one = gateway.connect("/ws/publish/a");
      var two = gateway.connect("/ws/publish/b");
      one.send("1");
      two.send("1");
      gateway.publish.close();
      assertThat(one.closed()).isEqualTo("1012 Server restarting");
      assertThat(two.closed()).isEqualTo("1012 Server restarting");
      assertThat(gateway.connect("/ws/publish/a").closed()).isEqualTo("1012 Server restarting");
    }
  }

  @Test
  void aPublisherThatHasVanishedIsNoticedAndOneThatOnlyRestsStays() throws Exception {
    try (var gateway = new TestGateway(1);
        var vanished = RawSocket.open(gateway.port(), "/ws/publish/a")) {
      var resting = gateway.connect("/ws/publish/a");
      long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
      for (int expected : new int[] {2, 1}) {
        while (gateway.publish.connections() != expected && System.nanoTime() < deadline) {
          if (expected == 1) {
            gateway.clock.advance(Duration.ofMillis(100));
            LockSupport.parkNanos(1_000_000); // whoever lives has time to answer
          }
        }
        assertThat(gateway.publish.connections()).isEqualTo(expected);
      }
      assertThat(vanished.isConnected()).isTrue();
      resting.send("not json");
      assertThat(resting.next("error").path("p").path("code").asString())
          .isEqualTo("INVALID_MESSAGE");
    }
  }

  @Test
  void aFrameMayBeTheWholeEventAsRestTakesIt() throws ProblemException, InterruptedException {
    try (var gateway = new TestGateway(1)) {
      var reader = subscriber(gateway, "a");
      var writer = gateway.connect("/ws/publish/a?envelope=1&ack=1");
      writer.send(
          "{\"type\":\"x\",\"payload\":{ \"n\":1 },\"id\":\"e1\",\"priority\":\"high\",\"ts\":0,"
              + "\"correlation_id\":\"c\",\"category\":\"S\"}");
      assertThat(writer.next()).isEqualTo("text {\"accepted\":1}");
      assertThat(reader.next())
          .contains("\"t\":\"x\",\"id\":\"e1\",\"ts\":\"1970-01-01T00:00:00.000Z\"")
          .contains("\"p\":{ \"n\":1 },\"pri\":8,\"cid\":\"c\"");
      writer.send("[{\"type\":\"x\",\"payload\":1},{\"type\":\"x\",\"payload\":2}]").send("7");
      assertThat(writer.next("error").path("p").path("message").asString()).contains("a list of 2");
      assertThat(writer.next("error").path("p").path("code").asString())
          .isEqualTo("INVALID_MESSAGE");
    }
  }

  @Test
  void theAddressMaySayThePriorityAndTheRulesWhoPublishes() throws Exception {
    try (var gateway = new TestGateway(1, "acl.deny=[\"publish b\"]", "publish.max_in_flight=1")) {
      var reader = subscriber(gateway, "a");
      var writer = gateway.connect("/ws/publish/a?priority=critical");
      writer.send("1").send("2");
      assertThat(reader.next()).contains("{\"data\":1},\"pri\":10");
      assertThat(reader.next()).contains("{\"data\":2},\"pri\":10");
      Assertions.assertThatThrownBy(() -> gateway.connect("/ws/publish/a?priority=odd"))
          .cause()
          .isInstanceOfSatisfying(
              WebSocketHandshakeException.class,
              refused -> assertThat(refused.getResponse().statusCode()).isEqualTo(400));
      Assertions.assertThatThrownBy(() -> gateway.connect("/ws/publish/b"))
          .cause()
          .isInstanceOfSatisfying(
              WebSocketHandshakeException.class,
              refused -> assertThat(refused.getResponse().statusCode()).isEqualTo(403));
      gateway.topics.apply(AclRules.of(new AclSpec(List.of(), List.of("a"))));
      writer.send("3");
      assertThat(writer.next("error").path("p").path("code").asString()).isEqualTo("FORBIDDEN");
    }
  }
}
