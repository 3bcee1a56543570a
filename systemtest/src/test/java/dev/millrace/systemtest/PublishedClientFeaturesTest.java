package dev.millrace.systemtest;

import static dev.millrace.systemtest.PublishedClient.NEW;
import static dev.millrace.systemtest.PublishedClient.OLD;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.json.Json;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

/// What the published Python clients can do besides listening, against the real process.
class PublishedClientFeaturesTest {
  private static final int EVENTS = 20;

  @AutoClose private static SharedServer server;

  @TempDir private static Path shared;

  @TempDir private Path folder;

  @BeforeAll
  static void startServer() {
    server =
        SharedServer.start(
            shared,
            """
            server: { port: 0 }
            hub:
              heartbeat_interval: 1s
              restore_grace: 30s
              recovery: { enabled: true }
              presence: { enabled: true }
              encryption: { enabled: true }
            auth:
              anonymous: [wse, publish, api]
              jwt: { secret: SECRET }
            """
                .replace("SECRET", WebTokens.SECRET));
  }

  @ParameterizedTest
  @ValueSource(strings = {OLD, NEW})
  void largeEventsComeCompressedAndSmallOnesDoNot(String version) {
    var topic = "large." + version;
    try (var client = PublishedClient.start(version, folder)) {
      client.ask(connect("", topic));
      server.topics().awaitSubscribers(topic, 1);
      server.topics().publish(topic, "small", "{\"n\":0}");
      var text = "compressible ".repeat(400);
      for (int n = 1; n <= EVENTS; n++) {
        server.topics().publish(topic, "large", "{\"n\":" + n + ",\"text\":\"" + text + "\"}");
      }
      client.awaitEvents("large", EVENTS);
      assertThat(client.events("large"))
          .allSatisfy(
              event -> assertThat(event.path("payload").path("text").asString()).isEqualTo(text));
      assertThat(client.events("small")).hasSize(1);
      var stats = client.stats();
      assertThat(stats.path("frames").path("C:").asInt()).isEqualTo(EVENTS);
      assertThat(stats.path("stats").path("bytes_received").asInt())
          .as("bytes on the wire")
          .isLessThan(EVENTS * text.length() / 4);
    }
  }

