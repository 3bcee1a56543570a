package dev.millrace.gateway.wse;

import static dev.millrace.gateway.auth.TestTokens.SECRET;
import static dev.millrace.gateway.auth.TestTokens.good;
import static dev.millrace.gateway.auth.TestTokens.policy;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.problem.ProblemException;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// What clients ask for, and the fields of the answers.
class WseRequestsTest {
  private TestGateway gateway;
  private volatile String failure = "the figures are gone";

  @BeforeEach
  void start() throws ProblemException {
    var extensions = WseExtensions.NONE;
    gateway =
        new TestGateway(
            extensions.withStatus(
                () -> {
                  if (failure.isEmpty()) {
                    return new SystemStatus(12.5, 40, 60, Map.of("hub", true));
                  }
                  throw new IllegalStateException(failure);
                }),
            1);
  }

  @AfterEach
  void stop() {
    gateway.close();
  }

  private static String request(String type, String payload) {
    return "{\"t\":\"" + type + "\",\"cid\":\"c-7\",\"p\":" + payload + "}";
  }

  static Stream<Arguments> answers() {
    return Stream.of(
        Arguments.of(
            "connection_state_request",
            "connection_state_response",
            "state connection_id connected_since metrics"),
        Arguments.of(
            "health_check",
            "health_check_response",
            "timestamp server_time connection_id status diagnostics circuit_breaker queue_stats"
                + " sequence_stats subscriptions client_info"),
        Arguments.of("health_check_request", "health_check_response", "status"),
        Arguments.of(
            "metrics_request",
            "metrics_response",
            "timestamp connection_id connection_stats subscriptions event_bus_stats queue_stats"
                + " circuit_breaker diagnostics sequence_stats compression_stats security uptime"),
        Arguments.of(
            "config_request",
            "config_response",
            "compression_enabled compression_threshold encryption_enabled batch_size batch_timeout"
                + " max_queue_size protocol_version heartbeat_interval idle_timeout rate_limits"),
        Arguments.of(
            "debug_request",
            "debug_response",
            "connection_id user_id registered_handlers subscriptions connection_state metrics"
                + " compression encryption sequence protocol_version client_version"
                + " client_features queue_stats"),
        Arguments.of("debug_handlers", "debug_response", "registered_handlers"),
        Arguments.of(
            "sequence_stats_request",
            "sequence_stats_response",
            "total_topics total_buffered topics"),
        Arguments.of(
            "sync_request", "snapshot_complete", "message success snapshots_sent details count"),
        Arguments.of("request_snapshot", "snapshot_complete", "topics"),
        Arguments.of("snapshot_request", "snapshot_complete", "topics"),
        Arguments.of(
            "encryption_request",
            "encryption_response",
            "encryption_enabled encryption_algorithm encryption_provider token_provider"
                + " message_signing_enabled session_key_rotation last_key_rotation"
                + " active_encrypted_connections"));
  }

  @ParameterizedTest
  @MethodSource("answers")
  void everyRequestGetsItsAnswerWithAllItsFields(String request, String answer, String fields)
      throws InterruptedException {
    var client = gateway.connect("/wse?topics=a");
    var envelope = client.send(request(request, "{}")).next(answer);
    assertThat(envelope.path("cid").asString()).isEqualTo("c-7");
    assertThat(envelope.path("id").asString()).hasSize(36);
    assertThat(envelope.path("v").asInt()).isEqualTo(1);
    for (var field : fields.split(" ", -1)) {
      assertThat(envelope.path("p").has(field)).as(field).isTrue();
    }
  }

