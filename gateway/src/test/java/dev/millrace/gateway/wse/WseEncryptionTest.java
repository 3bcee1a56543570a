package dev.millrace.gateway.wse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.problem.ProblemException;
import dev.millrace.gateway.wse.crypto.ClientKeys;
import dev.millrace.gateway.wse.crypto.KeyDerivation;
import dev.millrace.hub.Message;
import dev.millrace.testkit.Await;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/// Sealed connections, from the exchange of keys to their end.
class WseEncryptionTest {
  private TestGateway gateway;

  @BeforeEach
  void start() throws ProblemException {
    gateway = new TestGateway(2);
  }

  @AfterEach
  void stop() {
    gateway.close();
  }

  private void publish(String type) {
    var payload = "{}".getBytes(StandardCharsets.UTF_8);
    gateway.hub.publish("a", List.of(Message.of(type, payload, true, 0)));
  }

  private static String request(String type, String payload) {
    return "{\"t\":\"" + type + "\",\"cid\":\"c-7\",\"p\":" + payload + "}";
  }

  private static String hello(String key) {
    return request("client_hello", "{\"encryption_public_key\":\"" + key + "\"}");
  }

  private static WireReader agreed(TestClient client, ClientKeys keys) throws InterruptedException {
    var reader = new WireReader(client, keys);
    var details = reader.next("server_ready").payload().path("details");
    client.send(hello(keys.answer(details.path("encryption_public_key").asString())));
    assertThat(reader.next("server_hello").framing()).isEqualTo("text");
    return reader;
  }

  private static void assertSealed(WireReader.Read read, String type) {
    assertThat(read.type()).isEqualTo(type);
    assertThat(read.framing()).isEqualTo("E:");
  }

  @ParameterizedTest
  @EnumSource
  void everythingIsSealedOnceTheClientHasShownHow(KeyDerivation derivation)
      throws InterruptedException {
    var keys = new ClientKeys(derivation);
    var reader = agreed(gateway.connect("/wse?topics=a&encryption=true"), keys);
    publish("early");
    reader.client().send(request("config_request", "{}")).send("PING:1");
    assertThat(reader.next().type()).as("what is not sealed does not wait").isEqualTo("PONG");
    assertThat(reader.client().hasNothing()).isTrue();
    reader.client().sendBinary(keys.sealed(request("health_check", "{}")));
    assertSealed(reader.next(), "config_response");
    var types = List.of(reader.next().type(), reader.next().type());
    assertThat(types).containsExactlyInAnyOrder("early", "health_check_response");
    publish("x");
    assertSealed(reader.next(), "x");
    reader.client().sendBinary(keys.sealed(request("client_hello", "{}")));
    assertThat(reader.next().framing()).as("server_hello").isEqualTo("text");
    reader.client().sendBinary(keys.sealed("{\"t\":\"ping\"}"));
    assertThat(reader.next().framing()).as("PONG").isEqualTo("text");
    gateway.clock.advance(Duration.ofSeconds(15));
    assertSealed(reader.next(), "heartbeat");
    assertThat(reader.next().framing()).as("PING").isEqualTo("text");
  }

  @Test
  void aClientThatStaysSilentIsServedByTheConfiguredDerivationAfterTwoSeconds()
      throws InterruptedException {
    var keys = new ClientKeys(KeyDerivation.SALTED);
    var reader = agreed(gateway.connect("/wse?topics=a&encryption=true"), keys);
    publish("x");
    reader.client().send(request("config_request", "{}")).send("PING:1");
    assertThat(reader.next().type()).isEqualTo("PONG");
    gateway.clock.advance(Duration.ofMillis(1_900));
    reader.client().send("PING:2");
    for (var read = reader.next(); !read.type().equals("PONG"); read = reader.next()) {
      assertThat(read.type()).isEqualTo("PING");
    }
    gateway.clock.advance(Duration.ofMillis(600));
    assertSealed(reader.next("config_response"), "config_response");
    assertSealed(reader.next("x"), "x");
  }

  @Test
  void theKeysOfAHelloAloneWorkToo() throws InterruptedException {
    var keys = new ClientKeys(KeyDerivation.UNSALTED);
    var client = gateway.connect("/wse?topics=a");
    var reader = new WireReader(client, keys);
    client.send(hello(keys.begin()));
    var payload = reader.next("server_hello").payload();
    assertThat(payload.path("features").path("encryption").asBoolean()).isTrue();
    keys.derive(payload.path("encryption_public_key").asString());
    client.sendBinary(keys.sealed(request("config_request", "{}")));
    assertSealed(reader.next(), "config_response");
    publish("x");
    assertSealed(reader.next(), "x");
  }

