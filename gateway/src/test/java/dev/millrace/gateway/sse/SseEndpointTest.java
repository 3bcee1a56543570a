package dev.millrace.gateway.sse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.problem.ProblemException;
import dev.millrace.gateway.auth.TestTokens;
import dev.millrace.gateway.http.Site;
import dev.millrace.gateway.wse.TestGateway;
import dev.millrace.hub.Message;
import dev.millrace.testkit.Await;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
@SuppressWarnings("StringConcatToTextBlock") // requests end their lines with CR LF
class SseEndpointTest {
  private static void publish(TestGateway gateway, String topic, String payload) {
    gateway.hub.publish(
        topic,
        List.of(
            Message.of(
                "kind", payload.getBytes(StandardCharsets.UTF_8), payload.startsWith("{"), 1L)));
  }

  private static EventClient open(TestGateway gateway, String query, String... headers)
      throws IOException, InterruptedException {
    return EventClient.open(gateway.port(), "/sse?" + query, headers);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void eventsComeInOrderWithTheirTypeAndEachWithItsPlace(int loops) throws Exception {
    try (var gateway = new TestGateway(loops);
        var client = open(gateway, "topics=a")) {
      assertThat(client.response.statusCode()).isEqualTo(200);
      assertThat(client.response.headers().map())
          .containsEntry("content-type", List.of("text/event-stream"))
          .containsEntry("cache-control", List.of("no-store"))
          .containsEntry("x-accel-buffering", List.of("no"));
      var greeting = client.event();
      assertThat(greeting.type()).isEqualTo("subscription_update");
      assertThat(greeting.json().path("topics").toString()).isEqualTo("[\"a\"]");
      assertThat(client.retryMillis()).isBetween(2_000L, 4_000L);
      for (int i = 0; i < 1_000; i++) {
        publish(gateway, "a", "{\"n\":" + i + "}");
      }
      for (int i = 0; i < 1_000; i++) {
        var event = client.event();
        assertThat(event.type()).isEqualTo("kind");
        assertThat(event.payload()).isEqualTo("{\"n\":" + i + "}");
        assertThat(event.lastEventId()).endsWith("-" + "%012x".formatted(i + 1));
      }
    }
  }

  @Test
  void aPayloadOfSeveralLinesIsStillTheSameValue() throws Exception {
    try (var gateway = new TestGateway(1);
        var client = open(gateway, "topics=a")) {
      client.event();
      publish(gateway, "a", "{\r\n \"x\":\r1,\n\"y\": \"a\\nb\" }");
      assertThat(client.event().payload()).isEqualTo("{\"x\":1,\"y\":\"a\\nb\"}");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void theIdOfAConnectionWithSeveralTopicsSaysHowFarItIsInAllOfThem(int loops) throws Exception {
    try (var gateway = new TestGateway(loops);
        var client = open(gateway, "topics=a,b&topics=c")) {
      assertThat(client.event().json().path("topics").size()).isEqualTo(3);
      var counts = new HashMap<Integer, Long>();
      for (var topic : List.of("a", "b", "a", "a", "c", "b")) {
        publish(gateway, topic, "1");
        client.event();
      }
      publish(gateway, "a", "2");
      client.event(); // whatever came before it has set the id
      for (var position : Position.readAll(client.lastEventId())) {
        counts.put(position.epoch(), position.offset());
      }
      assertThat(counts)
          .containsEntry(gateway.hub.topic("a").orElseThrow().epoch(), 3L)
          .containsEntry(gateway.hub.topic("b").orElseThrow().epoch(), 2L)
          .containsEntry(gateway.hub.topic("c").orElseThrow().epoch(), 1L);
    }
  }

  @Test
  void whoeverComesBackIsToldWhetherItMissedAnything() throws Exception {
    try (var gateway = new TestGateway(1);
        var keeper = open(gateway, "topics=a,b")) {
      keeper.event();
      String id;
      try (var client = open(gateway, "topics=a,b")) {
        client.event();
        publish(gateway, "a", "1");
        publish(gateway, "b", "1");
        client.event();
        client.event();
        publish(gateway, "b", "2");
        client.event();
        id = client.lastEventId();
      }
      try (var again = open(gateway, "topics=a,b", "Last-Event-ID", id)) {
        var recovery = again.event().json().path("recovery");
        assertThat(recovery.path("a").path("recovered").asBoolean()).isTrue();
        assertThat(recovery.path("b").path("recovered").asBoolean()).isFalse(); // its last is newer
        assertThat(again.comments()).isEqualTo(1);
        publish(gateway, "a", "3");
        assertThat(again.event().payload()).isEqualTo("{\"data\":3}");
      }
      try (var stranger = open(gateway, "topics=a&lastEventId=nonsense")) {
        var recovery = stranger.event().json().path("recovery");
        assertThat(recovery.path("a").path("recovered").asBoolean()).isFalse();
      }
    }
  }

  @Test
  void aQuietConnectionGetsACommentAndABusyOneDoesNot() throws Exception {
    try (var gateway = new TestGateway(1);
        var client = open(gateway, "topics=a")) {
      client.event();
      gateway.clock.advance(Duration.ofSeconds(10));
      publish(gateway, "a", "1");
      client.event();
      Await.until("it is quiet again", () -> gateway.hub.stats().deliveries() == 1);
      gateway.clock.advance(Duration.ofSeconds(15));
      assertThat(client.line()).isEqualTo(":");
      assertThat(client.line()).isEmpty();
    }
  }

  @Test
  void aClientOfTheOldProtocolGetsTheSameWithoutChunks() throws Exception {
    try (var gateway = new TestGateway(1);
        var socket = new Socket(InetAddress.getLoopbackAddress(), gateway.port())) {
      socket.setSoTimeout(10_000);
      socket
          .getOutputStream()
          .write(
              "GET /sse?topics=a HTTP/1.0\r\nHost: localhost\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      Await.until("it is there", () -> gateway.hub.topic("a").isPresent());
      Await.until("it listens", () -> gateway.hub.stats().subscriptions() == 1);
      publish(gateway, "a", "{\"x\":1}");
      Await.until("it was written", () -> gateway.hub.stats().deliveries() == 1);
      gateway.sse.close();
      var answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(answer).doesNotContain("chunked").contains("\r\n\r\nretry: ");
      assertThat(Site.body(answer))
          .contains("\n\nevent: kind\ndata: {\"t\":\"kind\",", "\"p\":{\"x\":1},")
          .endsWith("-000000000001\n\n: the server stops; come back later\n\n");
    }
  }

  @Test
  void whoeverCannotKeepUpIsCutAndNothingIsLeftOut() throws Exception {
    try (var gateway = new TestGateway(1, "jam_messages=100");
        var socket = new Socket()) {
      socket.setReceiveBufferSize(4_096);
      socket.connect(gateway.loopback());
      socket
          .getOutputStream()
          .write(
              "GET /sse?topics=a HTTP/1.1\r\nHost: localhost\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      Await.until("it listens", () -> gateway.hub.stats().subscriptions() == 1);
      var filler = "x".repeat(50_000);
      for (int i = 0; i < 500 && gateway.sse.connections() > 0; i++) {
        publish(gateway, "a", "{\"x\":\"" + filler + "\"}");
        int sent = i + 1;
        Await.until("it is there", () -> gateway.hub.stats().published() == sent);
      }
      Await.until("it is cut", () -> gateway.sse.connections() == 0);
      assertThat(gateway.metrics.count(SseMetric.CLOSED, "slow")).isEqualTo(1);
      assertThat(gateway.hub.stats().leftOut()).isZero();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''              | NO_TOPICS",
        "topics=,        | NO_TOPICS",
        "topics=a*       | BAD_TOPIC",
        "topics=1,2,3,4  | TOO_MANY_SUBSCRIPTIONS"
      })
  void aRequestThatCannotBeServedSaysWhy(String query, String code) throws Exception {
    try (var gateway = new TestGateway(1, "sse.max_topics=3");
        var client = open(gateway, query)) {
      assertThat(client.response.statusCode()).isEqualTo(400);
      assertThat(client.line()).contains("\"" + code + "\"");
    }
  }

  @Test
  void oneConnectionTooManyAndAStoppingServerAreAnswered503() throws Exception {
    try (var gateway = new TestGateway(1, "sse.max_connections=1");
        var first = open(gateway, "topics=a")) {
      first.event();
      try (var second = open(gateway, "topics=a")) {
        assertThat(second.response.statusCode()).isEqualTo(503);
        assertThat(second.response.headers().firstValue("Retry-After")).hasValue("5");
      }
      gateway.sse.close();
      assertThat(first.next()).isNull();
      Await.until("it has gone", () -> gateway.hub.stats().sessions() == 0);
      try (var third = open(gateway, "topics=a")) {
        assertThat(third.response.statusCode()).isEqualTo(503);
        assertThat(third.line()).contains("CLOSED");
      }
    }
  }

  @Test
  void whoeverHasLeftIsForgotten() throws Exception {
    try (var gateway = new TestGateway(2)) {
      for (int i = 0; i < 20; i++) {
        try (var client = open(gateway, "topics=a,b")) {
          client.event();
        }
      }
      Await.until("all have gone", () -> gateway.sse.connections() == 0);
      Await.until("their sessions too", () -> gateway.hub.stats().sessions() == 0);
    }
  }

  @Test
  void credentialsAreAskedForAndTheirEndEndsTheConnection() throws Exception {
    try (var gateway = new TestGateway(1)) {
      gateway.access.apply(TestTokens.policy("auth.jwt.secret=" + TestTokens.SECRET));
      try (var nobody = open(gateway, "topics=a")) {
        assertThat(nobody.response.statusCode()).isEqualTo(401);
      }
      try (var client =
          open(gateway, "topics=a", "Authorization", "Bearer " + TestTokens.good("ann", null))) {
        client.event();
        gateway.access.apply(TestTokens.policy("auth.jwt.secret=" + "another" + TestTokens.SECRET));
        gateway.clock.advance(Duration.ofSeconds(2));
        assertThat(client.next()).isNull();
      }
    }
  }

  @Test
  void aTopicThatTheRulesDenyIsRefusedAtTheDoor() throws Exception {
    try (var gateway = new TestGateway(1, "acl.deny=[\"secret.*\"]");
        var client = open(gateway, "topics=a,secret.x")) {
      assertThat(client.response.statusCode()).isEqualTo(403);
      assertThat(client.line()).contains("TOPIC_FORBIDDEN", "secret.x");
    }
  }

  @Test
  void thePlaceIsReadBackAsItWasWrittenAndNothingElseIs() throws ProblemException {
    var some = List.of(new Position(-1, 7), new Position(3, (1L << 48) - 1));
    assertThat(Position.readAll(some.get(0) + "," + some.get(1))).isEqualTo(some);
    for (var wrong : List.of("", ",", "x", "ffffffff-00000000000", "ffffffff-000000000007,")) {
      assertThat(Position.readAll(wrong)).isEmpty();
    }
    assertThat(Position.readAll((some.getFirst() + ",").repeat(300))).isEmpty();
  }
}