  @Test
  void healthAndQueuesHaveTheirInnerFields() throws InterruptedException {
    var client = gateway.connect("/wse?topics=a,b");
    client.ask(
        request("client_hello", "{\"client_version\":\"9\",\"features\":{\"metrics\":true}}"),
        "server_hello");
    var health = client.ask(request("health_check", "{}"), "health_check_response");
    assertThat(health.path("subscriptions").toString())
        .isEqualTo("{\"active\":2,\"pending\":0,\"failed\":0}");
    assertThat(health.path("client_info").toString())
        .isEqualTo("{\"version\":\"9\",\"protocol\":1,\"features\":{\"metrics\":true}}");
    assertThat(health.path("circuit_breaker").path("state").asString()).isEqualTo("CLOSED");
    var queue = health.path("queue_stats");
    assertThat(queue.path("capacity").asInt()).isEqualTo(1_000);
    assertThat(queue.path("priority_queue_depths").has("priority_10_depth")).isTrue();
    assertThat(queue.path("backpressure").asBoolean(true)).isFalse();
    var metrics = client.ask(request("metrics_request", "{}"), "metrics_response");
    assertThat(metrics.path("connection_stats").path("messages_received").asInt()).isEqualTo(3);
    assertThat(metrics.path("connection_stats").path("bytes_sent").asInt()).isGreaterThan(500);
    assertThat(metrics.path("subscriptions").path("active").toString()).isEqualTo("[\"a\",\"b\"]");
    assertThat(metrics.path("event_bus_stats").path("running").asBoolean()).isTrue();
  }

  @Test
  void settingsWithinTheirRangesAreTakenAndOthersAreNotMentioned() throws InterruptedException {
    var client = gateway.connect("/wse");
    var update =
        client.ask(
            request(
                "config_update",
                "{\"compression_enabled\":false,\"compression_threshold\":511,"
                    + "\"batching_enabled\":true,\"batch_size\":500,\"batch_timeout\":9,"
                    + "\"max_queue_size\":100}"),
            "config_update_response");
    assertThat(update.path("success").asBoolean()).isTrue();
    assertThat(update.path("updated_settings").toString())
        .isEqualTo(
            "{\"compression_enabled\":false,\"batch_size\":100,\"batch_timeout\":5.0,"
                + "\"max_queue_size\":100}");
    client.ask(
        request(
            "config_update_request",
            "{\"compression_threshold\":10240,\"batching_enabled\":false,\"max_queue_size\":1}"),
        "config_update_response");
    var config = client.ask(request("config_request", "{}"), "config_response");
    assertThat(config.path("compression_threshold").asInt()).isEqualTo(10_240);
    assertThat(config.path("batch_size").asInt()).isEqualTo(1);
    assertThat(config.path("max_queue_size").asInt()).isEqualTo(100);
    assertThat(config.path("idle_timeout").asInt()).isEqualTo(40_000);
    assertThat(
            gateway
                .connect("/wse")
                .ask(request("config_request", "{}"), "config_response")
                .path("compression_threshold")
                .asInt())
        .as("another connection")
        .isEqualTo(1_024);
  }

  @Test
  void aBatchIsHandledMessageByMessage() throws InterruptedException {
    var client = gateway.connect("/wse");
    client.send(
        request(
            "batch",
            "{\"messages\":[{\"t\":\"config_request\",\"id\":\"1\"},{\"t\":\"batch\",\"p\":{}},"
                + "{\"t\":\"system_status_request\"},7,{\"p\":{}},"
                + "{\"t\":\"config_request\",\"id\":\"1\"}]}"));
    client.next("config_response");
    assertThat(client.next("error").path("p").path("code").asString()).isEqualTo("HANDLER_ERROR");
    var result = client.next("batch_message_result").path("p");
    assertThat(result.path("total").asInt()).isEqualTo(6);
    assertThat(result.path("successful").asInt()).isEqualTo(1);
    assertThat(result.path("failed").asInt()).isEqualTo(5);
    var results = result.path("results");
    assertThat(results.get(0).toString()).isEqualTo("{\"index\":0,\"success\":true}");
    assertThat(results.get(1).path("error").asString()).isEqualTo("Nested batches not allowed");
    assertThat(results.get(2).path("error").asString())
        .isEqualTo("Error processing message type: system_status_request");
    client.send(request("batch_message", "{}"));
    assertThat(client.next("error").path("p").path("code").asString()).isEqualTo("INVALID_MESSAGE");
  }

  @Test
  void aHundredPingsInOneBatchAndThousandsInOneReadAreAllAnswered() throws InterruptedException {
    var client = gateway.connect("/wse");
    var pings = "{\"t\":\"ping\"},".repeat(101);
    client.send(
        request("batch", "{\"messages\":[" + pings.substring(0, pings.length() - 1) + "]}"));
    var result = client.next("batch_message_result").path("p");
    assertThat(result.path("successful").asInt()).isEqualTo(100);
    assertThat(result.path("results").get(100).path("error").asString())
        .isEqualTo("At most 100 messages in one batch");
    for (int i = 1; i <= 3_000; i++) {
      client.send("PING:" + i);
    }
    for (int i = 1; i <= 3_000; i++) {
      assertThat(client.next("PONG").path("p").path("client_timestamp").asInt()).isEqualTo(i);
    }
  }

