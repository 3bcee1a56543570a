package dev.millrace.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.testkit.Await;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The rules by which the TypeScript client of release 1.4 keeps a frame or throws it away, against
/// the real process: it drops what is old, what comes twice, and what comes too often unless it is
/// compressed, MessagePack or a snapshot.
@Timeout(180)
class BrowserRulesTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int EVENTS = 1_000;
  private static final String STATE = "{\"open\":3}";
  private static final String PINGS = "millrace_gateway_wse_received_messages_total{kind=\"ping\"}";

  private static Questioned snapshots;
  @AutoClose private static SharedServer server;

  @TempDir private static Path shared;

  @TempDir private Path folder;

  @BeforeAll
  static void startServer() {
    snapshots = new Questioned(BrowserRulesTest::states);
    server =
        SharedServer.start(
            shared,
            """
            server: { port: 0 }
            auth:
              jwt: { secret: SECRET }
              anonymous: [publish, api]
            hub:
              heartbeat_interval: 1s
              webhooks: { snapshot: { url: "URL" } }
            """
                .replace("SECRET", WebTokens.SECRET)
                .replace("URL", snapshots.url()));
  }

  @AfterAll
  static void stopAnswering() {
    snapshots.close();
  }

  private static String states(JsonNode question) {
    return question
        .path("topics")
        .valueStream()
        .map(topic -> "{\"topic\":" + topic + ",\"payload\":" + STATE + "}")
        .collect(Collectors.joining(",", "{\"snapshots\":[", "]}"));
  }

  private static ObjectNode connect(String user, String... names) {
    return PublishedClient.topics("connect", names)
        .put("url", "ws://" + server.address().getAuthority() + "/wse")
        .put("token", WebTokens.of(user, Duration.ofHours(1)))
        .put("delay", 0.2);
  }

  private static void publishMany(String topic, String type, String padding) {
    for (int from = 0; from < EVENTS; from += 100) {
      server
          .topics()
          .publish(
              topic,
              IntStream.range(from, from + 100)
                  .mapToObj(
                      n ->
                          "{\"type\":\"%s\",\"payload\":{\"n\":%d,\"text\":\"%s\"}}"
                              .formatted(type, n, padding))
                  .collect(Collectors.joining(",", "[", "]")));
    }
  }

  private static void assertAllInOrder(List<JsonNode> events) {
    assertThat(events)
        .extracting(event -> event.path("payload").path("n").asInt())
        .isEqualTo(IntStream.range(0, EVENTS).boxed().toList());
    assertThat(events).extracting(event -> event.path("id").asString("")).doesNotHaveDuplicates();
  }

  @Test
  void aThousandFramesThatItTakesForSnapshotsArriveOnceAndInOrder() {
    try (var client = PublishedClient.browser(folder)) {
      assertThat(client.ask(connect("ann", "prices")).path("ready").asBoolean()).isTrue();
      server.topics().awaitSubscribers("prices", 1);
      publishMany("prices", "prices_snapshot", "");
      // One that came because the client asked for how things stand, and these.
      client.awaitEvents("prices_snapshot", EVENTS + 1);
      var events =
          client.events("prices_snapshot").stream()
              .filter(event -> event.path("payload").has("n"))
              .toList();
      assertAllInOrder(events);
      assertThat(events)
          .allSatisfy(event -> assertThat(event.path("category").asString()).isEqualTo("S"));
      assertThat(client.dropped("duplicate", "prices_snapshot")).isZero();
      assertThat(client.dropped("age", "prices_snapshot")).isZero();
    }
  }

  @Test
  void whatComesTooOftenIsItsOwnToDropAndNothingIsDroppedForItsAgeOrItsId() {
    try (var client = PublishedClient.browser(folder)) {
      client.ask(connect("ben", "ticks"));
      server.topics().awaitSubscribers("ticks", 1);
      publishMany("ticks", "tick", "");
      Await.until(
          PATIENCE,
          () -> client.events("tick").size() + client.dropped("throttle", "tick") == EVENTS,
          () -> client.events("tick").size() + " came");
      var first = client.events("tick").getFirst();
      assertThat(first.path("payload").path("n").asInt()).isZero();
      assertThat(first.path("category").asString()).isEqualTo("U");
      assertThat(client.dropped("age", "tick") + client.dropped("duplicate", "tick")).isZero();
    }
  }

  @Test
  void aThousandCompressedFramesOfOneTypeArriveOnceAndInOrder() {
    try (var client = PublishedClient.browser(folder)) {
      client.ask(connect("cid", "large"));
      Assumptions.assumeTrue(
          client.stats().path("features").path("compression").asBoolean(),
          "this server does not compress frames");
      server.topics().awaitSubscribers("large", 1);
      publishMany("large", "large", "x".repeat(1_200));
      client.awaitEvents("large", EVENTS);
      assertAllInOrder(client.events("large"));
      assertThat(client.stats().path("frames").path("C:").asInt()).isGreaterThanOrEqualTo(EVENTS);
    }
  }

  @Test
  void aThousandFramesOfMessagePackArriveOnceAndInOrder() {
    try (var client = PublishedClient.browser(folder)) {
      client.ask(connect("dan", "packed").put("format", "msgpack"));
      Assumptions.assumeTrue(
          client.stats().path("features").path("msgpack").asBoolean(),
          "this server does not speak MessagePack");
      server.topics().awaitSubscribers("packed", 1);
      publishMany("packed", "packed", "ü");
      client.awaitEvents("packed", EVENTS);
      assertAllInOrder(client.events("packed"));
      assertThat(client.stats().path("frames").path("M:").asInt()).isGreaterThanOrEqualTo(EVENTS);
    }
  }

  @Test
  void afterABrokenConnectionItComesBackToItsTopicsAndGetsTheirStates() {
    try (var client = PublishedClient.browser(folder)) {
      client.ask(connect("eve", "orders", "users"));
      client.awaitEvents("snapshot_complete", 1);
      assertThat(client.events("orders_snapshot").getFirst().path("payload").path("data"))
          .hasToString(STATE);
      assertThat(client.events("users_snapshot")).hasSize(1);
      server.topics().publish("orders", "order", "{\"n\":1}");
      client.awaitEvents("order", 1);

      client.ask(PublishedClient.order("cut"));
      client.awaitState("reconnecting", 1);
      client.awaitState("connected", 2);
      server.topics().awaitSubscribers("orders", 1);
      client.awaitEvents("snapshot_complete", 2);
      assertThat(client.events("orders_snapshot")).hasSize(2);
      server.topics().publish("orders", "shipped", "{\"n\":2}");
      client.awaitEvents("shipped", 1);
      assertThat(client.events("order")).as("nothing comes twice").hasSize(1);
      assertThat(snapshots.questions)
          .anySatisfy(
              question -> {
                assertThat(question.path("user").asString()).isEqualTo("eve");
                assertThat(question.path("topics").toString()).isEqualTo("[\"orders\",\"users\"]");
              });
    }
  }

  @Test
  void pingsOfBothSidesAreAnsweredAndTheGreetingIsUnderstood() {
    try (var client = PublishedClient.browser(folder)) {
      client.ask(connect("fay", "quiet"));
      var before = Exposition.of(server.address()).value(PINGS);
      Await.until(
          PATIENCE,
          () -> Exposition.of(server.address()).value(PINGS) > before + 1,
          () -> "no answers to pings: " + client.stats());
      for (var type : List.of("server_ready", "server_hello", "subscription_update")) {
        assertThat(client.events(type).getFirst().path("category").asString()).isEqualTo("WSE");
      }
      assertThat(client.states()).containsExactly("connecting", "connected");
    }
  }

  @Test
  void whoIsNotLetInHearsWhyAndGivesUp() {
    try (var client = PublishedClient.browser(folder)) {
      var expired = WebTokens.of("gus", Duration.ofHours(-1));
      var answer = client.ask(connect("gus").put("token", expired));
      assertThat(answer.path("ready").asBoolean(true)).isFalse();
      assertThat(client.states()).containsExactly("connecting", "error");
      assertThat(client.events("error").getFirst().path("payload").path("code").asString())
          .startsWith("AUTH_");
    }
  }
}
