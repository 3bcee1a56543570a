package dev.millrace.systemtest;

import static dev.millrace.systemtest.PublishedClient.NEW;
import static dev.millrace.systemtest.PublishedClient.OLD;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.json.Json;
import dev.millrace.testkit.Await;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The published Python clients, unmodified, against the real process: an old one, which still
/// counts sequence numbers and subscribes once in its life, and a new one.
class PublishedClientTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int EVENTS = 1_000;

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
            hub: { heartbeat_interval: 1s }
            pipelines:
              - name: side
                graph:
                  nodes:
                    - { id: firehose, type: SimulatedFirehose, config: { rate: 20 } }
                    - { id: out, type: Publish, config: { topic: side, type: post } }
                  connections:
                    - { from: firehose, to: out }
            """);
  }

  @ParameterizedTest
  @ValueSource(strings = {OLD, NEW})
  void aThousandEventsArriveOnceAndInOrderHoweverItSubscribed(String version) {
    var byAddress = "by.address." + version;
    var byMessage = "by.message." + version;
    try (var client = PublishedClient.start(version, folder);
        var publisher =
            WebSocketClient.connect(server.address(), "/ws/publish/" + byAddress + "?type=n")) {
      var connected = client.ask(connect(server.address(), byAddress));
      assertThat(connected.path("ready").asBoolean()).as("server_ready was understood").isTrue();
      client.ask(PublishedClient.topics("subscribe", byMessage));
      server.topics().awaitSubscribers(byMessage, 1);

      for (int n = 0; n < EVENTS; n++) {
        publisher.send("{\"n\":" + n + "}");
      }
      client.awaitEvents("n", EVENTS);
      assertThat(client.events("n"))
          .extracting(event -> event.path("payload").path("n").asInt())
          .isEqualTo(IntStream.range(0, EVENTS).boxed().toList());
      assertThat(client.events("n"))
          .extracting(event -> event.path("id").asString(""))
          .doesNotHaveDuplicates()
          .doesNotContain("");
      assertThat(client.events("n"))
          .allSatisfy(event -> assertThat(event.path("category").asString()).isEqualTo("U"));

      server.topics().publish(byMessage, "m", "{\"n\":1}");
      client.awaitEvents("m", 1);
      client.ask(PublishedClient.topics("unsubscribe", byMessage));
      server.topics().awaitSubscribers(byMessage, 0);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {OLD, NEW})
  void anEventThatLooksLikeAPingOfTheProtocolArrives(String version) {
    var topic = "traps." + version;
    try (var client = PublishedClient.start(version, folder)) {
      client.ask(connect(server.address(), topic));
      server.topics().awaitSubscribers(topic, 1);
      server.topics().publish(topic, "trap", "{\"t\":\"PING\",\"p\":{\"t\": \"PONG\"}}");
      client.awaitEvents("trap", 1);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {OLD, NEW})
  void itKnowsItsLatencyAndStaysConnectedWhileNothingHappens(String version) {
    var before = pongs();
    try (var client = PublishedClient.start(version, folder)) {
      client.ask(connect(server.address(), "quiet." + version));
      Await.until(
          PATIENCE,
          () -> client.stats().path("frames").path("text").asInt() > 12,
          () -> "few beats: " + client.stats());
      var stats = client.stats().path("stats");
      assertThat(stats.path("network").path("latency_ms").asDouble(-1)).isBetween(0.0, 1_000.0);
      assertThat(stats.path("reconnect_count").asInt()).isZero();
      assertThat(client.states()).containsExactly("connecting", "connected");
      assertThat(pongs()).as("pings of both sides were answered").isGreaterThan(before + 4);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {OLD, NEW})
  void whatIsPublishedThroughEachDoorArrives(String version) {
    var topic = "doors." + version;
    try (var client = PublishedClient.start(version, folder);
        var publisher = PublishedClient.start(version, folder);
        var socket =
            WebSocketClient.connect(server.address(), "/ws/publish/" + topic + "?type=socket")) {
      client.ask(connect(server.address(), topic, "side"));
      server.topics().awaitSubscribers(topic, 1);
      publisher.ask(connect(server.address()));

      server.topics().publish(topic, "rest", "{\"door\":\"REST\"}");
      socket.send("{\"door\":\"socket\"}");
      var message = Json.mapper().createObjectNode().put("topic", topic).put("type", "client");
      message.putObject("payload").put("door", "client");
      publisher.send("publish", message);

      for (var type : List.of("rest", "socket", "client", "post")) {
        client.awaitEvents(type, 1);
      }
      assertThat(client.events("client").getFirst().path("payload").path("door").asString())
          .isEqualTo("client");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {OLD, NEW})
  void whoHasNoSoundTokenHearsWhyAndGivesUp(String version) {
    var config =
        Graphs.write(
            folder.resolve("guarded.yaml"),
            """
            server: { port: 0 }
            auth: { jwt: { secret: SECRET }, failures_per_address: { refill_rate: 0 } }
            """
                .replace("SECRET", WebTokens.SECRET));
    try (var guarded = MillraceProcess.start(folder, "run", config.toString());
        var allowed = PublishedClient.start(version, folder);
        var expired = PublishedClient.start(version, folder);
        var anonymous = PublishedClient.start(version, folder)) {
      var there = guarded.awaitReady();
      var token = WebTokens.of("alice", Duration.ofHours(1));
      assertThat(allowed.ask(connect(there).put("token", token)).path("ready").asBoolean())
          .isTrue();

      // These wait for a greeting for ten seconds, whatever they have been told.
      expired.begin(connect(there).put("token", WebTokens.of("bob", Duration.ofHours(-1))));
      anonymous.begin(connect(there));
      for (var refused : List.of(expired, anonymous)) {
        refused.awaitEvents("error", 1);
        assertThat(code(refused.events("error").getFirst())).startsWith("AUTH_");
        refused.awaitState("error", 1);
        assertThat(refused.states()).doesNotContain("reconnecting");
      }
      assertThat(allowed.states()).containsExactly("connecting", "connected");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {OLD, NEW})
  void afterARestartOnTheSamePortItComesBackByItself(String version) throws IOException {
    var there = "server.port=" + freePort();
    try (var client = PublishedClient.start(version, folder)) {
      URI restarted;
      try (var first = MillraceProcess.start(folder, "run", "--set", there)) {
        restarted = first.awaitReady();
        client.ask(connect(restarted, "news"));
        new Topics(restarted).awaitSubscribers("news", 1);
        new Topics(restarted).publish("news", "before", "{}");
        client.awaitEvents("before", 1);
        first.terminate();
        assertThat(first.awaitExit(PATIENCE)).as(first.err()).isZero();
      }
      client.awaitState("reconnecting", 1);
      try (var second = MillraceProcess.start(folder, "run", "--set", there)) {
        assertThat(second.awaitReady()).isEqualTo(restarted);
        client.awaitState("connected", 2);
        if (version.equals(OLD)) {
          // It names no topic when it comes back, and the process that knew them is gone.
          client.ask(PublishedClient.topics("unsubscribe", "news"));
          client.ask(PublishedClient.topics("subscribe", "news"));
        }
        new Topics(restarted).awaitSubscribers("news", 1);
        new Topics(restarted).publish("news", "after", "{}");
        client.awaitEvents("after", 1);
        assertThat(client.events("after")).hasSize(1);
      }
    }
  }

  private static ObjectNode connect(URI address, String... names) {
    return PublishedClient.connect(address, "", names);
  }

  private static double pongs() {
    return Exposition.of(server.address())
        .value("millrace_gateway_wse_received_messages_total{kind=\"ping\"}");
  }

  private static String code(JsonNode error) {
    return error.path("payload").path("code").asString("");
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
