package dev.millrace.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.testkit.Await;
import dev.millrace.testkit.redis.RedisServer;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the guide to several instances tells its reader to type does what it says. Ports are those
/// that are free, and Redis is the tests' own.
class ClusterGuideTest {
  private static final Duration PATIENCE = Duration.ofSeconds(40);
  private static final String LAUNCHER = "./millrace";
  private static final String FIRST = "http://127.0.0.1:8081";
  private static final String SECOND = "http://127.0.0.1:8082";
  private static final DocsPage GUIDE = DocsPage.of("docs/guides/scaling.md");

  @TempDir private Path folder;

  @Test
  void theCommandsOfTheGuideDoWhatItSays() throws Exception {
    var why = RedisServer.missing();
    assumeTrue(why == null, String.valueOf(why));
    var runs = GUIDE.commands(LAUNCHER).stream().filter(words -> words.contains("run")).toList();
    assertThat(runs).hasSize(2);
    try (var redis = RedisServer.start(folder)) {
      Files.writeString(
          folder.resolve("millrace.yaml"),
          GUIDE.yaml("millrace.yaml").replace("redis://127.0.0.1:6379", redis.url()));
      try (var one = run(runs.getFirst());
          var other = run(runs.getLast())) {
        var first = one.awaitReady();
        var second = other.awaitReady();
        follow(redis, first, second);
        look(first);
        one.terminate();
        assertThat(one.awaitExit(PATIENCE)).as(one.err()).isZero();
      }
    }
  }

  private void follow(RedisServer redis, URI first, URI second) {
    var subscribe = at(GUIDE.command(LAUNCHER, "subscribe"), first, second);
    try (var subscriber = MillraceProcess.start(folder, subscribe.toArray(String[]::new))) {
      new Topics(second).awaitSubscribers("orders", 1);
      var publish = at(GUIDE.command(LAUNCHER, "publish"), first, second);
      try (var publisher = MillraceProcess.start(folder, publish.toArray(String[]::new))) {
        assertThat(publisher.awaitExit(PATIENCE)).as(publisher.err()).isZero();
      }
      await(subscriber, "\"order\":42");
      var inRedis = GUIDE.commands("redis-cli").getFirst();
      assertThat(redis.command(inRedis.toArray(String[]::new))).isNotEqualTo(":0");
      await(subscriber, "shipped");
      assertThat(subscriber.out()).contains("\"order\":43");
    }
  }

  private void look(URI first) {
    var commands = GUIDE.commands("curl");
    assertThat(commands).hasSize(3);
    var health = path(commands.get(0).getLast());
    Await.until(
        PATIENCE,
        () -> Http.get(first, health).json().at("/data/components/cluster/instances").asInt() == 1,
        () -> "the other never gave a sign of life: " + Http.get(first, health).body());
    var letters = Http.get(first, path(commands.get(1).getLast()));
    assertThat(letters.body()).isEqualTo("{\"dead_letters\":[]}");
    var replay = commands.get(2);
    assertThat(replay).contains("Content-Type: application/json");
    var body = replay.get(replay.indexOf("-d") + 1);
    var answer = Http.postJson(first, path(replay.getLast()), body);
    assertThat(answer.status()).as(answer.body()).isEqualTo(404);
  }

  private static void await(MillraceProcess process, String text) {
    Await.until(
        PATIENCE,
        () -> process.out().contains(text),
        () -> text + " never came:\n" + process.out() + process.err());
  }

  private static String path(String address) {
    return address.substring(FIRST.length());
  }

  private static List<String> at(List<String> command, URI first, URI second) {
    return command.stream()
        .map(word -> word.equals(FIRST) ? first.toString() : word)
        .map(word -> word.equals(SECOND) ? second.toString() : word)
        .toList();
  }

  private MillraceProcess run(List<String> command) {
    var words = new ArrayList<>(command);
    words.replaceAll(word -> word.startsWith("server.port=") ? "server.port=0" : word);
    return MillraceProcess.start(folder, words.toArray(String[]::new));
  }
}
