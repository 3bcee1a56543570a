package dev.millrace.gateway.wse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.json.Json;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.spec.Spec;
import dev.millrace.gateway.wse.crypto.ClientKeys;
import dev.millrace.gateway.wse.crypto.KeyDerivation;
import dev.millrace.gateway.wse.crypto.MessageSigner;
import dev.millrace.hub.HubMetric;
import dev.millrace.hub.Message;
import dev.millrace.hub.MessageExtras;
import dev.millrace.hub.PublishOutcome;
import dev.millrace.net.NetSpec;
import dev.millrace.net.websocket.WebSocketLimits;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// Signatures by type, for everybody, and with a secret that others have too.
@Timeout(60)
class WseSigningTest {
  private static final String SECRET = "0123456789abcdef0123456789abcdef";
  private static final String TYPES = "signing.types=[\"trade\",\"account_*\",\"error\"]";
  private static final MessageSigner SIGNER =
      MessageSigner.withTokens(utf8(SECRET), new SecureRandom());

  private TestGateway gateway;

  @BeforeEach
  void start() throws ProblemException {
    gateway = new TestGateway(2, TYPES, "signing.secret=" + SECRET, "recovery.enabled=true");
  }

  @AfterEach
  void stop() {
    gateway.close();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private void publish(String type, String payload, boolean object) {
    gateway.hub.publish(
        "a", List.of(Message.of(type, utf8(payload), object, gateway.clock.epochMillis())));
  }

  private WireReader reader(String query) throws InterruptedException {
    var reader = new WireReader(gateway.connect("/wse?topics=a" + query));
    reader.next("subscription_update");
    return reader;
  }

  private static void assertSigned(JsonNode envelope) {
    var payload = utf8(envelope.path("p").toString());
    assertThat(SIGNER.verify(envelope.path("sig").asString(""), payload))
        .as(envelope.toString())
        .isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "&compression=false", "&format=msgpack"})
  void listedTypesAreSignedOnceForEverybodyInEveryForm(String query) throws Exception {
    var one = reader(query);
    var other = reader(query);
    var lengthy = "{\"n\":1,\"text\":\"" + "long ".repeat(500) + "\"}";
    for (var payload : List.of("{\"b\":1.5,\"a\":\"é\"}", lengthy, "7")) {
      publish("trade", payload, payload.startsWith("{"));
      var read = one.next("trade");
      assertSigned(read.envelope());
      assertThat(other.next("trade").envelope()).isEqualTo(read.envelope());
    }
    publish("account_opened", "{}", true);
    assertSigned(one.next("account_opened").envelope());
    publish("account", "{}", true);
    assertThat(one.next("account").envelope().has("sig")).isFalse();
  }

  @Test
  void whatWasKeptComesBackWithTheSignatureItHad() throws InterruptedException {
    var first = reader("");
    publish("trade", "{\"n\":1}", true);
    var live = first.next("trade").envelope();
    var client = gateway.connect("/wse?format=msgpack");
    client.send(Publications.comeBack("a", live.path("e").asString(), live.path("o").asLong() - 1));
    var again = new WireReader(client).next("trade").envelope();
    assertThat(again.path("sig")).isEqualTo(live.path("sig"));
  }

  @Test
  void whatTheServerSaysItselfIsSignedByTypeToo() throws InterruptedException {
    var reader = reader("");
    reader.client().send("{\"t\":\"subscription\",\"p\":{\"action\":\"x\",\"topics\":[\"a\"]}}");
    assertSigned(reader.next("error").envelope());
    reader.client().send("{\"t\":\"config_request\"}");
    assertThat(reader.next("config_response").envelope().has("sig")).isFalse();
  }

  @Test
  void whoAsksForSignaturesHasEverythingSignedWithTheSecret() throws Exception {
    gateway.close();
    gateway = new TestGateway(1, TYPES, "signing.secret=" + SECRET);
    var one = reader("&message_signing=true");
    var other = reader("&message_signing=true&compression=false");
    publish("plain", "{\"n\":1}", true);
    publish("trade", "{\"n\":2}", true);
    var plain = one.next("plain").envelope();
    assertSigned(plain);
    assertThat(other.next("plain").envelope()).isEqualTo(plain);
    assertSigned(one.next("trade").envelope());
    one.client().send("{\"t\":\"config_request\"}");
    assertSigned(one.next("config_response").envelope());
  }

