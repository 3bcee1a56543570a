package dev.millrace.gateway.wse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.json.Json;
import dev.millrace.core.problem.ProblemException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// What the dialect shows over HTTP, and its echo.
class WseHttpTest {
  private static HttpResponse<String> get(TestGateway gateway, String path) throws Exception {
    try (var http = HttpClient.newHttpClient()) {
      var uri = URI.create("http://127.0.0.1:" + gateway.port() + path);
      return http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    }
  }

  private static JsonNode body(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return Json.tree(answer.body().getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void healthIsAlwaysAnsweredAndTheRestIsNotThere() throws Exception {
    try (var gateway = new TestGateway(1)) {
      gateway.connect("/wse?topics=a").next("subscription_update");
      var health = body(get(gateway, "/wse/health"));
      assertThat(health.path("status").asString()).isEqualTo("healthy");
      assertThat(health.path("websocket_service").asString()).isEqualTo("active");
      var bus = health.path("pubsub_bus");
      for (var field :
          "running subscriptions channels messages_published messages_received handler_errors redis_pool"
              .split(" ", -1)) {
        assertThat(bus.has(field)).as(field).isTrue();
      }
      assertThat(get(gateway, "/wse/debug").statusCode()).isEqualTo(404);
      assertThat(get(gateway, "/wse/compression-test").statusCode()).isEqualTo(404);
      gateway.dialect.close();
      assertThat(body(get(gateway, "/wse/health")).path("status").asString())
          .isEqualTo("unhealthy");
    }
  }

  @Test
  void withDebuggingThereIsMoreToSee() throws Exception {
    try (var gateway = new TestGateway(1, "debug=true")) {
      var debug = body(get(gateway, "/wse/debug"));
      for (var field :
          "status pubsub_bus protocol_version default_topics allowed_origins heartbeat_interval idle_timeout max_message_size timestamp"
              .split(" ", -1)) {
        assertThat(debug.has(field)).as(field).isTrue();
      }
      var trial = body(get(gateway, "/wse/compression-test"));
      assertThat(trial.path("test_results").size()).isEqualTo(4);
      for (var result : trial.path("test_results")) {
        assertThat(result.path("decompression_success").asBoolean()).isTrue();
        assertThat(result.path("beneficial").asBoolean())
            .isEqualTo(
                result.path("compressed_size").asInt() < result.path("original_size").asInt());
      }
    }
  }

  @Test
  void theEchoRepeatsTextAndBytesUpToSixteenMebibytes() throws Exception {
    try (var gateway = new TestGateway(1, "debug=true")) {
      var client = gateway.connect("/wse/echo");
      assertThat(client.send("grüße").next()).isEqualTo("text grüße");
      client.sendBinary(new byte[] {65, 0, 66});
      assertThat(client.next()).isEqualTo("binary A\0B");
      var large = new byte[16 << 20];
      new Random(3).ints(0, 127).limit(1_000).forEach(i -> large[i * 1_000] = (byte) i);
      client.sendBinary(large);
      assertThat(client.next().length()).isEqualTo("binary ".length() + large.length);
      for (int i = 0; i < 500; i++) {
        client.send("n" + i);
      }
      for (int i = 0; i < 500; i++) {
        assertThat(client.next()).isEqualTo("text n" + i);
      }
      client.sendBinary(new byte[(16 << 20) + 1]);
      assertThat(client.closed()).startsWith("1009 ");
    }
  }

  @Test
  void withoutDebuggingNothingEchoes() throws ProblemException {
    try (var gateway = new TestGateway(1)) {
      org.assertj.core.api.Assertions.assertThatThrownBy(() -> gateway.connect("/wse/echo"))
          .rootCause()
          .hasMessageContaining("404");
    }
  }

  @Test
  void dashboardsFindTheNamesTheyKnow() throws Exception {
    try (var gateway = new TestGateway(1)) {
      WseAliases.show(gateway.metrics);
      gateway.connect("/wse").next("server_ready");
      var shown = new String(gateway.metrics.exposition(), StandardCharsets.UTF_8);
      for (var name : WseAliases.names().values()) {
        assertThat(shown).contains(name);
      }
      assertThat(shown).contains("ws_connections_active 1.0", "ws_connections_total 1.0");
      WseAliases.hide(gateway.metrics);
      assertThat(new String(gateway.metrics.exposition(), StandardCharsets.UTF_8))
          .doesNotContain("ws_connections_active");
    }
  }
}