  @Test
  void theNewClientTakesMessagePackWhereItAsksForIt() {
    try (var client = PublishedClient.start(NEW, folder)) {
      client.ask(connect("?format=msgpack", "packed"));
      server.topics().awaitSubscribers("packed", 1);
      var payload =
          "{\"n\":1,\"large\":9007199254740993,\"f\":0.1,\"s\":\"é漢\",\"l\":[null,true,{}]}";
      server.topics().publish("packed", "packed", payload);
      client.awaitEvents("packed", 1);
      assertThat(client.events("packed").getFirst().path("payload"))
          .isEqualTo(Json.tree(payload.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
      assertThat(client.stats().path("frames").path("M:").asInt()).isEqualTo(1);
    }
  }

  @Test
  void theOldClientWhichForgetsItsTopicsIsGivenThemBack() {
    var token = WebTokens.of("carol", Duration.ofHours(1));
    try (var client = PublishedClient.start(OLD, folder)) {
      client.ask(connect("").put("token", token));
      client.ask(PublishedClient.topics("subscribe", "restored"));
      server.topics().awaitSubscribers("restored", 1);
      client.ask(PublishedClient.order("cut"));
      client.awaitState("connected", 2);
      server.topics().awaitSubscribers("restored", 1);
      server.topics().publish("restored", "restored", "{}");
      client.awaitEvents("restored", 1);
    }
  }

  @Test
  void theNewClientGetsWhatItMissedOnceAndInOrder() {
    try (var client = PublishedClient.start(NEW, folder)) {
      client.ask(connect("").put("token", WebTokens.of("dave", Duration.ofHours(1))));
      client.ask(PublishedClient.topics("subscribe", "recovered"));
      server.topics().awaitSubscribers("recovered", 1);
      for (int n = 0; n < EVENTS; n++) {
        server.topics().publish("recovered", "n", "{\"n\":" + n + "}");
      }
      client.awaitEvents("n", EVENTS);
      client.ask(PublishedClient.order("cut"));
      for (int n = EVENTS; n < 2 * EVENTS; n++) {
        server.topics().publish("recovered", "n", "{\"n\":" + n + "}");
      }
      client.awaitState("connected", 2);
      client.awaitEvents("n", 2 * EVENTS);
      server.topics().publish("recovered", "n", "{\"n\":" + 2 * EVENTS + "}");
      client.awaitEvents("n", 2 * EVENTS + 1);
      assertThat(client.events("n"))
          .extracting(event -> event.path("payload").path("n").asInt())
          .isEqualTo(IntStream.rangeClosed(0, 2 * EVENTS).boxed().toList());
      assertThat(client.events("n"))
          .allSatisfy(event -> assertThat(event.path("topic").asString()).isEqualTo("recovered"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {OLD, NEW})
  void aPartOfATopicAndWhoIsThereReachTheIterator(String version) {
    var topic = "room." + version;
    try (var client = PublishedClient.start(version, folder)) {
      client.ask(connect(""));
      var wanted = Json.mapper().createObjectNode().put("action", "subscribe");
      wanted.putArray("topics").add(topic);
      wanted.putObject("filters").putObject("n").put("$gte", EVENTS);
      wanted.putObject("presence").put("at", "home");
      client.send("subscription_update", wanted);
      client.awaitEvents("presence_join", 1);
      for (int n = 0; n <= EVENTS; n++) {
        server.topics().publish(topic, "n", "{\"n\":" + n + "}");
      }
      client.awaitEvents("n", 1);
      assertThat(client.events("n"))
          .extracting(event -> event.path("payload").path("n").asInt())
          .containsExactly(EVENTS);
      assertThat(client.events("presence_join").getFirst().at("/payload/data/at").asString())
          .isEqualTo("home");
      var history =
          Http.get(server.address(), "/api/v1/topics/" + topic + "/history?limit=2").json();
      assertThat(history.path("messages").size()).isEqualTo(2);
      var members = Http.get(server.address(), "/api/v1/topics/" + topic + "/presence").json();
      assertThat(members.path("members").size()).isEqualTo(1);
    }
  }

  @Test
  void theNewClientSpeaksEncryptedBothWays() {
    try (var client = PublishedClient.start(NEW, folder);
        var listener =
            WebSocketClient.connect(server.address(), "/wse?compression=false&topics=answers")) {
      listener.await("the subscription", received -> received.size() >= 2);
      client.ask(connect("", "secrets").put("encryption", true));
      server.topics().awaitSubscribers("secrets", 1);
      var message = Json.mapper().createObjectNode().put("topic", "answers").put("type", "answer");
      message.putObject("payload").put("n", 1);
      client.send("publish", message); // its first sealed frame tells how it derives keys
      listener.await("what it sent", received -> !listener.received("answer").isEmpty());
      server.topics().publish("secrets", "secret", "{\"n\":2}");
      client.awaitEvents("secret", 1);
      assertThat(client.stats().path("frames").path("E:").asInt()).isPositive();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {OLD, NEW})
  void everyRequestIsAnswered(String version) {
    try (var client = PublishedClient.start(version, folder)) {
      client.ask(connect("", "asked." + version));
      for (var asked :
          List.of(
              "health_check_request",
              "metrics_request",
              "config_request",
              "debug_request",
              "sequence_stats_request",
              "connection_state_request",
              "system_status_request")) {
        client.send(asked, Json.mapper().createObjectNode());
        client.awaitEvents(asked.replace("_request", "_response"), 1);
      }
      client.ask(PublishedClient.topics("snapshot", "asked." + version));
      client.awaitEvents("snapshot_complete", 1);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {OLD, NEW})
  void aBatchIsTakenItemByItem(String version) {
    try (var client = PublishedClient.start(version, folder)) {
      client.ask(connect("", "batch." + version));
      var order = PublishedClient.order("batch");
      var messages = order.putArray("messages");
      for (int i = 0; i < 3; i++) {
        messages.addArray().add("config_request").addObject();
      }
      client.ask(order);
      client.awaitEvents("config_response", 3);
      client.awaitEvents("batch_message_result", 1);
      var result = client.events("batch_message_result").getFirst().path("payload");
      assertThat(result.path("total").asInt()).isEqualTo(3);
      assertThat(result.path("successful").asInt()).isEqualTo(3);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {OLD, NEW})
  void whoSaysThatItTakesSeveralEventsInOneFrameGetsThemSo(String version) {
    var topic = "together." + version;
    try (var client = PublishedClient.start(version, folder)) {
      client.ask(connect("", topic));
      server.topics().awaitSubscribers(topic, 1);
      var hello = Json.mapper().createObjectNode();
      hello.putObject("features").put("batch_messages", true);
      client.send("client_hello", hello);
      client.send("config_request", Json.mapper().createObjectNode());
      client.awaitEvents("config_response", 1); // so the hello has been taken
      int before = client.stats().path("frames").path("binary").asInt();
      server
          .topics()
          .publish(
              topic,
              IntStream.range(0, 10 * EVENTS)
                  .mapToObj(n -> "{\"type\":\"n\",\"payload\":{\"n\":" + n + "}}")
                  .collect(Collectors.joining(",", "[", "]")));
      client.awaitEvents("n", 10 * EVENTS);
      assertThat(client.events("n"))
          .extracting(event -> event.path("payload").path("n").asInt())
          .isEqualTo(IntStream.range(0, 10 * EVENTS).boxed().toList());
      assertThat(client.events("n"))
          .extracting(event -> event.path("id").asString(""))
          .doesNotHaveDuplicates()
          .doesNotContain("");
      assertThat(client.stats().path("frames").path("binary").asInt() - before)
          .as("frames")
          .isLessThan(2 * EVENTS);
    }
  }

  private static ObjectNode connect(String query, String... names) {
    return PublishedClient.connect(server.address(), query, names).put("delay", 0.2);
  }
}