  @Test
  void aSystemStatusTellsOfTheMachine() throws InterruptedException {
    failure = "";
    var client = gateway.connect("/wse");
    var status = client.ask(request("system_status_request", "{}"), "system_status_response");
    assertThat(status.path("cpu_usage").asDouble()).isEqualTo(12.5);
    assertThat(status.path("active_connections").asInt()).isEqualTo(1);
    assertThat(status.path("module_statuses").path("hub").asString()).isEqualTo("healthy");
    for (var field :
        "memory_usage api_status datafeed_status event_queue_size adapter_statuses event_bus_health circuit_breakers timestamp uptime"
            .split(" ", -1)) {
      assertThat(status.has(field)).as(field).isTrue();
    }
  }

  @Test
  void aConnectionWhereEverythingFailsIsClosed() throws InterruptedException {
    var client = gateway.connect("/wse");
    for (int i = 0; i < 10; i++) {
      var error = client.ask(request("system_status_request", "{}"), "error");
      assertThat(error.path("code").asString()).isEqualTo("HANDLER_ERROR");
      assertThat(error.path("message").asString())
          .isEqualTo("Error processing message type: system_status_request");
    }
    var change = client.next("connection_state_change").path("p");
    assertThat(change.path("new_state").asString()).isEqualTo("degraded");
    client.send("{\"t\":\"config_request\"}");
    assertThat(client.next("connection_state_change").path("p").path("new_state").asString())
        .isEqualTo("error");
    var error = client.next("error").path("p");
    assertThat(error.path("code").asString()).isEqualTo("CIRCUIT_BREAKER_OPEN");
    assertThat(error.path("recoverable").asBoolean(true)).isFalse();
    assertThat(client.closed()).isEqualTo("1011 Server error");
  }

  @Test
  void aBreakerThatOpenedClosesAfterThreeGoodMessages() throws InterruptedException {
    var client = gateway.connect("/wse");
    for (int i = 0; i < 10; i++) {
      client.ask(request("system_status_request", "{}"), "error");
    }
    client.next("connection_state_change");
    gateway.clock.advance(Duration.ofSeconds(30));
    for (int i = 0; i < 3; i++) {
      client.ask("{\"t\":\"config_request\"}", "config_response");
    }
    assertThat(client.next("connection_state_change").path("p").path("new_state").asString())
        .isEqualTo("connected");
  }

  @Test
  void failuresOfAccessDoNotOpenTheBreaker() throws InterruptedException {
    failure = "403 Forbidden";
    var client = gateway.connect("/wse");
    for (int i = 0; i < 15; i++) {
      client.ask(request("system_status_request", "{}"), "error");
    }
    assertThat(
            client
                .ask("{\"t\":\"connection_state_request\"}", "connection_state_response")
                .path("state")
                .asString())
        .isEqualTo("connected");
  }

  @Test
  void whoAnswersPingsLateIsToldThatItsConnectionIsPoor() throws InterruptedException {
    var client = gateway.connect("/wse");
    client.next("server_ready");
    for (int i = 0; i < 3; i++) {
      gateway.clock.advance(Duration.ofSeconds(1)); // the first of the sixteen beats
      client.next("PING");
      long sent = gateway.clock.epochMillis() - 700;
      client.send("{\"t\":\"PONG\",\"p\":{\"timestamp\":" + sent + "}}");
      client.ask("{\"t\":\"config_request\"}", "config_response"); // the pong was before
      gateway.clock.advance(Duration.ofSeconds(14));
    }
    gateway.clock.advance(Duration.ofSeconds(1));
    var quality = client.next("connection_quality").path("p");
    assertThat(quality.path("quality").asString()).isEqualTo("poor");
    assertThat(quality.path("latency_ms").asDouble()).isEqualTo(700);
    assertThat(quality.path("suggestions").size()).isEqualTo(1);
    assertThat(quality.has("jitter")).isTrue();
    assertThat(quality.path("metrics").path("latency_samples").asInt()).isPositive();
  }

