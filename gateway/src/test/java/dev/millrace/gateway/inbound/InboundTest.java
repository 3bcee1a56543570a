package dev.millrace.gateway.inbound;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.millrace.core.metric.Metrics;
import dev.millrace.core.time.FakeClock;
import dev.millrace.gateway.auth.TestTokens;
import dev.millrace.gateway.wse.TestClient;
import dev.millrace.gateway.wse.TestGateway;
import dev.millrace.hub.HubSpec;
import dev.millrace.testkit.Await;
import java.net.http.WebSocketHandshakeException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

@Timeout(60)
class InboundTest {
  private static String drain(int id, int max, int timeoutMillis) {
    return "{\"t\":\"drain\",\"id\":\"%d\",\"p\":{\"max\":%d,\"timeout_ms\":%d}}"
        .formatted(id, max, timeoutMillis);
  }

  private static TestClient client(TestGateway gateway) throws InterruptedException {
    var client = gateway.connect("/wse");
    client.next("server_ready");
    return client;
  }

  private static TestClient program(TestGateway gateway) {
    int before = gateway.inbound.connections();
    var program = gateway.connect("/ws/inbound");
    Await.until("it is there", () -> gateway.inbound.connections() == before + 1);
    return program;
  }

  private static JsonNode messages(TestClient program) throws InterruptedException {
    return program.next("batch").path("p").path("messages");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void whatClientsSendIsDrainedInOrderAndAnsweredToTheConnectionThatSentIt(int loops)
      throws Exception {
    try (var gateway = new TestGateway(loops)) {
      var program = program(gateway);
      var client = client(gateway);
      var other = client(gateway);
      program.send(drain(1, 10, 60_000));
      client.send("{\"t\":\"order\",\"id\":\"m1\",\"cid\":\"c1\",\"p\":{\"n\" : 1}}");
      var first = program.next("batch");
      assertThat(first.path("cid").asString()).isEqualTo("1");
      var message = first.path("p").path("messages").path(0);
      assertThat(message.path("type").asString()).isEqualTo("order");
      assertThat(message.path("id").asString()).isEqualTo("m1");
      assertThat(message.path("correlation_id").asString()).isEqualTo("c1");
      assertThat(message.path("payload").toString()).isEqualTo("{\"n\":1}");
      assertThat(message.path("ts").asString()).endsWith("Z");
      var connection = message.path("connection").asString();
      program.send(
          "{\"t\":\"reply\",\"id\":\"2\",\"p\":{\"connection\":\"%s\",\"type\":\"done\",\"correlation_id\":\"c1\",\"payload\":{ \"ok\":true }}}"
              .formatted(connection));
      assertThat(program.next("ok").path("p").path("delivered").asInt()).isEqualTo(1);
      var answer = client.next();
      assertThat(answer)
          .startsWith("binary U{\"t\":\"done\"")
          .contains("\"p\":{ \"ok\":true },", "\"cid\":\"c1\"");
      other.send("{\"t\":\"client_hello\",\"p\":{}}");
      assertThat(other.next()).contains("server_hello"); // and nothing before it
      for (int i = 0; i < 50; i++) {
        client.send("{\"t\":\"order\",\"p\":{\"n\":" + i + "}}");
      }
      var seen = new ArrayList<Integer>();
      for (int id = 3; seen.size() < 50; id++) {
        program.send(drain(id, 7, 10_000));
        messages(program).forEach(one -> seen.add(one.path("payload").path("n").asInt()));
      }
      assertThat(seen).isEqualTo(IntStream.range(0, 50).boxed().toList());
    }
  }

  @Test
  void severalProgramsShareTheMessagesAndNoneGoesTwice() throws Exception {
    try (var gateway = new TestGateway(2)) {
      var programs = List.of(program(gateway), program(gateway), program(gateway));
      var client = client(gateway);
      for (int i = 0; i < 300; i++) {
        client.send("{\"t\":\"n\",\"p\":" + i + "}");
      }
      var seen = new HashSet<Integer>();
      int count = 0;
      while (seen.size() < 300) {
        for (var program : programs) {
          program.send(drain(count, 5, 0));
          for (var one : messages(program)) {
            assertThat(seen.add(one.path("payload").asInt())).isTrue();
          }
          count++;
        }
      }
      programs.forEach(program -> program.send(drain(1, 1, 60_000)));
      programs.get(1).close();
      Await.until("it has left", () -> gateway.inbound.connections() == 2);
      client.send("{\"t\":\"n\",\"p\":1}").send("{\"t\":\"n\",\"p\":2}");
      var last = new HashSet<Integer>();
      for (var program : List.of(programs.get(0), programs.get(2))) {
        messages(program).forEach(one -> last.add(one.path("payload").asInt()));
      }
      assertThat(last).containsExactlyInAnyOrder(1, 2);
    }
  }

  @Test
  void aDrainThatWaitsInVainIsAnsweredEmptyAndOnlyOneMayWait() throws Exception {
    try (var gateway = new TestGateway(1)) {
      var program = program(gateway);
      program.send(drain(1, 5, 0));
      assertThat(messages(program)).isEmpty();
      program.send(drain(2, 5, 1_000)).send(drain(3, 5, 1_000));
      assertThat(program.next("error").path("p").path("code").asString())
          .isEqualTo("ALREADY_DRAINING");
      Await.until(
          "its time is over",
          () -> {
            gateway.clock.advance(Duration.ofMillis(100));
            return gateway.clock.nanoTime() > 2_000_000_000L;
          });
      assertThat(program.next("batch").path("cid").asString()).isEqualTo("2");
    }
  }

  @Test
  void aProgramPublishesAndRepliesToAllConnectionsOfAUser() throws Exception {
    try (var gateway = new TestGateway(1, "acl.deny=[\"secret\"]")) {
      gateway.access.apply(TestTokens.policy("auth.jwt.secret=" + TestTokens.SECRET));
      var program = gateway.connect("/ws/inbound", TestTokens.good("backend", "publisher"));
      Await.until("it is there", () -> gateway.inbound.connections() == 1);
      var ann = TestTokens.good("ann", null);
      var one = gateway.connect("/wse?topics=news", ann);
      var two = gateway.connect("/wse", ann);
      one.next("subscription_update");
      two.next("server_ready");
      one.send("{\"t\":\"x\",\"p\":{}}");
      two.send("{\"t\":\"x\",\"p\":{}}");
      Await.until("both wait", () -> gateway.queue.waiting() == 2);
      program.send("{\"t\":\"reply\",\"p\":{\"user\":\"ann\",\"type\":\"hi\",\"payload\":[1]}}");
      assertThat(program.next("ok").path("p").path("delivered").asInt()).isEqualTo(2);
      assertThat(one.next("hi").path("p").toString()).isEqualTo("{\"data\":[1]}");
      assertThat(two.next("hi").path("p").toString()).isEqualTo("{\"data\":[1]}");
      program.send(
          "{\"t\":\"publish\",\"id\":\"7\",\"p\":{\"topic\":\"news\",\"type\":\"n\",\"priority\":\"high\",\"category\":\"S\",\"payload\":{\"a\":1}}}");
      assertThat(program.next("ok").toString()).contains("\"cid\":\"7\"", "\"accepted\":1");
      var published = one.next();
      assertThat(published).startsWith("binary S{\"t\":\"n\",");
      assertThat(TestClient.envelope(published).path("pri").asInt()).isEqualTo(8);
      program.send("{\"t\":\"publish\",\"p\":{\"topic\":\"secret\",\"payload\":1}}");
      assertThat(program.next("error").path("p").path("code").asString()).isEqualTo("FORBIDDEN");
      program.send("{\"t\":\"publish\",\"p\":{\"topic\":\"a*\",\"payload\":1}}");
      assertThat(program.next("error").path("p").path("code").asString()).isEqualTo("TOPIC_NAME");
      var large = "\"" + "x".repeat(1_048_576) + "\"";
      program.send(
          "{\"t\":\"reply\",\"p\":{\"user\":\"ann\",\"type\":\"hi\",\"payload\":" + large + "}}");
      assertThat(program.next("error").path("p").path("max_size").asLong()).isEqualTo(1_048_576);
      one.close();
      two.close();
      Await.until("they are forgotten", () -> gateway.queue.respondents().size() == 0);
    }
  }

  @Test
  void withoutAProgramNothingIsKeptForLong() throws Exception {
    try (var gateway = new TestGateway(1)) {
      var client = client(gateway);
      client.send("{\"t\":\"x\",\"p\":{}}");
      Await.until(
          "it was dropped", () -> gateway.metrics.count(InboundMetric.DROPPED, "no_program") == 1);
      var program = program(gateway);
      client.send("{\"t\":\"x\",\"p\":{}}");
      Await.until("it waits", () -> gateway.queue.waiting() == 1);
      program.close();
      Await.until("it has left", () -> gateway.inbound.connections() == 0);
      client.send("{\"t\":\"x\",\"p\":{}}");
      Await.until("it waits too", () -> gateway.queue.waiting() == 2);
      gateway.clock.advance(Duration.ofSeconds(31));
      assertThat(gateway.queue.waiting()).isZero();
      assertThat(gateway.metrics.count(InboundMetric.DROPPED, "no_program")).isEqualTo(3);
    }
  }

  @Test
  void whatDoesNotFitIsDroppedCountedAndTold() {
    var metrics = new Metrics();
    var spec = TestGateway.hubSpec("inbound.messages=16", "inbound.bytes=64KiB").inbound();
    var queue = new InboundQueue(spec, new FakeClock(), metrics);
    queue.programCame();
    for (int i = 0; i < 20; i++) {
      assertThat(queue.offer(message(10))).isEqualTo(i < 16);
    }
    assertThat(metrics.count(InboundMetric.DROPPED, "messages")).isEqualTo(4);
    assertThat(queue.take(100, 1 << 20)).hasSize(16);
    assertThat(queue.offer(message(60_000))).isTrue();
    assertThat(queue.offer(message(60_000))).isFalse();
    assertThat(metrics.count(InboundMetric.DROPPED, "bytes")).isEqualTo(1);
    assertThat(queue.dropped()).isEqualTo(5);
    assertThat(queue.take(100, 1)).hasSize(1);
    assertThat(queue.offer(message(60_000))).isTrue();
    assertThat(HubSpec.defaults().inbound().messages()).isEqualTo(131_072);
  }

  private static ClientMessage message(int bytes) {
    return new ClientMessage("u", "c", "t", null, null, 0, new byte[bytes]);
  }

  @Test
  void ofMoreConnectionsThanFitTheFirstAreForgotten() {
    var known = new Respondents(2);
    for (var id : List.of("a", "b", "c")) {
      known.add("u", id, message -> {});
    }
    assertThat(known.find("a")).isEmpty();
    assertThat(known.of("u")).hasSize(2);
    known.add("v", "b", message -> {});
    assertThat(known.of("u")).hasSize(1);
    known.remove("b");
    known.remove("b");
    assertThat(known.of("v")).isEmpty();
    assertThat(known.size()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({"'', 401", "viewer, 403"})
  void onlyAPublisherGetsThroughTheDoor(String role, int status) throws Exception {
    try (var gateway = new TestGateway(1)) {
      gateway.access.apply(TestTokens.policy("auth.jwt.secret=" + TestTokens.SECRET));
      var token = role.isEmpty() ? null : TestTokens.good("ann", role);
      Assertions.assertThatThrownBy(() -> gateway.connect("/ws/inbound", token))
          .cause()
          .isInstanceOfSatisfying(
              WebSocketHandshakeException.class,
              refused -> assertThat(refused.getResponse().statusCode()).isEqualTo(status));
    }
  }

  @Test
  void aProgramTooManyIsRefusedAndAStoppingServerSendsThemToReconnect() throws Exception {
    try (var gateway = new TestGateway(1, "inbound.max_connections=1")) {
      var program = program(gateway);
      Assertions.assertThatThrownBy(() -> gateway.connect("/ws/inbound"))
          .cause()
          .isInstanceOfSatisfying(
              WebSocketHandshakeException.class,
              refused -> assertThat(refused.getResponse().statusCode()).isEqualTo(503));
      gateway.inbound.close();
      assertThat(program.closed()).isEqualTo("1012 Server restarting");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "[]",
        "{}{}",
        "{\"t\":\"sing\"}",
        "{\"t\":\"drain\",\"p\":[]}",
        "{\"t\":\"drain\",\"p\":{\"max\":-1}}",
        "{\"t\":\"drain\",\"p\":{\"timeout_ms\":\"1\"}}",
        "{\"t\":\"reply\",\"p\":{\"type\":\"x\",\"payload\":1}}",
        "{\"t\":\"reply\",\"p\":{\"user\":\"a\",\"connection\":\"b\",\"type\":\"x\",\"payload\":1}}",
        "{\"t\":\"reply\",\"p\":{\"user\":\"a\",\"type\":\"x\"}}",
        "{\"t\":\"publish\",\"p\":{\"payload\":1}}",
        "{\"t\":\"publish\",\"p\":{\"topic\":\"a\",\"payload\":1,\"priority\":\"odd\"}}",
        "{\"t\":\"publish\",\"p\":{\"topic\":\"a\",\"payload\":1,\"category\":\"odd\"}}"
      })
  void whatCannotBeReadIsAnsweredAndTheConnectionGoesOn(String frame) throws Exception {
    try (var gateway = new TestGateway(1)) {
      var program = program(gateway);
      program.send(frame).send(drain(1, 1, 0));
      assertThat(program.next("error").path("p").path("code").asString())
          .isEqualTo("INVALID_MESSAGE");
      assertThat(messages(program)).isEmpty();
    }
  }

  @FuzzTest
  void noBytesMakeTheReaderFail(byte[] data) {
    assertThat(InboundRequest.read(data, 0)).isNotNull();
  }

  @Test
  void mutatedFramesNeverMakeTheReaderFail() {
    long seed = System.nanoTime();
    var random = new Random(seed);
    var sound =
        "{\"t\":\"publish\",\"id\":\"7\",\"p\":{\"topic\":\"é\",\"max\":5,\"payload\":{\"a\":[1]}}}"
            .getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < 10_000; i++) {
      var bytes = sound.clone();
      for (int n = random.nextInt(4); n >= 0; n--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      assertThat(InboundRequest.read(bytes, 0)).as("seed %d", seed).isNotNull();
    }
  }
}
