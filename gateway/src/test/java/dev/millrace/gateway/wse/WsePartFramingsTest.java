package dev.millrace.gateway.wse;

import static dev.millrace.gateway.wse.Publications.subscribe;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.problem.ProblemException;
import dev.millrace.hub.HubMetric;
import dev.millrace.hub.Message;
import dev.millrace.testkit.Await;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// Framings of subscriptions to a part of a topic, of queue groups and of long events, and what is
/// counted of them.
class WsePartFramingsTest {
  private static final String LONG = "compressible ".repeat(200);
  private static final String EVEN = ",\"filters\":{\"kind\":\"even\"}";

  private TestGateway gateway;

  @BeforeEach
  void start() throws ProblemException {
    gateway = new TestGateway(2);
  }

  @AfterEach
  void stop() {
    gateway.close();
  }

  private void publish(int n, String text) {
    var payload =
        "{\"n\":%d,\"kind\":\"%s\",\"text\":\"%s\"}"
            .formatted(n, n % 2 == 0 ? "even" : "odd", text);
    gateway.hub.publish(
        "a",
        List.of(
            Message.of(
                "n", payload.getBytes(StandardCharsets.UTF_8), true, gateway.clock.epochMillis())));
  }

  private WireReader subscribed(String address, String options) throws InterruptedException {
    var reader = new WireReader(gateway.connect(address));
    reader.client().send(subscribe("a", options));
    reader.next("subscription_update");
    return reader;
  }

  private static void assertNext(WireReader reader, String framing, int n)
      throws InterruptedException {
    var read = reader.next("n");
    assertThat(read.payload().path("n").asInt()).isEqualTo(n);
    assertThat(read.framing()).isEqualTo(framing);
  }

  @ParameterizedTest
  @ValueSource(strings = {EVEN, ",\"conflate_ms\":1", EVEN + ",\"conflate_ms\":1"})
  void aPartOfATopicComesAsTheClientTakesFrames(String options) throws Exception {
    var plain = subscribed("/wse?compression=false", options);
    var compressed = subscribed("/wse", options);
    var same = subscribed("/wse", options);
    var packed = subscribed("/wse?format=msgpack", options);
    for (int n = 2; n <= 6; n += 2) {
      publish(n, n == 4 ? "" : LONG);
      for (var reader : List.of(compressed, same)) {
        assertNext(reader, n == 4 ? "binary" : "C:", n);
      }
      assertNext(plain, "binary", n);
      assertNext(packed, "M:", n);
      gateway.clock.advance(java.time.Duration.ofMillis(5));
    }
  }

  @Test
  void whatAFilterDropsDoesNotComeInAnyFraming() throws Exception {
    var compressed = subscribed("/wse", EVEN);
    var packed = subscribed("/wse?format=msgpack", EVEN);
    for (int n = 1; n <= 40; n++) {
      publish(n, LONG);
    }
    for (int n = 2; n <= 40; n += 2) {
      assertNext(compressed, "C:", n);
      assertNext(packed, "M:", n);
    }
  }

  @Test
  void membersOfAQueueGroupEachTakeFramesTheirWay() throws Exception {
    var group = ",\"queue\":\"workers\"";
    var readers =
        List.of(
            subscribed("/wse", group),
            subscribed("/wse?compression=false", group),
            subscribed("/wse?format=msgpack", group),
            subscribed("/wse", group));
    var framings = List.of("C:", "binary", "M:", "C:");
    Await.until("all are seated", () -> gateway.hub.topic("a").orElseThrow().subscribers() == 4);
    for (int n = 0; n < 40; n++) {
      publish(n, LONG);
    }
    var seen = new ArrayList<Integer>();
    Await.until("all are handed out", () -> gateway.hub.stats().deliveries() == 40);
    for (int i = 0; i < readers.size(); i++) {
      var reader = readers.get(i);
      reader.client().send("PING:1"); // the answer comes behind them
      for (var read = reader.next(); !read.type().equals("PONG"); read = reader.next()) {
        assertThat(read.framing()).isEqualTo(framings.get(i));
        assertThat(read.payload().path("text").asString()).isEqualTo(LONG);
        seen.add(read.payload().path("n").asInt());
      }
    }
    assertThat(seen).doesNotHaveDuplicates().hasSize(40);
  }

  // Long ones.

