package dev.millrace.gateway.wse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.problem.ProblemException;
import dev.millrace.gateway.wse.codec.Timestamps;
import dev.millrace.gateway.wse.crypto.ClientKeys;
import dev.millrace.gateway.wse.crypto.KeyDerivation;
import dev.millrace.gateway.wse.crypto.MessageSigner;
import dev.millrace.hub.Message;
import dev.millrace.testkit.Await;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// Several events in one frame, for clients that say that they take them so.
class WseBatchTest {
  private static final String HELLO =
      "{\"t\":\"client_hello\",\"p\":{\"features\":{\"batch_messages\":true}}}";

  private TestGateway gateway;

  @BeforeEach
  void start() throws ProblemException {
    gateway = new TestGateway(2);
  }

  @AfterEach
  void stop() {
    gateway.close();
  }

  private WireReader batching(String address) throws InterruptedException {
    return batching(gateway.connect(address));
  }

  private static WireReader batching(TestClient client) throws InterruptedException {
    var reader = new WireReader(client);
    reader.next("subscription_update");
    client.send(HELLO);
    reader.next("server_hello");
    return reader;
  }

  /// Publishes events from `from` to `to` in one go.
  private void publish(int from, int to, String text) {
    publish("n", from, to, text);
  }

  private void publish(String type, int from, int to, String text) {
    var messages = new ArrayList<Message>();
    for (int n = from; n <= to; n++) {
      var payload = "{\"n\":" + n + ",\"text\":\"" + text + "\"}";
      messages.add(
          Message.of(
              type, payload.getBytes(StandardCharsets.UTF_8), true, gateway.clock.epochMillis()));
    }
    gateway.hub.publish("a", messages);
  }

  private static List<JsonNode> items(WireReader.Read batch) {
    assertThat(batch.type()).isEqualTo("batch");
    var items = batch.payload().path("messages").valueStream().toList();
    assertThat(batch.payload().path("count").asInt()).isEqualTo(items.size());
    return items;
  }

  private static List<Integer> numbers(List<JsonNode> items) {
    return items.stream().map(item -> item.path("p").path("n").asInt()).toList();
  }

  private static List<Integer> range(int from, int to) {
    return IntStream.rangeClosed(from, to).boxed().toList();
  }

  @Test
  void eventsThatWaitTogetherComeTogetherAtMostTenAndASingleOneAlone() throws Exception {
    var reader = batching("/wse?topics=a&compression=false");
    var other = new WireReader(gateway.connect("/wse?topics=a&compression=false"));
    other.next("subscription_update");
    publish(1, 21, "");
    var first = reader.next();
    assertThat(first.framing()).isEqualTo("binary");
    assertThat(first.category()).isEqualTo("U");
    assertThat(numbers(items(first))).isEqualTo(range(1, 10));
    assertThat(items(first)).allSatisfy(item -> assertThat(item.has("id")).isTrue());
    assertThat(numbers(items(reader.next()))).isEqualTo(range(11, 20));
    var last = reader.next();
    assertThat(last.type()).isEqualTo("n");
    assertThat(last.payload().path("n").asInt()).isEqualTo(21);
    for (int n = 1; n <= 21; n++) {
      assertThat(other.next().payload().path("n").asInt()).isEqualTo(n);
    }
    gateway.clock.advance(Duration.ofSeconds(15));
    assertThat(reader.next().type()).isEqualTo("heartbeat");
    assertThat(reader.next().framing()).as("PING").isEqualTo("text");
  }

  @Test
  void howManyIsForTheClientToSayAndSoIsWhetherAtAll() throws Exception {
    var reader = batching("/wse?topics=a");
    set(reader, "{\"batching_enabled\":true,\"batch_size\":3}");
    publish(1, 5, "");
    assertThat(numbers(items(reader.next()))).isEqualTo(range(1, 3));
    assertThat(numbers(items(reader.next()))).isEqualTo(range(4, 5));
    set(reader, "{\"batching_enabled\":false}");
    publish(6, 7, "");
    assertThat(reader.next().type()).isEqualTo("n");
    assertThat(reader.next().type()).isEqualTo("n");
    set(reader, "{\"batching_enabled\":true,\"batch_size\":100}");
    publish(8, 120, "");
    assertThat(numbers(items(reader.next()))).isEqualTo(range(8, 107));
    assertThat(numbers(items(reader.next()))).isEqualTo(range(108, 120));
    reader.client().send("{\"t\":\"client_hello\",\"p\":{\"features\":{\"batching\":true}}}");
    reader.next("server_hello");
    publish(121, 122, "");
    assertThat(reader.next().payload().path("n").asInt()).isEqualTo(121);
    assertThat(reader.next().payload().path("n").asInt()).isEqualTo(122);
  }

  private static void set(WireReader reader, String settings) throws InterruptedException {
    reader.client().send("{\"t\":\"config_update\",\"p\":" + settings + "}");
    reader.next("config_update_response");
  }