  @Test
  void keysAreRotatedAndGivenUp() throws Exception {
    gateway.close();
    gateway = new TestGateway(2, "encryption.rotate_every=60s");
    var keys = new ClientKeys(KeyDerivation.SALTED);
    var reader = agreed(gateway.connect("/wse?topics=a&encryption=true"), keys);
    var client = reader.client();
    client.sendBinary(keys.sealed(request("encryption_request", "{}")));
    var status = reader.next("encryption_response");
    assertThat(status.framing()).isEqualTo("E:");
    assertThat(status.payload().path("encryption_enabled").asBoolean()).isTrue();
    assertThat(status.payload().path("active_encrypted_connections").asInt()).isEqualTo(1);
    client.sendBinary(keys.sealed(request("key_rotation_request", "{}")));
    rotate(reader, keys, reader.next("key_rotation_response"));
    gateway.clock.advance(Duration.ofSeconds(61));
    rotate(reader, keys, reader.next("key_rotation_response"));
    var off = request("encryption_request", "{\"action\":\"disable\"}");
    client.sendBinary(keys.sealed(off));
    var gone = reader.next("encryption_response");
    assertThat(gone.framing()).isEqualTo("text");
    assertThat(gone.payload().path("enabled").asBoolean(true)).isFalse();
    publish("y");
    assertThat(reader.next("y").framing()).isEqualTo("binary");
    assertThat(error(client, "key_rotation_request", "{}")).isEqualTo("ENCRYPTION_REQUIRED");
    var bad = "{\"action\":\"enable\",\"public_key\":\"bad\"}";
    assertThat(error(client, "encryption_request", bad)).isEqualTo("KEY_EXCHANGE_FAILED");
    assertThat(error(client, "encryption_request", "{\"action\":\"x\"}"))
        .isEqualTo("INVALID_ACTION");
  }

  private void rotate(WireReader reader, ClientKeys keys, WireReader.Read offer)
      throws InterruptedException {
    assertThat(offer.framing()).isEqualTo("E:");
    var own = keys.answer(offer.payload().path("new_public_key").asString());
    var enable = "{\"action\":\"enable\",\"public_key\":\"" + own + "\"}";
    reader.client().send(request("encryption_request", enable));
    JsonNode on = reader.next("encryption_response").payload();
    assertThat(on.path("enabled").asBoolean()).isTrue();
    assertThat(on.path("algorithms").path("key_exchange").asString()).isEqualTo("ECDH-P256");
    publish("x");
    assertSealed(reader.next("x"), "x");
  }

  private static String error(TestClient client, String type, String payload)
      throws InterruptedException {
    return client.ask(request(type, payload), "error").path("code").asString();
  }

  @Test
  void forgedFramesAreCountedAndNothingElse() throws InterruptedException {
    var keys = new ClientKeys(KeyDerivation.SALTED);
    var reader = agreed(gateway.connect("/wse?encryption=true"), keys);
    var forged = keys.sealed(request("config_request", "{}"));
    forged[forged.length - 1] ^= 1;
    reader.client().sendBinary(forged);
    reader.client().sendBinary(keys.sealed(request("metrics_request", "{}")));
    var stats = reader.next().payload().path("connection_stats");
    assertThat(stats.path("protocol_errors").asInt()).isEqualTo(1);
  }

  @Test
  void sealedFramesCarryNumbersAndSignaturesInside() throws Exception {
    gateway.close();
    gateway = new TestGateway(2, "seq=per_connection");
    var keys = new ClientKeys(KeyDerivation.SALTED);
    var address = "/wse?topics=a&encryption=true&message_signing=true&format=msgpack";
    var reader = agreed(gateway.connect(address), keys);
    reader.client().sendBinary(keys.sealed(request("config_request", "{}")));
    assertThat(reader.next("config_response").envelope().has("sig")).isTrue();
    publish("x");
    publish("y");
    var first = reader.next();
    assertSealed(first, "x");
    assertThat(first.category()).isEqualTo("U");
    var second = reader.next();
    assertSealed(second, "y");
    assertThat(second.envelope().path("seq").asLong())
        .isEqualTo(first.envelope().path("seq").asLong() + 1);
    assertThat(second.envelope().path("sig").asString()).isNotEmpty();
  }

  @Test
  void whoLeavesWhileItIsWaitedForLeavesNothing() throws InterruptedException {
    var keys = new ClientKeys(KeyDerivation.SALTED);
    var reader = agreed(gateway.connect("/wse?topics=a&encryption=true"), keys);
    publish("x");
    reader.client().send(request("config_request", "{}")).send("PING:1");
    reader.next("PONG");
    reader.client().abort();
    Await.until("it is gone", () -> gateway.dialect.connections() == 0);
    publish("y");
    Await.until("nothing is held for it", () -> gateway.hub.stats().memoryBytes() == 0);
  }
}
