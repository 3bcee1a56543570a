package dev.millrace.gateway.wse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.problem.ProblemException;
import dev.millrace.gateway.wse.codec.Timestamps;
import dev.millrace.gateway.wse.crypto.MessageSigner;
import dev.millrace.hub.Message;
import dev.millrace.hub.MessageExtras;
import dev.millrace.testkit.Await;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.msgpack.core.MessagePack;

/// How frames look on the wire of one connection, both ways.
class WseFramingsTest {
  private static final String LONG = "compressible ".repeat(200);

  private TestGateway gateway;

  @BeforeEach
  void start() throws ProblemException {
    gateway = new TestGateway(2);
  }

  @AfterEach
  void stop() {
    gateway.close();
  }

  private void restart(String... hubKeys) throws ProblemException {
    gateway.close();
    gateway = new TestGateway(2, hubKeys);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private void publish(String type, String payload) {
    var message = Message.of(type, utf8(payload), true, gateway.clock.epochMillis());
    gateway.hub.publish("a", List.of(message));
  }

  private void publishLong(int n) {
    publish("long", "{\"n\":" + n + ",\"text\":\"" + LONG + "\"}");
  }

  private static byte[] deflated(String text) {
    var out = new ByteArrayOutputStream();
    out.writeBytes(utf8("C:"));
    try (var deflater = new DeflaterOutputStream(out)) {
      deflater.write(utf8(text));
    } catch (IOException impossible) {
      throw new AssertionError(impossible);
    }
    return out.toByteArray();
  }

  private static byte[] packed(boolean marked, String type) throws IOException {
    try (var packer = MessagePack.newDefaultBufferPacker()) {
      if (marked) {
        packer.addPayload(utf8("M:"));
      }
      packer.packMapHeader(2).packString("t").packString(type);
      packer.packString("p").packMapHeader(0);
      return packer.toByteArray();
    }
  }

  // Inbound.

  @Test
  void compressedMessagesAreReadLikeOthers() throws InterruptedException {
    var client = gateway.connect("/wse");
    client.sendBinary(deflated("WSE{\"t\":\"config_request\",\"cid\":\"1\"}"));
    assertThat(client.next("config_response").path("cid").asString()).isEqualTo("1");
    client.sendBinary(deflated("{\"t\":\"config_request\",\"cid\":\"2\"}"));
    assertThat(client.next("config_response").path("cid").asString()).isEqualTo("2");
  }

  @Test
  void packedMessagesAreReadMarkedAndWhereTheyWereAskedForNaked() throws Exception {
    var client = gateway.connect("/wse?format=msgpack");
    client.sendBinary(packed(true, "config_request"));
    client.next("config_response");
    client.sendBinary(packed(false, "config_request"));
    client.next("config_response");
    var other = gateway.connect("/wse");
    other.sendBinary(packed(true, "config_request"));
    other.next("config_response");
    other.sendBinary(packed(false, "config_request")).send("PING:1");
    assertThat(other.next()).contains("PONG");
  }

  @Test
  void whatCannotBeReadIsCountedAndTheConnectionStays() throws InterruptedException {
    var client = gateway.connect("/wse");
    client.next("server_ready");
    client.sendBinary(utf8("C:no stream")).sendBinary(utf8("M:x")).sendBinary(utf8("E:sealed"));
    var stats =
        client.ask("{\"t\":\"metrics_request\"}", "metrics_response").path("connection_stats");
    assertThat(stats.path("protocol_errors").asInt()).isEqualTo(3);
    assertThat(gateway.metrics.count(WseMetric.DROPPED, "malformed")).isEqualTo(3);
  }

  @Test
  void aMessageThatInflatesToTooMuchIsRefusedAndTheConnectionStays() throws InterruptedException {
    var client = gateway.connect("/wse");
    client.sendBinary(deflated("{\"t\":\"x\",\"p\":\"" + "0".repeat(4 << 20) + "\"}"));
    var error = client.next("error").path("p");
    assertThat(error.path("code").asString()).isEqualTo("MESSAGE_TOO_LARGE");
    assertThat(error.path("max_size").asInt()).isEqualTo(1 << 20);
    client.ask("{\"t\":\"config_request\"}", "config_response");
  }

  // Compressed.

  @Test
  void longFramesAreCompressedAndShortOnesAreNot() throws InterruptedException {
    var reader = new WireReader(gateway.connect("/wse?topics=a"));
    reader.next("subscription_update");
    publish("short", "{}");
    publishLong(1);
    var small = reader.next();
    assertThat(small.framing()).isEqualTo("binary");
    assertThat(small.category()).isEqualTo("U");
    var large = reader.next();
    assertThat(large.framing()).isEqualTo("C:");
    assertThat(large.category()).isEqualTo("U");
    assertThat(large.payload().path("text").asString()).isEqualTo(LONG);
  }

  @Test
  void whoDoesNotWantItGetsNothingCompressed() throws InterruptedException {
    var reader = new WireReader(gateway.connect("/wse?topics=a&compression=false"));
    reader.next("subscription_update");
    publishLong(1);
    assertThat(reader.next().framing()).isEqualTo("binary");
  }

  @Test
  void longAnswersAreCompressedTooButNeverWhatTheHandshakeNeeds() throws InterruptedException {
    var reader = new WireReader(gateway.connect("/wse?topics=a&encryption=true"));
    var ready = reader.next();
    assertThat(ready.type()).isEqualTo("server_ready");
    assertThat(ready.framing()).isEqualTo("text");
    reader.client().send("{\"t\":\"metrics_request\"}");
    assertThat(reader.next("metrics_response").framing()).isEqualTo("C:");
    reader.client().send("{\"t\":\"config_request\"}");
    assertThat(reader.next("config_response").framing()).isEqualTo("text");
  }

  @Test
  void aThresholdOfItsOwnHoldsForOneConnectionAlone() throws InterruptedException {
    var reader = new WireReader(gateway.connect("/wse?topics=a"));
    var other = new WireReader(gateway.connect("/wse?topics=a"));
    var off = new WireReader(gateway.connect("/wse?topics=a&compression=false"));
    for (var one : List.of(reader, other, off)) {
      one.next("subscription_update");
    }
    set(reader, "{\"compression_threshold\":10240}");
    publishLong(1);
    assertThat(reader.next("long").framing()).isEqualTo("binary");
    assertThat(other.next("long").framing()).isEqualTo("C:");
    set(reader, "{\"compression_threshold\":512}");
    publish("middling", "{\"text\":\"" + LONG.substring(0, 700) + "\"}");
    publishLong(2);
    assertThat(reader.next("middling").framing()).isEqualTo("C:");
    assertThat(reader.next("long").framing()).isEqualTo("C:");
    assertThat(other.next("middling").framing()).isEqualTo("binary");
    set(reader, "{\"compression_enabled\":false}");
    set(off, "{\"compression_enabled\":true}");
    publishLong(3);
    var read = reader.next("long");
    assertThat(read.framing()).isEqualTo("binary");
    assertThat(read.category()).isEqualTo("U");
    assertThat(read.payload().path("n").asInt()).isEqualTo(3);
    assertThat(off.next("long").framing()).isEqualTo("C:");
  }

  private static void set(WireReader reader, String settings) throws InterruptedException {
    reader.client().send("{\"t\":\"config_update\",\"p\":" + settings + "}");
    reader.next("config_update_response");
  }

  // Packed.

  @Test
  void whoAsksForMessagePackGetsDataPackedAndTheProtocolAsText() throws InterruptedException {
    var reader = new WireReader(gateway.connect("/wse?topics=a&format=msgpack"));
    assertThat(reader.next("server_ready").framing()).isEqualTo("text");
    assertThat(reader.next("subscription_update").framing()).isEqualTo("text");
    publish("x", "{\"n\":9007199254740993,\"l\":[null,0.5]}");
    var read = reader.next();
    assertThat(read.framing()).isEqualTo("M:");
    assertThat(read.type()).isEqualTo("x");
    assertThat(read.payload().toString()).isEqualTo("{\"n\":9007199254740993,\"l\":[null,0.5]}");
  }

  // Categories.

  @Test
  void aPublisherMayChooseTheCategoryAndAddMembers() throws Exception {
    var plain = new WireReader(gateway.connect("/wse?topics=a"));
    var packed = new WireReader(gateway.connect("/wse?topics=a&format=msgpack"));
    plain.next("subscription_update");
    packed.next("subscription_update");
    var message =
        Message.of("x", utf8("{}"), true, 0)
            .withExtras(new MessageExtras("S", utf8(",\"trace_id\":\"t\",\"latency_ms\":3")));
    gateway.hub.publish("a", List.of(message));
    plain
        .client()
        .send(
            "{\"t\":\"publish\",\"p\":{\"topic\":\"a\",\"type\":\"y\",\"payload\":1,"
                + "\"category\":\"WSE\"}}");
    var read = plain.next();
    assertThat(read.category()).isEqualTo("S");
    assertThat(read.envelope().path("trace_id").asString()).isEqualTo("t");
    assertThat(read.envelope().path("v").asInt()).isEqualTo(1);
    var other = packed.next();
    assertThat(other.framing()).isEqualTo("M:");
    assertThat(other.envelope()).isEqualTo(read.envelope());
    assertThat(plain.next("y").category()).isEqualTo("WSE");
    try (var http = HttpClient.newHttpClient()) {
      var body = "{\"type\":\"z\",\"payload\":1,\"category\":\"S\"}";
      var uri = URI.create("http://127.0.0.1:" + gateway.port() + "/api/v1/topics/a");
      var request = HttpRequest.newBuilder(uri).POST(BodyPublishers.ofString(body)).build();
      assertThat(http.send(request, BodyHandlers.discarding()).statusCode()).isEqualTo(202);
    }
    assertThat(plain.next("z").category()).isEqualTo("S");
    plain.client().send("{\"t\":\"publish\",\"p\":{\"topic\":\"a\",\"payload\":1,\"category\":7}}");
    assertThat(plain.next("error").payload().path("message").asString())
        .isEqualTo("category is WSE, S or U");
  }

  // Numbered and signed.

  @Test
  void numbersGoUpByOneAndGrowOverReconnects() throws Exception {
    restart("seq=per_connection");
    var reader = new WireReader(gateway.connect("/wse?topics=a"));
    reader.next("subscription_update");
    for (int n = 0; n < 3; n++) {
      publish("x", "{}");
      publishLong(n);
    }
    long first = gateway.clock.epochMillis() * 1_000;
    for (int i = 0; i < 6; i++) {
      var read = reader.next();
      assertThat(read.framing()).isEqualTo(i % 2 == 0 ? "binary" : "C:");
      assertThat(read.envelope().path("seq").asLong()).isEqualTo(first + i);
    }
    gateway.clock.advance(Duration.ofMillis(5));
    var again = new WireReader(gateway.connect("/wse?topics=a&format=msgpack"));
    again.next("subscription_update");
    publish("x", "{}");
    var read = again.next();
    assertThat(read.framing()).isEqualTo("M:");
    assertThat(read.envelope().path("seq").asLong()).isEqualTo(first + 5_000);
  }

  @Test
  void framesOfOthersCarryNoNumber() throws InterruptedException {
    var reader = new WireReader(gateway.connect("/wse?topics=a"));
    reader.next("subscription_update");
    publish("x", "{}");
    assertThat(reader.next().envelope().has("seq")).isFalse();
  }

  @Test
  void whoAsksForSignaturesGetsThemOnEveryFrameButPings() throws InterruptedException {
    var reader = new WireReader(gateway.connect("/wse?topics=a&message_signing=true"));
    assertSigned(reader.next("server_ready"));
    assertSigned(reader.next("subscription_update"));
    publish("x", "{\"b\":[1.5,\"é\"],\"a\":null}");
    assertSigned(reader.next("x"));
    reader.client().send("PING:7");
    assertThat(reader.next("PONG").envelope().has("sig")).isFalse();
  }

  private static void assertSigned(WireReader.Read read) {
    var sig = read.envelope().path("sig").asString("");
    assertThat(sig.split(":", -1)).hasSize(4);
    assertThat(sig).startsWith(MessageSigner.hash(utf8(read.payload().toString())) + ":");
  }

  // Late.

  @Test
  void whatWaitedTooLongGoesOutWithAFreshTimestamp() throws Exception {
    restart("max_lag=1GiB", "jam_messages=10000");
    var reader = new WireReader(gateway.connect("/wse?topics=a&compression=false"));
    reader.next("subscription_update");
    reader.client().stopReading();
    int count = 2_000; // more than any socket takes
    long published = gateway.clock.epochMillis();
    for (int i = 0; i < count; i++) {
      publish("x", "{\"text\":\"" + LONG.repeat(8) + "\"}");
    }
    Await.until("all are in the log", () -> gateway.hub.stats().published() == count);
    gateway.clock.advance(Duration.ofSeconds(3));
    reader.client().readOn();
    var times = new ArrayList<String>();
    while (times.size() < count) {
      times.add(reader.next("x").envelope().path("ts").asString());
    }
    assertThat(times).first().isEqualTo(Timestamps.text(published));
    assertThat(times).last().isEqualTo(Timestamps.text(published + 3_000));
  }
}
