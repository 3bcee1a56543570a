package dev.millrace.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.json.Json;
import dev.millrace.testkit.Await;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/// The TypeScript client of release 1.4 throws away frames that are older than a second, later than
/// five: what waited or was kept must go out with a fresh time.
@Timeout(180)
class BrowserLateFramesTest {
  private static final int MISSED = 5;
  private static final int LATE = 3_000; // frames of ten kilobytes; sockets hold a third of them
  private static final int REQUEST = 50;

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
              jam_messages: 1000000
              max_lag: 1GiB
              compression: { threshold: 10240 }
              topics:
                - { match: "kept", retention: { messages: 100 } }
            """);
  }

  private static ObjectNode connect(String... names) {
    return PublishedClient.topics("connect", names)
        .put("url", "ws://" + server.address().getAuthority() + "/wse");
  }

  /// The client goes by the clock of the wall.
  private static void pass(Duration time) {
    long until = System.nanoTime() + time.toNanos();
    Await.until("time has passed", () -> System.nanoTime() - until >= 0);
  }

  @Test
  void whatAClientMissedIsNotTooOldForItWhenItComesBack() {
    for (int n = 0; n < MISSED; n++) {
      server.topics().publish("kept", "missed_" + n, "{\"n\":" + n + "}");
    }
    pass(Duration.ofMillis(1_500));
    try (var client = PublishedClient.browser(folder)) {
      client.ask(connect());
      var history = Http.get(server.address(), "/api/v1/topics/kept/history?limit=1").json();
      client.send("subscription_update", from(history.path("epoch").asString()));
      for (int n = 0; n < MISSED; n++) {
        client.awaitEvents("missed_" + n, 1);
        assertThat(client.dropped("age", "missed_" + n)).isZero();
      }
    }
  }

  private static ObjectNode from(String epoch) {
    var payload = Json.mapper().createObjectNode().put("action", "subscribe").put("recover", true);
    payload.putArray("topics").add("kept");
    payload.putObject("recovery").putObject("kept").put("epoch", epoch).put("offset", 0);
    return payload;
  }

  @Test
  void whatWaitedForAClientThatDidNotReadIsNotTooOldForIt() {
    try (var client = PublishedClient.browser(folder)) {
      client.ask(connect("late"));
      server.topics().awaitSubscribers("late", 1);
      client.ask(PublishedClient.order("pause"));
      for (int from = 0; from < LATE; from += REQUEST) {
        server.topics().publish("late", events(from));
      }
      pass(Duration.ofSeconds(6));
      client.ask(PublishedClient.order("resume"));
      client.awaitEvents("late_" + (LATE - 1), 1);
      // What stood in the sockets when it stopped to read was out of reach.
      for (int n = LATE / 2; n < LATE; n++) {
        assertThat(client.dropped("age", "late_" + n)).as("frame %d", n).isZero();
      }
      assertThat(client.events("late_" + LATE / 2)).hasSize(1);
    }
  }

  private static String events(int from) {
    var text = "x".repeat(9_700);
    return IntStream.range(from, from + REQUEST)
        .mapToObj(n -> "{\"type\":\"late_" + n + "\",\"payload\":{\"text\":\"" + text + "\"}}")
        .collect(Collectors.joining(",", "[", "]"));
  }
}
