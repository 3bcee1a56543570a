package dev.millrace.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The recipe `relay` as it is shipped: what is published reaches whoever follows, what was missed
/// is kept, who is there is known, and prices are thinned out.
class RelayRecipeTest {
  private static final String SUBSCRIBE =
      "{\"t\":\"subscription\",\"p\":{\"action\":\"subscribe\",\"topics\":[\"%s\"]%s}}";

  @TempDir private static Path folder;
  private static MillraceProcess process;
  private static URI address;
  private static Topics topics;

  @BeforeAll
  static void start() {
    process = MillraceProcess.start(folder, "run", "recipes/relay", "--set", "server.port=0");
    address = process.awaitReady();
    topics = new Topics(address);
  }

  @AfterAll
  static void stop() {
    process.close();
  }

  @Test
  void anEventReachesAClientAsTheReadmeShowsIt() {
    try (var client = WebSocketClient.connect(address, "/wse?topics=board:1")) {
      topics.awaitSubscribers("board:1", 1);
      topics.publish("board:1", "moved", "{\"id\":7,\"x\":3}");
      client.await("the event", all -> !client.received("moved").isEmpty());
      var event = client.received("moved").getFirst();
      assertThat(event.category()).isEqualTo("U");
      assertThat(event.json().propertyNames())
          .containsExactly("t", "id", "ts", "p", "tp", "e", "o", "v");
      assertThat(event.payload()).hasToString("{\"id\":7,\"x\":3}");
    }
  }

  @Test
  void whoComesBackGetsWhatWasMissed() {
    topics.publish("chat:2", "said", "{\"n\":1}");
    topics.publish("chat:2", "said", "{\"n\":2}");
    var kept = Http.get(address, "/api/v1/topics/chat:2/history?limit=10").json().path("messages");
    assertThat(kept).hasSize(2);
    try (var client = WebSocketClient.connect(address, "/wse")) {
      var epoch = Http.get(address, "/api/v1/topics/chat:2").json().path("epoch").asLong();
      client.send(
          SUBSCRIBE.formatted(
              "chat:2",
              ",\"recover\":true,\"recovery\":{\"chat:2\":{\"epoch\":\"%08x\",\"offset\":1}}"
                  .formatted(epoch)));
      client.await("what was missed", all -> !client.received("said").isEmpty());
      assertThat(client.received("said").getFirst().payload()).hasToString("{\"n\":2}");
    }
  }

  @Test
  void whoSubscribesWithPresenceIsSeen() {
    try (var one = WebSocketClient.connect(address, "/wse");
        var other = WebSocketClient.connect(address, "/wse")) {
      one.send(SUBSCRIBE.formatted("room:3", ",\"presence\":{\"name\":\"ann\"}"));
      one.await("its ack", all -> !one.received("subscription_update").isEmpty());
      other.send(SUBSCRIBE.formatted("room:3", ",\"presence\":true"));
      one.await("the other", all -> !one.received("presence_join").isEmpty());
      var members = Http.get(address, "/api/v1/topics/room:3/presence").json().path("members");
      assertThat(members).hasSize(2);
    }
  }

  @Test
  void ofPricesTheLatestIsEnough() {
    try (var client = WebSocketClient.connect(address, "/wse?topics=ticker:4")) {
      topics.awaitSubscribers("ticker:4", 1);
      for (int i = 1; i <= 50; i++) {
        topics.publish("ticker:4", "price", "{\"n\":" + i + "}");
      }
      client.await(
          "the latest",
          all -> all.stream().anyMatch(one -> one.payload().toString().equals("{\"n\":50}")));
      assertThat(client.received("price")).hasSizeLessThan(50);
      var last = List.copyOf(client.received("price")).getLast();
      assertThat(last.payload()).hasToString("{\"n\":50}");
    }
  }
}
