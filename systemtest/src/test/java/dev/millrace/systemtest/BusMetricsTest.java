package dev.millrace.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.testkit.Await;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What `/metrics` says under the names that dashboards of WebSocket buses know.
@Timeout(120)
class BusMetricsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private static final List<String> OF_CONNECTIONS =
      List.of(
          "ws_connections_active",
          "ws_connections_total",
          "ws_disconnections_total",
          "ws_messages_sent_total",
          "ws_messages_received_total",
          "ws_message_send_latency_seconds_bucket",
          "ws_message_send_latency_seconds_count",
          "ws_bytes_sent_total",
          "ws_bytes_received_total",
          "ws_queue_size",
          "ws_queue_dropped_total",
          "ws_queue_backpressure",
          "pubsub_published_total",
          "pubsub_publish_latency_seconds_count",
          "pubsub_handler_errors_total");

  private static final List<String> OF_A_CLUSTER =
      List.of(
          "pubsub_received_total",
          "pubsub_listener_errors_total",
          "dlq_messages_total",
          "dlq_size",
          "dlq_replayed_total");

  @TempDir private Path folder;

  @Test
  void everyNameIsThereSummedUpOverUsersAndConnectionsAndCountsWhatHappens() {
    var config =
        Graphs.write(
            folder.resolve("millrace.yaml"), "server: { port: 0 }\nmetrics: { aliases: [wse] }\n");
    try (var process = MillraceProcess.start(folder, "run", config.toString())) {
      var address = process.awaitReady();
      var topics = new Topics(address);
      try (var client = WebSocketClient.connect(address, "/wse?topics=a")) {
        try (var leaving = WebSocketClient.connect(address, "/wse?topics=a")) {
          topics.awaitSubscribers("a", 2);
          topics.publish("a", "{\"type\":\"n\",\"payload\":{},\"priority\":\"high\"}");
          topics.publish("a", "n", "{}");
          leaving.send("{\"t\":\"ping\",\"p\":{}}");
          client.first("n");
          awaitValue(address, "ws_messages_sent_total", 4);
          awaitValue(address, "ws_connections_active", 2);
        }
        awaitValue(address, "ws_connections_active", 1);
        var now = Exposition.of(address);
        for (var name : OF_CONNECTIONS) {
          assertThat(now.of(name)).as(name).isNotEmpty();
          assertThat(now.of(name)).as(name).noneMatch(BusMetricsTest::tellsOneFromAnother);
        }
        assertThat(now.value("ws_connections_total")).isEqualTo(2);
        assertThat(now.value("ws_disconnections_total{reason=\"unclean\"}")).isEqualTo(1);
        assertThat(now.value("ws_messages_received_total{kind=\"ping\"}")).isEqualTo(1);
        assertThat(now.value("pubsub_published_total{priority=\"high\"}")).isEqualTo(1);
        assertThat(now.value("pubsub_published_total{priority=\"normal\"}")).isEqualTo(1);
        assertThat(now.value("ws_message_send_latency_seconds_count")).isPositive();
        assertThat(now.value("ws_bytes_sent_total")).isPositive();
      }
      Graphs.write(config, "server: { port: 0 }\n");
      Await.until(
          PATIENCE,
          () -> Exposition.of(address).series().keySet().stream().noneMatch(BusMetricsTest::own),
          () -> "the names are still there after they were taken out of the configuration");
    }
  }

  @Test
  void aClusterHasThoseOfTheBusEvenWhileItsBrokerIsAway() {
    var config =
        Graphs.write(
            folder.resolve("millrace.yaml"),
            """
            server: { port: 0 }
            metrics: { aliases: [wse] }
            cluster: { redis: { url: "redis://127.0.0.1:1" }, broker: { mode: pubsub } }
            """);
    try (var process = MillraceProcess.start(folder, "run", config.toString())) {
      var address = process.awaitReady();
      Await.until(
          PATIENCE,
          () ->
              OF_A_CLUSTER.stream()
                  .allMatch(name -> Exposition.of(address).of(name).findAny().isPresent()),
          () -> "not all of " + OF_A_CLUSTER + " are in " + Exposition.of(address).series());
    }
  }

  private static void awaitValue(URI address, String series, double value) {
    Await.until(
        PATIENCE,
        () -> Exposition.of(address).value(series) == value,
        () -> series + " is " + Exposition.of(address).value(series) + ", not " + value);
  }

  private static boolean own(String series) {
    return series.startsWith("ws_") || series.startsWith("pubsub_") || series.startsWith("dlq_");
  }

  private static boolean tellsOneFromAnother(String series) {
    return series.contains("user") || series.contains("connection_id=");
  }
}