  @Test
  void longEventsAreCompressedBesideTheLoopsAndKeepTheirPlace() throws Exception {
    gateway.close();
    gateway = new TestGateway(1, "compression.background_above=10000");
    var compressed = subscribed("/wse", "");
    var filtered = subscribed("/wse", EVEN);
    var plain = subscribed("/wse?compression=false", "");
    for (int n = 0; n < 100; n++) {
      publish(n, n % 5 == 0 ? LONG.repeat(20) : "");
    }
    for (int n = 0; n < 100; n++) {
      assertNext(compressed, n % 5 == 0 ? "C:" : "binary", n);
      assertNext(plain, "binary", n);
      if (n % 2 == 0) {
        assertNext(filtered, n % 5 == 0 ? "C:" : "binary", n);
      }
    }
    assertThat(gateway.metrics.count(HubMetric.LATE, "made")).isEqualTo(20);
    assertThat(gateway.metrics.count(HubMetric.LATE, "plain")).isZero();
    assertThat(gateway.hub.stats().waitingMessages()).isZero();
    assertThat(gateway.hub.stats().memoryBytes()).isZero();
  }

  // Counted.

  private static JsonNode stats(WireReader reader) throws InterruptedException {
    reader.client().send("{\"t\":\"metrics_request\"}");
    return reader.next("metrics_response").payload();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", EVEN, ",\"queue\":\"workers\""})
  void whatCompressionSavedIsCountedHoweverTheFramesCame(String options) throws Exception {
    var reader = subscribed("/wse", options);
    var plain = subscribed("/wse?compression=false", "");
    for (int n = 0; n < 6; n += 2) {
      publish(n, LONG);
      publish(n, "short");
    }
    long saved = 0;
    for (int i = 0; i < 6; i++) {
      var message = plain.client().nextMessage();
      int whole = message.bytes().length;
      var compressed = reader.client().nextMessage();
      assertThat(compressed.toString()).isEqualTo(message.toString());
      saved += whole - compressed.bytes().length;
    }
    var metrics = stats(reader);
    var compression = metrics.path("compression_stats");
    assertThat(compression.path("total_compressed").asInt()).isEqualTo(3);
    assertThat(compression.path("total_bytes_saved").asLong()).isEqualTo(saved);
    assertThat(compression.path("average_bytes_saved").asDouble()).isEqualTo(saved / 3.0);
    var connection = metrics.path("connection_stats");
    assertThat(connection.path("compression_hits").asInt()).isEqualTo(3);
    assertThat(connection.path("bytes_saved_by_compression").asLong()).isEqualTo(saved);
    double sent = connection.path("bytes_sent").asDouble();
    assertThat(connection.path("compression_ratio").asDouble()).isEqualTo(sent / (sent + saved));
    assertThat(stats(plain).at("/compression_stats/total_compressed").asInt()).isZero();
  }

  @Test
  void ownThresholdsAnswersAndWhatClientsSendAreCountedToo() throws Exception {
    var reader = subscribed("/wse", "");
    reader
        .client()
        .send("{\"t\":\"config_update\",\"p\":{\"compression_threshold\":512}}")
        .sendBinary(deflated("{\"t\":\"config_request\"}"))
        .sendBinary("C:broken".getBytes(StandardCharsets.UTF_8));
    reader.next("config_response");
    publish(0, LONG);
    publish(2, LONG.substring(0, 600));
    assertNext(reader, "C:", 0);
    assertNext(reader, "C:", 2);
    assertThat(stats(reader).at("/compression_stats/total_compressed").asInt()).isEqualTo(2);
    var compression = stats(reader).path("compression_stats"); // the last answer was compressed
    assertThat(compression.path("total_compressed").asInt()).isEqualTo(3);
    assertThat(compression.path("total_decompressed").asInt()).isEqualTo(1);
    assertThat(compression.path("decompression_failures").asInt()).isEqualTo(1);
    assertThat(compression.path("decompression_success_rate").asDouble()).isEqualTo(0.5);
  }

  private static byte[] deflated(String text) throws IOException {
    var out = new ByteArrayOutputStream();
    out.writeBytes("C:".getBytes(StandardCharsets.UTF_8));
    try (var deflater = new DeflaterOutputStream(out)) {
      deflater.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return out.toByteArray();
  }
}