  @Test
  void aSignatureOfAnotherProgramStays() throws InterruptedException {
    var reader = reader("&message_signing=true");
    var message = Message.of("trade", utf8("{}"), true, gateway.clock.epochMillis());
    gateway.hub.publish(
        "a",
        List.of(
            message.withExtras(new MessageExtras(null, utf8(",\"sig\":\"theirs\""))),
            message.withExtras(new MessageExtras(null, utf8(",\"x\":{\"sig\":1}")))));
    assertThat(reader.next("trade").envelope().path("sig").asString()).isEqualTo("theirs");
    assertSigned(reader.next("trade").envelope());
  }

  @Test
  void aMessageThatCannotBeSignedIsLeftOutAndCounted() throws InterruptedException {
    var reader = reader("");
    publish("trade", "1".repeat(2_000), false); // no JSON library reads such a number
    publish("trade", "{}", true);
    assertThat(reader.next("trade").payload().toString()).isEqualTo("{}");
    assertThat(gateway.metrics.count(HubMetric.REFUSED, "unencodable")).isEqualTo(1);
  }

  @Test
  void theSecretChangesWhileTheServerRuns() throws InterruptedException {
    var reader = reader("");
    var other = "another secret of more than 32 bytes";
    var spec = TestGateway.hubSpec(TYPES, "signing.secret=" + other);
    gateway.dialect.apply(spec, WebSocketLimits.of(Spec.of(NetSpec.class).defaults()));
    publish("trade", "{}", true);
    var sig = reader.next("trade").envelope().path("sig").asString();
    assertThat(SIGNER.verify(sig, utf8("{}"))).isFalse();
    assertThat(MessageSigner.withTokens(utf8(other), new SecureRandom()).verify(sig, utf8("{}")))
        .isTrue();
  }

  @Test
  void withoutASecretSignaturesShowTheHash() throws Exception {
    gateway.close();
    gateway = new TestGateway(1, TYPES);
    var reader = reader("");
    publish("trade", "{\"n\":1}", true);
    var sig = reader.next("trade").envelope().path("sig").asString();
    assertThat(sig).startsWith(MessageSigner.hash(utf8("{\"n\":1}")) + ":");
    assertThat(security(reader.client()).path("token_provider").asString())
        .isEqualTo("HMAC-SHA256");
  }

  @Test
  void clientsAreToldWhatHolds() throws Exception {
    var security = security(gateway.connect("/wse"));
    assertThat(security.path("token_provider").asString()).isEqualTo("JWT-HS256");
    assertThat(security.path("message_signing_enabled").asBoolean()).isTrue();
    assertThat(security.path("encryption_provider").isNull()).isTrue();
    gateway.close();
    gateway = new TestGateway(1);
    security = security(gateway.connect("/wse"));
    assertThat(security.path("message_signing_enabled").asBoolean(true)).isFalse();
    security = security(gateway.connect("/wse?message_signing=true"));
    assertThat(security.path("message_signing_enabled").asBoolean()).isTrue();
  }

  private static JsonNode security(TestClient client) throws InterruptedException {
    return client.ask("{\"t\":\"encryption_request\"}", "encryption_response");
  }

  @Test
  void whoAgreesAKeyMayAskForSignaturesWithIt() throws InterruptedException {
    var keys = new ClientKeys(KeyDerivation.SALTED);
    var client = gateway.connect("/wse?topics=a");
    var reader = new WireReader(client, keys);
    client.send("{\"t\":\"encryption_request\",\"p\":{\"action\":\"enable\",\"signing\":true}}");
    var key = reader.next("encryption_response").payload().path("public_key").asString();
    publish("plain", "{\"n\":1}", true);
    assertSigned(reader.next("plain").envelope());
    client.send(
        "{\"t\":\"encryption_request\",\"p\":{\"action\":\"enable\",\"public_key\":\""
            + keys.answer(key)
            + "\"}}");
    reader.next("encryption_response");
    client.sendBinary(keys.sealed("{\"t\":\"config_request\"}"));
    assertSigned(reader.next("config_response").envelope());
    publish("plain", "{\"n\":2}", true);
    var sealed = reader.next("plain");
    assertThat(sealed.framing()).isEqualTo("E:");
    assertSigned(sealed.envelope());
  }

  @Test
  void aLongerFrameIsStillWithinWhatClientsTake() {
    int most = (int) gateway.hub.maxMessageBytes();
    var payload = Json.bytes(Json.mapper().createObjectNode().put("t", "x".repeat(most - 400)));
    var outcome =
        gateway.hub.publish(
            "a", List.of(Message.of("trade", payload, true, gateway.clock.epochMillis())));
    assertThat(outcome).isInstanceOf(PublishOutcome.Refused.class);
  }
}
