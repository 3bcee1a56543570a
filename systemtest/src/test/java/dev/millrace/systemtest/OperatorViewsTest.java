package dev.millrace.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.testkit.Await;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// What operators see of topics and of those who follow them, in the real process.
@Timeout(120)
class OperatorViewsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final int KICKED = 4010;

  @AutoClose private static SharedServer server;

  @TempDir private static Path folder;

  @BeforeAll
  static void start() {
    server =
        SharedServer.start(
            folder,
            """
            server: { port: 0 }
            telemetry: { ui_interval_ms: 250 }
            hub:
              topics: [{ match: "kept", retention: { messages: 100 } }]
            """);
  }

  private static JsonNode sessions(String query) {
    var answer = Http.get(server.address(), "/api/v1/sessions" + query);
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    return answer.json();
  }

  @Test
  void aConsoleHearsOfConnectionsAndMessagesOncePerInterval() {
    try (var console = WebSocketClient.connect(server.address(), "/ws/noc");
        var client = WebSocketClient.connect(server.address(), "/wse?topics=feed")) {
      server.topics().awaitSubscribers("feed", 1);
      server.topics().publish("feed", "{\"type\":\"n\",\"payload\":{},\"priority\":\"critical\"}");
      client.first("n");
      var tick = awaitTick(console, "/send_latency/p50_us");
      assertThat(tick.at("/connections/active").asInt()).isPositive();
      assertThat(tick.at("/connections/total").asInt()).isPositive();
      assertThat(tick.at("/connections/by_state/connected").asInt()).isPositive();
      assertThat(tick.at("/messages/by_priority").size()).isEqualTo(5);
      assertThat(tick.at("/messages/out_per_sec").asDouble()).isPositive();
      assertThat(tick.at("/send_latency/counts").size())
          .isEqualTo(tick.at("/send_latency/bounds").size() + 1);
      assertThat(tick.at("/queue/capacity").asInt()).isPositive();
      assertThat(tick.at("/recovery/hits").isNumber()).isTrue();
      assertThat(tick.path("dlq").isNull()).isTrue();
      assertThat(tick.path("top").valueStream())
          .anySatisfy(
              line -> {
                assertThat(line.path("topics").asInt()).isEqualTo(1);
                assertThat(line.path("transport").asString()).isEqualTo("websocket");
              });
    }
  }

  /// The payload of the first tick that knows a value.
  private static JsonNode awaitTick(WebSocketClient console, String known) {
    return console.first("FeedTick", tick -> !tick.at("/payload" + known).isNull()).path("payload");
  }

  @Test
  void connectionsAreListedAndOneIsEndedAndToldSo() {
    try (var client =
            WebSocketClient.connect(server.address(), "/wse?topics=listed,other&client_version=9");
        var other = WebSocketClient.connect(server.address(), "/wse?topics=other")) {
      server.topics().awaitSubscribers("other", 2);
      var found = sessions("?topic=listed&limit=5");
      assertThat(found.path("matching").asInt()).isEqualTo(1);
      var session = found.at("/sessions/0");
      assertThat(session.path("client_version").asString()).isEqualTo("9");
      assertThat(session.path("messages_out").asInt()).isPositive();
      var id = session.path("id").asString();
      var one = Http.get(server.address(), "/api/v1/sessions/" + id).json();
      assertThat(one.path("subscriptions").toString()).isEqualTo("[\"listed\",\"other\"]");
      assertThat(Http.get(server.address(), "/api/v1/sessions?limit=0").status()).isEqualTo(400);
      assertThat(Http.get(server.address(), "/api/v1/sessions/ws_1_2").status()).isEqualTo(404);

      try (var console = WebSocketClient.connect(server.address(), "/ws/noc")) {
        console.first("hello");
        console.send(
            "{\"op\":\"command\",\"id\":1,\"command\":\"kick\",\"target\":{\"client\":\"no\"}}");
        assertThat(console.first("CommandResult").at("/error/code").asString())
            .isEqualTo("NOT_FOUND");
        console.send(
            "{\"op\":\"command\",\"id\":2,\"command\":\"kick\",\"target\":{\"client\":\""
                + id
                + "\"},\"args\":{\"reason\":\"enough\"}}");
        assertThat(client.awaitClosed()).isEqualTo(KICKED);
        var killed = console.first("Killed").path("payload");
        assertThat(killed.path("reason").asString()).isEqualTo("AdminKick");
        assertThat(killed.path("id").asString()).isEqualTo(id);
      }
      Await.until(
          PATIENCE,
          () -> sessions("?topic=listed").path("matching").asInt() == 0,
          () -> "still there");
      var wrong = "{\"client\":\"" + id + "\",\"code\":1000}";
      assertThat(Http.postJson(server.address(), "/api/v1/admin/kick", wrong).status())
          .isEqualTo(422);
      assertThat(Http.get(server.address(), "/api/v1/audit").body()).contains("kick", id);
      server.topics().publish("other", "n", "{}");
      other.first("n");
    }
  }

  @Test
  void connectionsOfEverySurfaceAreListedAndEndedByTheirAddress() {
    try (var publisher = WebSocketClient.connect(server.address(), "/ws/publish/pub.here");
        var program = WebSocketClient.connect(server.address(), "/ws/inbound");
        var other = WebSocketClient.connect(server.address(), "/ws/publish/pub.there")) {
      Await.until(
          PATIENCE,
          () ->
              sessions("?kind=publish").path("matching").asInt() == 2
                  && sessions("?kind=inbound").path("matching").asInt() == 1,
          () -> "not all are there: " + sessions(""));
      assertThat(sessions("").at("/by_kind/publish").asInt()).isEqualTo(2);
      var session = sessions("?topic=pub.here").at("/sessions/0");
      assertThat(session.path("kind").asString()).isEqualTo("publish");
      var path = "/api/v1/sessions/" + session.path("id").asString();
      assertThat(Http.get(server.address(), path).json().path("subscriptions").toString())
          .isEqualTo("[\"pub.here\"]");
      assertThat(Http.ask(null, "DELETE", server.address(), path + "?code=1000", "").status())
          .isEqualTo(422);
      var ended = Http.ask(null, "DELETE", server.address(), path, "");
      assertThat(ended.status()).as(ended.body()).isEqualTo(200);
      assertThat(publisher.awaitClosed()).isEqualTo(KICKED);
      assertThat(Http.ask(null, "DELETE", server.address(), path, "").status()).isEqualTo(404);
      var inbound = sessions("?kind=inbound").at("/sessions/0/id").asString();
      var code = "/api/v1/sessions/" + inbound + "?code=4403&reason=enough";
      assertThat(Http.ask(null, "DELETE", server.address(), code, "").status()).isEqualTo(200);
      assertThat(program.awaitClosed()).isEqualTo(4403);
      assertThat(sessions("?kind=publish").path("matching").asInt()).isEqualTo(1);
      assertThat(Http.get(server.address(), "/api/v1/sessions?kind=noc").status()).isEqualTo(400);
      assertThat(Http.get(server.address(), "/api/v1/audit").body()).contains(inbound);
      other.send("{}");
    }
  }

  @Test
  void aTopicIsShownWithItsLogsItsRatesAndWhatItKeeps() {
    try (var client = WebSocketClient.connect(server.address(), "/wse?topics=kept")) {
      server.topics().awaitSubscribers("kept", 1);
      for (int i = 0; i < 5; i++) {
        server.topics().publish("kept", "n", "{\"i\":" + i + "}");
      }
      client.first("n", message -> message.at("/p/i").asInt() == 4);
      var topic = Http.get(server.address(), "/api/v1/topics/kept").json();
      assertThat(topic.path("offset").asInt()).isEqualTo(5);
      assertThat(topic.path("kept_messages").asInt()).isEqualTo(5);
      assertThat(topic.path("kept_bytes").asInt()).isPositive();
      assertThat(topic.at("/lanes/0/form").asString()).isEqualTo("wse-stamped");
      assertThat(topic.at("/lanes/0/messages").asInt()).isEqualTo(5);
      Await.until(
          PATIENCE,
          () -> {
            server.topics().publish("kept", "n", "{}");
            return Http.get(server.address(), "/api/v1/topics/kept")
                    .json()
                    .path("messages_per_sec")
                    .asDouble(0)
                > 0;
          },
          () -> "no rates");
    }
  }
}