  @Test
  void whoFindsItsConnectionPoorIsToldWhatWouldHelp() throws InterruptedException {
    var client = gateway.connect("/wse");
    client.send(request("health_check_response", "{\"diagnostics\":{\"quality\":\"good\"}}"));
    client.send(
        request("health_check_response", "{\"diagnostics\":{\"connectionQuality\":\"poor\"}}"));
    var quality = client.next("connection_quality").path("p");
    assertThat(quality.path("quality").asString()).isEqualTo("poor");
    assertThat(quality.path("recommended_settings").path("batch_size").asInt()).isEqualTo(50);
    assertThat(quality.path("diagnostics").has("connectionQuality")).isTrue();
  }

  @Test
  void whatTheApplicationSaysReachesItsProgramsWithEverythingAroundIt()
      throws InterruptedException {
    gateway.access.apply(policy("auth.jwt.secret=" + SECRET));
    var program = gateway.connect("/wse?topics=client:ann:messages", good("prog", null));
    program.next("subscription_update");
    var client = gateway.connect("/wse?client_version=5", good("ann", null));
    var id = client.next("server_ready").path("p").path("connection_id").asString();
    client.send("U{\"t\":\"order\",\"p\":{\"n\": 1.0},\"x\":[]}");
    var told = program.next("order").path("p");
    assertThat(told.path("type").asString()).isEqualTo("order");
    assertThat(told.path("payload").toString()).isEqualTo("{\"n\":1.0}");
    assertThat(told.path("user_id").asString()).isEqualTo("ann");
    assertThat(told.path("conn_id").asString()).isEqualTo(id);
    assertThat(told.path("raw_message").has("x")).isTrue();
    assertThat(told.path("client_version").asString()).isEqualTo("5");
    assertThat(told.path("protocol_version").asInt()).isEqualTo(1);
    client.send("{\"t\":\"" + "x".repeat(300) + "\"}").send("{\"t\":\"order\"}");
    assertThat(program.next("order").path("p").path("payload").toString()).isEqualTo("{}");
    assertThat(gateway.metrics.count(WseMetric.DROPPED, "nobody_told")).isEqualTo(1);
  }

  @Test
  void aPriorityMessageGoesToItsUsersTopicWithTheNearestPriority() throws InterruptedException {
    gateway.access.apply(policy("auth.jwt.secret=" + SECRET));
    var reader = gateway.connect("/wse?topics=priority:ann:messages", good("prog", null));
    reader.next("subscription_update");
    var client = gateway.connect("/wse", good("ann", null));
    client.send(
        "{\"t\":\"priority_message\",\"pri\":9,\"cid\":\"k\",\"p\":{\"content\":\"hi\",\"ttl\":3}}");
    var envelope = reader.next("priority_message");
    assertThat(envelope.path("pri").asInt()).isEqualTo(10);
    var payload = envelope.path("p");
    assertThat(payload.path("content").asString()).isEqualTo("hi");
    assertThat(payload.path("priority").asInt()).isEqualTo(10);
    assertThat(payload.path("ttl").asInt()).isEqualTo(3);
    assertThat(payload.path("correlation_id").asString()).isEqualTo("k");
    assertThat(payload.path("message").path("p").path("data").asString()).isEqualTo("hi");
    client.send("{\"t\":\"priority_message\",\"p\":{\"a\":1,\"priority\":2}}");
    payload = reader.next("priority_message").path("p");
    assertThat(payload.path("content").path("a").asInt()).isEqualTo(1);
    assertThat(payload.path("priority").asInt()).isEqualTo(3);
  }

  @Test
  void aServerThatDoesNotEncryptSaysSo() throws Exception {
    try (var plain = new TestGateway(1, "encryption.enabled=false")) {
      var client = plain.connect("/wse?encryption=true");
      assertThat(client.next("server_ready").path("p").path("details").has("encryption_public_key"))
          .isFalse();
      var answer =
          client.ask(
              request("encryption_request", "{\"action\":\"enable\"}"), "encryption_response");
      assertThat(answer.path("enabled").asBoolean(true)).isFalse();
      assertThat(answer.path("message").asString()).contains("does not encrypt");
    }
  }
}
