package dev.millrace.systemtest;

import static dev.millrace.systemtest.ClusterOfProcesses.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.testkit.Await;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// Clients of several instances, whose own instance dies.
@Order(1) // among the longest
class ClusterClientsTest extends TestsWithRedis {
  private static final String NEW = "2.4.1";
  private static final String OLD = "1.4.3";

  /// How many connections are noted in Redis with a topic.
  private static final String NOTED =
      """
      local noted = 0
      for _, key in ipairs(redis.call('KEYS', 'millrace:left:*')) do
        for _, what in ipairs(redis.call('HVALS', key)) do
          if string.find(what, ARGV[1], 1, true) then
            noted = noted + 1
          end
        end
      end
      return noted
      """;

  @ParameterizedTest
  @ValueSource(strings = {"pubsub", "streams"})
  void thePublishedClientGoesOnAtAnotherInstance(String mode) {
    try (var cluster = ClusterOfProcesses.start(folder, redis, mode, 2);
        var relay = new Relay(cluster.get(1).address());
        var client = PublishedClient.start(NEW, folder)) {
      var survivor = new Topics(cluster.get(2).address());
      connect(client, relay.address());
      new Topics(cluster.get(1).address()).awaitSubscribers("n", 1);
      publish(survivor, 0, 20);
      client.awaitEvents("number", 20);
      relay.leadTo(cluster.get(2).address());
      cluster.get(1).process().kill();
      client.awaitState("connected", 2);
      survivor.awaitSubscribers("n", 1);
      publish(survivor, 20, 40);
      client.awaitEvents("number", 40);
      assertThat(numbers(client)).isEqualTo(IntStream.range(0, 40).boxed().toList());
    }
  }

  @Test
  void thePublishedClientIsSentWhatItMissedByAnotherInstance() {
    try (var cluster =
            ClusterOfProcesses.start(folder, redis, "streams", 2, "hub.recovery.enabled=true");
        var relay = new Relay(cluster.get(1).address());
        var client = PublishedClient.start(NEW, folder)) {
      var survivor = new Topics(cluster.get(2).address());
      connect(client, relay.address());
      new Topics(cluster.get(1).address()).awaitSubscribers("n", 1);
      publish(survivor, 0, 20);
      client.awaitEvents("number", 20);
      relay.leadTo(URI.create("http://127.0.0.1:1"));
      cluster.get(1).process().kill();
      publish(survivor, 20, 40);
      relay.leadTo(cluster.get(2).address());
      client.awaitState("connected", 2);
      client.awaitEvents("number", 40);
      publish(survivor, 40, 60);
      client.awaitEvents("number", 60);
      assertThat(numbers(client)).isEqualTo(IntStream.range(0, 60).boxed().toList());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"pubsub", "streams"})
  void theCategoryThatAPublisherChoseReachesTheClientsOfEveryInstance(String mode) {
    try (var cluster = ClusterOfProcesses.start(folder, redis, mode, 2);
        var near = cluster.get(1).follow("chosen");
        var far = cluster.get(2).follow("chosen")) {
      new Topics(cluster.get(1).address())
          .publish("chosen", "{\"type\":\"x\",\"payload\":{},\"category\":\"S\"}");
      for (var client : List.of(near, far)) {
        client.await("the event", received -> !client.received("x").isEmpty());
        assertThat(client.received("x").getFirst().category()).isEqualTo("S");
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"pubsub,killed", "streams,killed", "pubsub,stopped"})
  void theOldPublishedClientHearsAgainAtAnotherInstanceThoughItNamesNoTopics(
      String mode, String how) {
    try (var cluster =
            ClusterOfProcesses.start(
                folder,
                redis,
                mode,
                2,
                "auth.jwt.secret=" + WebTokens.SECRET,
                "auth.anonymous=[wse, publish, api]");
        var relay = new Relay(cluster.get(1).address());
        var client = PublishedClient.start(OLD, folder)) {
      var survivor = new Topics(cluster.get(2).address());
      client.ask(
          PublishedClient.topics("connect", "n")
              .put("url", "ws://" + relay.address().getAuthority() + "/wse")
              .put("token", WebTokens.of("ann", Duration.ofHours(1)))
              .put("delay", 0.2));
      client.ask(PublishedClient.topics("subscribe", "m*"));
      new Topics(cluster.get(1).address()).awaitSubscribers("n", 1);
      publish(survivor, 0, 20);
      client.awaitEvents("number", 20);
      Await.until(
          PATIENCE,
          () -> redis.command("EVAL", NOTED, "0", "\"m*\"").equals(":1"),
          () -> "it was never noted: " + redis.command("KEYS", "*"));
      relay.leadTo(cluster.get(2).address());
      if (how.equals("killed")) {
        cluster.get(1).process().kill();
      } else {
        cluster.get(1).process().terminate();
      }
      client.awaitState("connected", 2);
      survivor.awaitSubscribers("n", 1);
      publish(survivor, 20, 40);
      client.awaitEvents("number", 40);
      survivor.publish("m7", "other", "{}");
      client.awaitEvents("other", 1);
      assertThat(numbers(client)).isEqualTo(IntStream.range(0, 40).boxed().toList());
    }
  }

  @Test
  void everyInstanceKnowsWhoIsThereAndForgetsThoseOfOneThatDied() {
    try (var cluster =
            ClusterOfProcesses.start(folder, redis, "pubsub", 2, "hub.presence.enabled=true");
        var near = cluster.get(1).follow("other");
        var far = cluster.get(2).follow("other")) {
      var attend =
          "{\"t\":\"subscription\",\"p\":{\"action\":\"subscribe\",\"topics\":[\"room\"],"
              + "\"presence\":{\"status\":\"here\"}}}";
      near.send(attend);
      far.send(attend);
      awaitMembers(cluster.get(1).address(), 2);
      awaitMembers(cluster.get(2).address(), 2);
      cluster.get(2).process().kill();
      awaitMembers(cluster.get(1).address(), 1);
    }
  }

  private static void awaitMembers(URI address, int members) {
    Await.until(
        PATIENCE,
        () -> members(address).path("members").size() == members,
        () -> members(address).toString());
  }

  private static JsonNode members(URI address) {
    return Http.get(address, "/api/v1/topics/room/presence").json();
  }

  private static void connect(PublishedClient client, URI address) {
    client.ask(
        PublishedClient.topics("connect", "n")
            .put("url", "ws://" + address.getAuthority() + "/wse")
            .put("delay", 0.2));
  }

  private static void publish(Topics topics, int from, int to) {
    for (int n = from; n < to; n++) {
      topics.publish("n", "number", "{\"n\":" + n + "}");
    }
  }

  private static List<Integer> numbers(PublishedClient client) {
    return client.events("number").stream()
        .map(event -> event.path("payload").path("n").asInt())
        .toList();
  }
}
