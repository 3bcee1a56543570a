package dev.millrace.gateway.wse;

import static dev.millrace.gateway.auth.TestTokens.SECRET;
import static dev.millrace.gateway.auth.TestTokens.good;
import static dev.millrace.gateway.auth.TestTokens.policy;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.hub.Message;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What published clients stumble over, and must not meet here.
class WseClientTrapsTest {
  private static final int LARGEST = 1 << 20;
  private static final List<String> REQUESTS =
      List.of(
          "client_hello",
          "health_check",
          "metrics_request",
          "config_request",
          "config_update",
          "debug_request",
          "connection_state_request",
          "sequence_stats_request",
          "system_status_request",
          "encryption_request",
          "sync_request",
          "ping");

  private static void publish(TestGateway gateway, String topic, String json) {
    gateway.hub.publish(
        topic, List.of(Message.of("news", json.getBytes(StandardCharsets.UTF_8), true, 0)));
  }

  /// Everything one client gets: answers, heartbeats and events.
  private static List<String> session(TestGateway gateway) throws InterruptedException {
    var frames = new ArrayList<String>();
    var client = gateway.connect("/wse?topics=a,b&compression=false", good("ann", null));
    for (var type : REQUESTS) {
      client.send("{\"t\":\"" + type + "\",\"id\":\"r-" + type + "\"}");
    }
    client.send(
        "{\"t\":\"subscription\",\"p\":{\"action\":\"subscribe\",\"topics\":[\"a\",\"\"]}}");
    client.send("{\"t\":\"subscription\"}");
    collectUntil(client, frames, "INVALID_SUBSCRIPTION");
    gateway.clock.advance(Duration.ofSeconds(15));
    publish(gateway, "a", "{\"inner\":{\"t\":\"PING\"}}");
    publish(gateway, "b", "{\"last\":true}");
    collectUntil(client, frames, "\"last\":true");
    return frames;
  }

  private static void collectUntil(TestClient client, List<String> frames, String last)
      throws InterruptedException {
    do {
      frames.add(client.next());
    } while (!frames.getLast().contains(last));
  }

  @Test
  void framesAreSuchThatNoClientLosesOrRepeatsOne() throws Exception {
    try (var gateway = new TestGateway(1)) {
      gateway.access.apply(policy("auth.jwt.secret=" + SECRET));
      var ids = new HashSet<String>();
      for (int connection = 0; connection < 2; connection++) {
        var frames = session(gateway);
        assertThat(frames.size()).isGreaterThan(REQUESTS.size() + 4);
        for (var frame : frames) {
          var envelope = TestClient.envelope(frame);
          // A client that expects numbers from 0 delivers frames without a number at once.
          assertThat(envelope.has("seq")).as(frame).isFalse();
          // Clients drop an id they have seen.
          if (envelope.has("id") && !envelope.path("t").asString().equals("news")) {
            assertThat(ids.add(envelope.path("id").asString())).as(frame).isTrue();
          }
          // A text frame with this in it is taken for a ping and goes no further.
          if (frame.startsWith("text") && !envelope.path("t").asString().equals("PING")) {
            assertThat(frame).doesNotContain("\"t\":\"PING\"", "\"t\": \"PING\"");
          }
          assertThat(frame.length()).isLessThan(LARGEST);
          boolean event = envelope.path("t").asString().equals("news");
          assertThat(frame.startsWith("binary")).as(frame).isEqualTo(event);
        }
        assertThat(frames).anyMatch(frame -> frame.startsWith("text WSE{\"t\":\"PING\","));
        assertThat(frames.getFirst()).startsWith("text WSE{\"t\":\"server_ready\"");
      }
    }
  }

  @Test
  void whoIsTurnedAwayAlwaysGetsACloseCode() throws Exception {
    try (var gateway = new TestGateway(1, "max_connections=1")) {
      gateway.access.apply(policy("auth.jwt.secret=" + SECRET));
      assertThat(gateway.connect("/wse", "nonsense").closed()).startsWith("4401 ");
      var first = gateway.connect("/wse", good("ann", null));
      first.next("server_ready");
      assertThat(gateway.connect("/wse", good("bob", null)).closed()).startsWith("4503 ");
      gateway.dialect.close();
      assertThat(first.closed()).startsWith("1012 ");
    }
  }

  @Test
  void anAcknowledgementOfTooManyNamesStaysSmall() throws Exception {
    try (var gateway = new TestGateway(1)) {
      var client = gateway.connect("/wse");
      var topics = new StringBuilder();
      for (int i = 0; i < 3_000; i++) {
        topics.append(i == 0 ? "" : ",").append('"').append("t".repeat(200)).append(i).append('"');
      }
      client.send(
          "{\"t\":\"subscription\",\"p\":{\"action\":\"subscribe\",\"topics\":[" + topics + "]}}");
      var ack = client.next("subscription_update");
      assertThat(ack.toString().length()).isLessThan(LARGEST);
      assertThat(ack.path("p").path("subscription_limits").path("current_topics").asInt())
          .isEqualTo(1_000);
      assertThat(
              client.send("{\"t\":\"debug_request\"}").next("debug_response").toString().length())
          .isLessThan(LARGEST);
    }
  }
}
