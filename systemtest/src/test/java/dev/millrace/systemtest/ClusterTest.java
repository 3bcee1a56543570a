package dev.millrace.systemtest;

import static dev.millrace.systemtest.ClusterOfProcesses.PATIENCE;
import static dev.millrace.systemtest.ClusterOfProcesses.numbers;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.testkit.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// Real processes that share a real Redis, and what becomes of them when one or the other fails.
@Order(1) // among the longest
class ClusterTest extends TestsWithRedis {
  private static final int EVENTS = 1_000;

  @ParameterizedTest
  @ValueSource(strings = {"pubsub", "streams"})
  void aThousandEventsComeToEveryInstanceInOneOrder(String mode) {
    try (var cluster = ClusterOfProcesses.start(folder, redis, mode, 3);
        var first = cluster.get(1).follow("n");
        var second = cluster.get(2).follow("n");
        var third = cluster.get(3).follow("n")) {
      var publishers = new ArrayList<CompletableFuture<?>>();
      for (int p = 0; p < 2; p++) {
        var from = cluster.get(p + 1);
        int begin = p * EVENTS / 2;
        publishers.add(
            CompletableFuture.runAsync(
                () -> {
                  for (int n = begin; n < begin + EVENTS / 2; n += 5) {
                    from.publish("n", n, n + 5);
                  }
                }));
      }
      publishers.forEach(CompletableFuture::join);
      var order = numbers(first, EVENTS);
      assertThat(order).hasSize(EVENTS);
      assertThat(numbers(second, EVENTS)).isEqualTo(order);
      assertThat(numbers(third, EVENTS)).isEqualTo(order);
      for (int begin : List.of(0, EVENTS / 2)) {
        assertThat(order.stream().filter(n -> n / (EVENTS / 2) == begin / (EVENTS / 2)).toList())
            .isEqualTo(IntStream.range(begin, begin + EVENTS / 2).boxed().toList());
      }
      for (int i = 1; i <= 3; i++) {
        assertThat(cluster.get(i).count("lost_messages_total")).isZero();
        assertThat(cluster.get(i).count("local_messages_total")).isZero();
      }
    }
  }

  @Test
  void anInstanceThatIsKilledTakesNobodyAlong() {
    try (var cluster = ClusterOfProcesses.start(folder, redis, "streams", 3);
        var first = cluster.get(1).follow("n");
        var third = cluster.get(3).follow("n")) {
      for (int n = 0; n < 200; n += 10) {
        cluster.get(1).publish("n", n, n + 10);
        if (n == 100) {
          cluster.get(2).process().kill();
        }
      }
      var all = IntStream.range(0, 200).boxed().toList();
      assertThat(numbers(first, 200)).isEqualTo(all);
      assertThat(numbers(third, 200)).isEqualTo(all);
      cluster.get(1).awaitOthers(1); // it is given up for its silence
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"pubsub", "streams"})
  void whatOthersMissWhileRedisIsAwayIsCountedKeptAndReplayedOnce(String mode) {
    try (var cluster = ClusterOfProcesses.start(folder, redis, mode, 2);
        var near = cluster.get(1).follow("n");
        var far = cluster.get(2).follow("n")) {
      cluster.get(1).publish("n", 0, 10);
      numbers(far, 10);
      redis.kill();
      cluster.get(1).awaitHealth(503);
      cluster.get(2).awaitHealth(503);
      for (int n = 10; n < 40; n += 10) {
        cluster.get(1).publish("n", n, n + 10);
      }
      assertThat(numbers(near, 40)).hasSize(40);
      assertThat(far.received("number")).hasSize(10);
      long missing = 40 - 10;
      assertThat(cluster.get(1).count("dead_letters_total")).isEqualTo(missing);
      assertThat(cluster.get(1).count("local_messages_total")).isEqualTo(missing);

      redis.start();
      cluster.get(1).awaitHealth(200);
      cluster.get(2).awaitHealth(200);
      cluster.get(1).publish("n", 40, 50);
      assertThat(numbers(far, 20))
          .endsWith(IntStream.range(40, 50).boxed().toArray(Integer[]::new));
      Await.until(
          PATIENCE,
          () -> letters(cluster) == missing,
          () -> letters(cluster) + " dead letters, not " + missing);
      var replay =
          Http.postJson(
              cluster.get(2).address(), "/api/v1/cluster/dead-letters/replay", "{\"topic\":\"n\"}");
      assertThat(replay.body()).isEqualTo("{\"replayed\":30,\"failed\":0}");
      assertThat(numbers(far, 50))
          .containsExactlyInAnyOrderElementsOf(IntStream.range(0, 50).boxed().toList());
      assertThat(letters(cluster)).isZero();
      cluster.get(2).publish("n", 50, 51);
      assertThat(numbers(near, 51)).isEqualTo(IntStream.range(0, 51).boxed().toList());
      assertThat(cluster.get(1).count("lost_messages_total")).isZero();
    }
  }