  @Test
  void noBatchIsLongerThanClientsTakeAndNothingIsLost() throws Exception {
    var reader = batching("/wse?topics=a&compression=false");
    publish("large", 1, 7, "x".repeat(400_000));
    publish("large", 8, 8, "x".repeat(1_048_000));
    var seen = new ArrayList<Integer>();
    while (seen.size() < 8) {
      var message = reader.client().nextMessage();
      assertThat(message.bytes().length).isLessThanOrEqualTo(1 << 20);
      var envelope = TestClient.envelope(message.toString());
      if (envelope.path("t").asString().equals("batch")) {
        seen.addAll(numbers(envelope.path("p").path("messages").valueStream().toList()));
      } else {
        seen.add(envelope.path("p").path("n").asInt());
      }
    }
    assertThat(seen).isEqualTo(range(1, 8));
    assertThat(gateway.metrics.count(WseMetric.UNSENT)).isZero();
  }

  @Test
  void aBatchIsCompressedPackedOrSignedAsAWhole() throws Exception {
    var compressed = batching("/wse?topics=a");
    var packed = batching("/wse?topics=a&format=msgpack");
    var signed = batching("/wse?topics=a&message_signing=true&compression=false");
    publish(1, 3, "compressible ".repeat(100));
    var whole = compressed.next();
    assertThat(whole.framing()).isEqualTo("C:");
    assertThat(whole.category()).isEqualTo("U");
    assertThat(numbers(items(whole))).isEqualTo(range(1, 3));
    var pack = packed.next();
    assertThat(pack.framing()).isEqualTo("M:");
    assertThat(numbers(items(pack))).isEqualTo(range(1, 3));
    var sealed = signed.next();
    assertThat(numbers(items(sealed))).isEqualTo(range(1, 3));
    assertThat(items(sealed)).allSatisfy(item -> assertThat(item.has("sig")).isFalse());
    var payload = sealed.payload().toString().getBytes(StandardCharsets.UTF_8);
    assertThat(sealed.envelope().path("sig").asString())
        .startsWith(MessageSigner.hash(payload) + ":");
  }

  @Test
  void aBatchIsSealedAsAWhole() throws Exception {
    var client = gateway.connect("/wse?topics=a&encryption=true");
    var keys = new ClientKeys(KeyDerivation.SALTED);
    var reader = new WireReader(client, keys);
    var details = reader.next("server_ready").payload().path("details");
    var key = keys.answer(details.path("encryption_public_key").asString());
    client.send(
        "{\"t\":\"client_hello\",\"p\":{\"features\":{\"batch_messages\":true},"
            + "\"encryption_public_key\":\""
            + key
            + "\"}}");
    reader.next("server_hello");
    client.sendBinary(keys.sealed("{\"t\":\"config_request\"}"));
    reader.next("config_response");
    publish(1, 3, "");
    var batch = reader.next("batch");
    assertThat(batch.framing()).isEqualTo("E:");
    assertThat(numbers(items(batch))).isEqualTo(range(1, 3));
  }

  @Test
  void numbersStandOnTheEventsAndGoOnFromBatchToBatch() throws Exception {
    gateway.close();
    gateway = new TestGateway(2, "seq=per_connection");
    var reader = batching("/wse?topics=a");
    publish(1, 25, "");
    var numbers = new ArrayList<Long>();
    for (int i = 0; i < 3; i++) {
      var batch = reader.next();
      assertThat(batch.envelope().has("seq")).isFalse();
      items(batch).forEach(item -> numbers.add(item.path("seq").asLong()));
    }
    long first = gateway.clock.epochMillis() * 1_000;
    assertThat(numbers).isEqualTo(IntStream.range(0, 25).mapToObj(n -> first + n).toList());
  }

  @Test
  void whatAJammedClientMissedComesInBatchesWithFreshTimes() throws Exception {
    gateway.close();
    gateway = new TestGateway(1, "max_lag=1GiB", "jam_messages=100000");
    var reader = batching("/wse?topics=a&compression=false");
    reader.client().stopReading();
    long published = gateway.clock.epochMillis();
    int count = 1_500; // more than any socket takes
    for (int n = 1; n <= count; n++) {
      publish(n, n, "x".repeat(20_000));
    }
    Await.until("all are in the log", () -> gateway.hub.stats().published() == count);
    gateway.clock.advance(Duration.ofSeconds(3));
    reader.client().readOn();
    var seen = new ArrayList<JsonNode>();
    while (seen.size() < count) {
      var read = reader.next();
      if (read.type().equals("batch")) {
        seen.addAll(items(read));
      } else if (read.type().equals("n")) {
        seen.add(read.envelope());
      }
    }
    assertThat(numbers(seen)).isEqualTo(range(1, count));
    assertThat(seen.getLast().path("ts").asString()).isEqualTo(Timestamps.text(published + 3_000));
  }
}
