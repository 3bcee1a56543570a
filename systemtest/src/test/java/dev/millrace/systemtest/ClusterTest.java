package dev.millrace.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.testkit.Await;
import dev.millrace.testkit.redis.RedisServer;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Two processes that share a Redis.
class ClusterTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int MESSAGES = 200;

  @TempDir private Path folder;

  @BeforeEach
  void thereIsARedis() {
    var why = RedisServer.missing();
    assumeTrue(why == null, String.valueOf(why));
  }

  @Test
  void whatIsPublishedOnOneIsReceivedOnBothAndAnOutageIsSaid() {
    try (var redis = RedisServer.start(folder);
        var one = start("one", redis);
        var other = start("other", redis)) {
      var here = one.awaitReady();
      var there = other.awaitReady();
      awaitHealth(here, 200);
      awaitHealth(there, 200);
      try (var near = WebSocketClient.connect(here, "/wse?topics=n&compression=false");
          var far = WebSocketClient.connect(there, "/wse?topics=n&compression=false")) {
        near.await("the subscription", received -> received.size() >= 2);
        far.await("the subscription", received -> received.size() >= 2);
        for (int n = 0; n < MESSAGES; n++) {
          publish(here, n);
        }
        near.await("the last", received -> near.received("number").size() == MESSAGES);
        far.await("the last", received -> far.received("number").size() == MESSAGES);
        assertThat(far.received("number").stream().map(ClusterTest::number).toList())
            .isEqualTo(IntStream.range(0, MESSAGES).boxed().toList());
        redis.kill();
        awaitHealth(here, 503);
        publish(here, MESSAGES);
        near.await("the one more", received -> near.received("number").size() == MESSAGES + 1);
        assertThat(Http.get(here, "/api/v1/cluster/dead-letters?topic=n").body())
            .contains("\"n\":" + MESSAGES);
      }
    }
  }

  private MillraceProcess start(String name, RedisServer redis) {
    return MillraceProcess.start(
        folder,
        "run",
        "--set",
        "server.port=0",
        "--set",
        "server.data_dir=" + name,
        "--set",
        "cluster.redis.url=" + redis.url(),
        "--set",
        "cluster.broker.mode=pubsub");
  }

  private static void publish(URI address, int n) {
    var answer =
        Http.post(
            address, "/api/v1/topics/n", "{\"type\":\"number\",\"payload\":{\"n\":" + n + "}}");
    assertThat(answer.status()).isEqualTo(202);
  }

  private static int number(WebSocketClient.Message message) {
    return message.payload().path("n").asInt();
  }

  private static void awaitHealth(URI address, int status) {
    Await.until(
        PATIENCE,
        () -> Http.get(address, "/health").status() == status,
        () -> Http.get(address, "/health").body());
  }
}
