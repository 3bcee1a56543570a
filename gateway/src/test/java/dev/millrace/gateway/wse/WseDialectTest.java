package dev.millrace.gateway.wse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.problem.ProblemException;
import dev.millrace.hub.Message;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class WseDialectTest {
  private TestGateway gateway;

  @BeforeEach
  void start() throws ProblemException {
    gateway =
        new TestGateway(
            1,
            "max_connections=3",
            "max_subscriptions=4",
            "rate_limit={\"capacity\": 20, \"refill_rate\": 1}");
  }

  @AfterEach
  void stop() {
    gateway.close();
  }

  private void publish(String topic, String json) {
    gateway.hub.publish(
        topic,
        List.of(
            Message.of("news", json.getBytes(StandardCharsets.UTF_8), json.startsWith("{"), 0)));
  }

  private static void await(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + 10_000_000_000L;
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as(what).isLessThan(deadline);
      LockSupport.parkNanos(500_000);
    }
  }

  private double dropped(String reason) {
    return gateway.metrics.count(WseMetric.DROPPED, reason);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/wse", "/wse/", "/wse/wse"})
  void aConnectionIsGreetedThenToldItsTopicsThenServed(String path) throws InterruptedException {
    var client =
        gateway.connect(
            path + "?client_version=1.4.3&protocol_version=1&topics=a%2Cb,%20,c&compression=true");
    var ready = client.next();
    assertThat(ready).startsWith("text WSE{\"t\":\"server_ready\",");
    var details = TestClient.envelope(ready).path("p").path("details");
    assertThat(details.path("user_id").asString()).matches("[0-9a-f]{32}");
    assertThat(details.path("connection_id").asString()).matches("ws_[0-9a-f]{8}_[0-9a-f]{8}");
    assertThat(details.path("client_version").asString()).isEqualTo("1.4.3");
    assertThat(details.path("features").path("compression").asBoolean()).isTrue();
    var ack = client.next();
    assertThat(ack).startsWith("text WSE{\"t\":\"subscription_update\",");
    assertThat(TestClient.envelope(ack).path("p").path("topics").toString())
        .isEqualTo("[\"a\",\"b\",\"c\"]");
    publish("b", "{\"x\":1}");
    var event = client.next();
    assertThat(event)
        .startsWith("binary U{\"t\":\"news\",\"id\":\"")
        .endsWith("\"p\":{\"x\":1},\"v\":1}");
    assertThat(event).doesNotContain("\"seq\"");
  }

  @Test
  void aHelloIsAnsweredWithEverythingClientsLookFor() throws InterruptedException {
    var client = gateway.connect("/wse").send("{\"t\":\"client_hello\",\"cid\":\"c1\",\"p\":{}}");
    assertThat(client.next()).contains("server_ready");
    var hello = client.next("server_hello");
    assertThat(hello.path("cid").asString()).isEqualTo("c1");
    assertThat(hello.path("p").path("limits").path("max_subscriptions").asInt()).isEqualTo(4);
    assertThat(hello.path("p").path("supported_features"))
        .isEqualTo(hello.path("p").path("features"));
  }

  @Test
  void everyFormOfPingIsAnsweredInTextAndNoPongIs() throws InterruptedException {
    var client = gateway.connect("/wse");
    client.send("WSE{\"t\":\"PONG\",\"p\":{\"timestamp\":1}}").send("WSE:PONG:1");
    client.send("WSE{\"t\":\"ping\",\"p\":{\"timestamp\":1749999999990},\"v\":1}");
    client.sendBinary(
        "{\"t\":\"PING\",\"p\":{\"client_timestamp\":7}}".getBytes(StandardCharsets.UTF_8));
    client.send("PING:9").send("{\"t\":\"ping\"}");
    assertThat(client.next()).contains("server_ready");
    assertThat(client.next())
        .startsWith(
            "text WSE{\"t\":\"PONG\",\"p\":{\"client_timestamp\":1749999999990,\"server_timestamp\":1750000000000,")
        .endsWith("\"latency\":10},\"v\":1}");
    assertThat(client.next("PONG").path("p").path("client_timestamp").asLong()).isEqualTo(7);
    assertThat(client.next("PONG").path("p").path("client_timestamp").asLong()).isEqualTo(9);
    assertThat(client.next("PONG").path("p").path("client_timestamp").asLong()).isZero();
  }

  @Test
  void subscribingAndLeavingAreAcknowledgedTopicByTopic() throws InterruptedException {
    var client = gateway.connect("/wse?topics=a");
    client.next("subscription_update");
    client.send(
        "U{\"t\":\"subscription\",\"p\":{\"action\":\"subscribe\",\"topics\":[\"a\",\"b\",\"user:*\",\"bad\\u0001\"]}}");
    var ack = client.next("subscription_update").path("p");
    assertThat(ack.path("success").asBoolean()).isTrue();
    assertThat(ack.path("message").asString()).isEqualTo("Successfully subscribed 3 topics");
    assertThat(ack.path("already_subscribed").toString()).isEqualTo("[\"a\"]");
    assertThat(ack.path("failed_topics").get(0).path("topic").asString()).isEqualTo("bad\u0001");
    assertThat(ack.path("failed_topics").get(0).path("error").asString())
        .contains("no control characters");
    client.send(
        "WSE{\"t\":\"subscription_update\",\"p\":{\"action\":\"unsubscribe\",\"topics\":[\"a\",\"unknown\"]}}");
    ack = client.next("subscription_update").path("p");
    assertThat(ack.path("message").asString()).isEqualTo("Successfully unsubscribed 2 topics");
    assertThat(ack.path("active_subscriptions").valueStream().map(JsonNode::asString))
        .containsExactlyInAnyOrder("b", "user:*");
    publish("a", "1");
    publish("b", "2");
    assertThat(client.next()).startsWith("binary").contains("{\"data\":2}");
  }

  @Test
  void aWrongSubscriptionSaysWhatIsWrong() throws InterruptedException {
    var client = gateway.connect("/wse");
    client.send("{\"t\":\"subscription\",\"p\":{\"action\":\"subscribe\"}}");
    assertThat(client.next("error").path("p").path("message").asString())
        .isEqualTo("No topics specified");
    client.send("{\"t\":\"subscription\",\"p\":{\"action\":\"jump\",\"topics\":[\"a\"]}}");
    var error = client.next("error").path("p");
    assertThat(error.path("code").asString()).isEqualTo("INVALID_ACTION");
    assertThat(error.path("message").asString()).isEqualTo("Invalid subscription action: jump");
    client.send("{\"t\":\"subscription\",\"p\":{\"action\":\"subscribe\",\"topics\":[1]}}");
    assertThat(client.next("error").path("p").path("message").asString())
        .isEqualTo("The name of a topic is a text");
  }

  @Test
  void topicsBeyondTheLimitFailAndTheOthersAreSubscribed() throws InterruptedException {
    var client = gateway.connect("/wse");
    client.send(
        "{\"t\":\"subscription\",\"p\":{\"action\":\"subscribe\","
            + "\"topics\":[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\"]}}");
    var ack = client.next("subscription_update").path("p");
    assertThat(ack.path("success").asBoolean()).isTrue();
    assertThat(ack.path("active_subscriptions").toString()).isEqualTo("[\"a\",\"b\",\"c\",\"d\"]");
    assertThat(ack.path("failed_topics").valueStream().map(one -> one.path("topic").asString()))
        .containsExactly("e", "f");
    assertThat(ack.path("subscription_limits").path("max_topics").asInt()).isEqualTo(4);
  }

  @Test
  void whatAClientPublishesReachesTheSubscribersUnchanged() throws InterruptedException {
    var reader = gateway.connect("/wse?topics=chat");
    reader.next("subscription_update");
    var writer = gateway.connect("/wse");
    writer.send(
        "{\"t\":\"publish\",\"p\":{\"topic\":\"chat\",\"type\":\"line\",\"payload\":{\"n\":"
            + " 1.0}}}");
    assertThat(reader.next())
        .startsWith("binary U{\"t\":\"line\"")
        .contains("\"p\":{\"n\": 1.0},\"v\":1}");
    writer.send("{\"t\":\"publish\",\"p\":{\"topic\":\"chat\"}}");
    assertThat(writer.next("error").path("p").path("code").asString()).isEqualTo("INVALID_MESSAGE");
    writer.send("{\"t\":\"publish\",\"p\":{\"topic\":\"no*\",\"payload\":1}}");
    assertThat(writer.next("error").path("p").path("code").asString()).isEqualTo("TOPIC_NAME");
    var large = "x".repeat(1_048_400);
    writer.send("{\"t\":\"publish\",\"p\":{\"topic\":\"chat\",\"payload\":\"" + large + "\"}}");
    var error = writer.next("error").path("p");
    assertThat(error.path("code").asString()).isEqualTo("MESSAGE_TOO_LARGE");
    assertThat(error.path("max_size").asInt()).isEqualTo(1_048_576);
  }

  @Test
  void badInputIsCountedAndHarmsNobody() throws InterruptedException {
    var client = gateway.connect("/wse");
    client.send("not json").send("{\"t\":").send("{\"t\":\"whatever\"}");
    client.send("{\"t\":\"ping\",\"id\":\"1\"}").send("{\"t\":\"ping\",\"id\":\"1\"}");
    client.send("x".repeat(1_048_577));
    client.next("PONG");
    assertThat(client.next("error").path("p").path("code").asString())
        .isEqualTo("MESSAGE_TOO_LARGE");
    assertThat(dropped("malformed")).isEqualTo(2);
    assertThat(dropped("duplicate")).isEqualTo(1);
    assertThat(dropped("too_large")).isEqualTo(1);
    assertThat(gateway.metrics.count(WseMetric.RECEIVED, "unknown")).isEqualTo(1);
    client.send("{\"t\":\"ping\"}");
    client.next("PONG");
  }

  @Test
  void whoSendsTooMuchIsWarnedOnceASecondAndStillPinged() throws InterruptedException {
    var client = gateway.connect("/wse");
    for (int i = 0; i < 30; i++) {
      client.send("{\"t\":\"note\"}");
    }
    client.send("{\"t\":\"ping\"}");
    var warning = client.next("rate_limit_warning").path("p");
    assertThat(warning.path("limit").asInt()).isEqualTo(20);
    assertThat(client.next()).contains("\"t\":\"PONG\"");
    assertThat(dropped("rate_limit")).isEqualTo(10);
  }

  @Test
  void pingsCostNothing() throws InterruptedException {
    var client = gateway.connect("/wse");
    for (int i = 0; i < 10; i++) {
      client.send("{\"t\":\"ping\"}").send("PING:1");
    }
    for (int i = 0; i < 20; i++) {
      client.send("{\"t\":\"note\"}");
    }
    await("all have come", () -> gateway.metrics.count(WseMetric.RECEIVED, "unknown") == 20);
    assertThat(dropped("rate_limit")).isZero();
    client.send("PING:1").send("PING:2").send("{\"x\":{\"t\":\"ping\"},\"t\":\"note\"}");
    await("and earn nothing", () -> dropped("rate_limit") == 1);
  }

  @Test
  void aHeartbeatAndAPingComeEveryInterval() throws InterruptedException {
    var client = gateway.connect("/wse");
    client.next("server_ready");
    gateway.clock.advance(Duration.ofSeconds(15));
    assertThat(client.next()).startsWith("text U{\"t\":\"heartbeat\"").contains("\"sequence\":1}");
    assertThat(client.next())
        .matches("text WSE\\{\"t\":\"PING\",\"p\":\\{\"timestamp\":\\d+},\"v\":1}");
    gateway.clock.advance(Duration.ofSeconds(15));
    assertThat(client.next("heartbeat").path("p").path("sequence").asInt()).isEqualTo(3);
  }

  @Test
  void aSilentConnectionIsClosedAndATalkingOneIsNot() throws InterruptedException {
    var silent = gateway.connect("/wse");
    var talking = gateway.connect("/wse");
    for (int i = 0; i < 8; i++) {
      talking.send("{\"t\":\"ping\"}");
      talking.next("PONG");
      gateway.clock.advance(Duration.ofSeconds(15));
      talking.next("PING");
    }
    assertThat(silent.closed()).isEqualTo("1000 Idle timeout");
    assertThat(silent.next("connection_state_change").path("p").path("new_state").asString())
        .isEqualTo("disconnected");
    await("the silent one is gone", () -> gateway.dialect.connections() == 1);
  }

  @Test
  void oneConnectionTooManyIsToldSoAndClosed() throws InterruptedException {
    for (int i = 0; i < 3; i++) {
      gateway.connect("/wse").next("server_ready");
    }
    var late = gateway.connect("/wse");
    var error = late.next("error").path("p");
    assertThat(error.path("code").asString()).isEqualTo("SERVER_OVERLOAD");
    assertThat(error.path("recoverable").asBoolean()).isFalse();
    assertThat(late.closed()).startsWith("4503 ");
    assertThat(gateway.dialect.connections()).isEqualTo(3);
  }

  @Test
  void aStoppingServerSendsItsClientsToReconnect() throws InterruptedException {
    var client = gateway.connect("/wse?topics=a");
    client.next("server_ready");
    gateway.dialect.close();
    assertThat(client.closed()).isEqualTo("1012 Server restarting");
    await("the session is gone", () -> gateway.hub.stats().sessions() == 0);
    assertThat(gateway.hub.stats().subscriptions()).isZero();
  }

  @Test
  void aClientThatLeavesIsForgotten() throws InterruptedException {
    var client = gateway.connect("/wse?topics=a");
    client.next("subscription_update");
    client.close();
    await("the session is gone", () -> gateway.hub.stats().sessions() == 0);
    await("the connection is gone", () -> gateway.dialect.connections() == 0);
  }
}