  @Test
  void aRedisThatHangsHoldsNobodyUpAndLosesNothing() {
    try (var cluster =
            ClusterOfProcesses.start(
                folder,
                redis,
                "pubsub",
                2,
                "cluster.redis.command_timeout=300ms",
                "cluster.broker.breaker_pause=1s");
        var near = cluster.get(1).follow("n");
        var far = cluster.get(2).follow("n")) {
      cluster.get(1).publish("n", 0, 1);
      numbers(far, 1);
      redis.pause();
      long begun = System.nanoTime();
      cluster.get(1).publish("n", 1, 31);
      numbers(near, 31);
      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(10));
      redis.resume();
      cluster.get(1).awaitHealth(200);
      var replay =
          Http.postJson(
              cluster.get(1).address(), "/api/v1/cluster/dead-letters/replay", "{\"topic\":\"n\"}");
      // What Redis had taken before it answered nobody comes late, and not twice.
      assertThat(replay.status()).as(replay.body()).isIn(200, 404);
      assertThat(numbers(far, 31)).hasSize(31);
      assertThat(near.received("number")).hasSize(31);
    }
  }

  @Test
  void afterTenRefusalsRedisIsLeftAloneForAWhile() {
    try (var cluster =
            ClusterOfProcesses.start(
                folder, redis, "pubsub", 2, "cluster.broker.breaker_pause=3s");
        var near = cluster.get(1).follow("n");
        var far = cluster.get(2).follow("n")) {
      redis.command("ACL", "SETUSER", "default", "-publish");
      cluster.get(1).publish("n", 0, 10);
      numbers(near, 10);
      Await.until(
          PATIENCE,
          () -> Http.get(cluster.get(1).address(), "/health").body().contains("breaker is open"),
          () -> Http.get(cluster.get(1).address(), "/health").body());
      long failures = cluster.get(1).count("publish_failures_total");
      assertThat(failures).isEqualTo(10);
      cluster.get(1).publish("n", 10, 20);
      numbers(near, 20);
      assertThat(cluster.get(1).count("publish_failures_total")).isEqualTo(failures);
      redis.command("ACL", "SETUSER", "default", "+publish");
      cluster.get(1).awaitHealth(200);
      cluster.get(1).publish("n", 20, 21);
      assertThat(numbers(far, 1)).containsExactly(20);
      assertThat(cluster.get(1).count("dead_letters_total")).isEqualTo(20);
    }
  }

  @Test
  void anInstanceHearsOnlyWhatSomebodyThereFollows() {
    try (var cluster =
            ClusterOfProcesses.start(folder, redis, "pubsub", 2, "hub.mappings.OrderPaid=paid");
        var near = cluster.get(1).follow("orders")) {
      assertThat(redis.command("PUBLISH", "wse:nobody", "{}")).isEqualTo(":0");
      assertThat(redis.command("PUBLISH", "wse:orders", "{\"event_type\":\"OrderPaid\",\"id\":7}"))
          .isEqualTo(":1");
      near.await("the event", received -> !near.received("paid").isEmpty());
      assertThat(near.received("paid").getFirst().payload().path("id").asInt()).isEqualTo(7);
      assertThat(cluster.get(2).count("received_messages_total")).isZero();
    }
  }

  @Test
  void operatorsSeeTheOtherInstancesAndWhatWaitsForRedis() {
    try (var cluster = ClusterOfProcesses.start(folder, redis, "pubsub", 2);
        var console = WebSocketClient.connect(cluster.get(1).address(), "/ws/noc")) {
      var other =
          Http.get(cluster.get(2).address(), "/health")
              .json()
              .at("/data/components/cluster/instance")
              .asString();
      var peer = tick(console, "/peers/0/rtt_ms").at("/peers/0");
      assertThat(peer.path("node").asString()).isEqualTo(other);
      assertThat(peer.path("state").asString()).isEqualTo("up");
      assertThat(peer.path("rtt_ms").asDouble()).isBetween(0.0, 5_000.0);
      assertThat(peer.path("last_seen_ms").asLong()).isBetween(0L, 3_000L);
      assertThat(peer.path("lag").asLong()).isZero();
      redis.kill();
      cluster.get(1).awaitHealth(503);
      cluster.get(1).publish("n", 0, 3);
      var tick = tick(console, "/dlq/by_channel/n");
      assertThat(tick.at("/dlq/by_channel/n").asInt()).isEqualTo(3);
      assertThat(tick.at("/breaker/state").asString()).isEqualTo("open");
      assertThat(tick(console, "/breaker/next_retry_ms").at("/breaker/next_retry_ms").asLong())
          .isBetween(0L, 61_000L);
    }
  }

  /// The payload of the first tick that has a value there.
  private static JsonNode tick(WebSocketClient console, String where) {
    return console
        .first("FeedTick", tick -> tick.at("/payload" + where).isNumber())
        .path("payload");
  }

  private static long letters(ClusterOfProcesses cluster) {
    var path = "/api/v1/cluster/dead-letters?topic=n&limit=1000";
    return Http.get(cluster.get(2).address(), path).json().path("dead_letters").size();
  }
}
