package dev.millrace.gateway.wse.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.millrace.core.json.Json;
import dev.millrace.gateway.wse.codec.RandomJson;
import dev.millrace.gateway.wse.codec.WireFrame;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MessageSignerTest {
  private static final long NOW = 1_772_355_600_123L;
  private static final byte[] SECRET = WireFrame.bytes("a secret of thirty-two characters");
  private static final byte[] PAYLOAD = WireFrame.bytes("{\"b\":1,\"a\":\"ä\"}");

  private final SecureRandom random = new SecureRandom();
  private final MessageSigner hmac = MessageSigner.withHmac(SECRET, random);
  private final MessageSigner tokens = MessageSigner.withTokens(SECRET, random);

  @Test
  void aSignatureIsHashTimeNonceAndHmac() {
    var signature = hmac.sign(PAYLOAD, NOW);
    assertThat(signature).matches("[0-9a-f]{64}:1772355600\\.123:[0-9a-f]{16}:[0-9a-f]{64}");
    // python3: hashlib.sha256(json.dumps({"b":1,"a":"ä"}, sort_keys=True).encode()).hexdigest()
    assertThat(signature).startsWith(MessageSigner.hash(PAYLOAD));
    assertThat(MessageSigner.hash(WireFrame.bytes("{ \"a\" : \"\\u00e4\", \"b\":1 }")))
        .isEqualTo(MessageSigner.hash(PAYLOAD));
    int last = signature.lastIndexOf(':');
    assertThat(signature.substring(last + 1))
        .isEqualTo(Digests.hmacHex(SECRET, signature.substring(0, last)));
    assertThat(hmac.sign(PAYLOAD, NOW)).as("another nonce").isNotEqualTo(signature);
  }

  @Test
  void theHashIsTheOnePythonComputes() {
    assertThat(MessageSigner.hash(WireFrame.bytes("{}")))
        .isEqualTo("44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
  }

  @Test
  void aTokenHoldsTheHash() {
    var token = tokens.sign(PAYLOAD, NOW);
    var claims = Json.tree(Base64.getUrlDecoder().decode(token.split("\\.", -1)[1]));
    assertThat(claims.path("sub").asString()).isEqualTo("ws_message");
    assertThat(claims.path("hash").asString()).isEqualTo(MessageSigner.hash(PAYLOAD));
    assertThat(claims.path("signed_at").asDouble()).isEqualTo(1_772_355_600.123);
    assertThat(claims.path("nonce").asString()).matches("[0-9a-f]{16}");
  }

  @Test
  void onlyItsOwnSignatureOfTheSamePayloadIsVerified() {
    for (var signer : List.of(hmac, tokens)) {
      var signature = signer.sign(PAYLOAD, NOW);
      assertThat(signer.verify(signature, PAYLOAD)).isTrue();
      assertThat(signer.verify(signature, WireFrame.bytes("{\"a\": \"ä\", \"b\": 1}"))).isTrue();
      assertThat(signer.verify(signature, WireFrame.bytes("{\"a\":\"ä\",\"b\":2}"))).isFalse();
      for (int at = 0; at < signature.length(); at += 7) {
        var touched = new StringBuilder(signature);
        touched.setCharAt(at, touched.charAt(at) == 'a' ? 'b' : 'a');
        assertThat(signer.verify(touched.toString(), PAYLOAD)).as("at " + at).isFalse();
      }
      for (var other : List.of("", ":", ":::", "a.b", "a.b.c", ".", "..", "x".repeat(10_000))) {
        assertThat(signer.verify(other, PAYLOAD)).isFalse();
      }
      assertThat(MessageSigner.withHmac(new byte[32], random).verify(signature, PAYLOAD)).isFalse();
    }
  }

  @Test
  void aTokenOfAnotherAlgorithmOrSubjectIsNotBelieved() {
    var claims = Json.mapper().createObjectNode().put("sub", "other");
    claims.put("hash", MessageSigner.hash(PAYLOAD));
    assertThat(tokens.verify(Hs256.sign(SECRET, claims), PAYLOAD)).isFalse();
    var encoder = Base64.getUrlEncoder().withoutPadding();
    var body = encoder.encodeToString(WireFrame.bytes("{}"));
    for (var header : List.of("{\"alg\":\"none\"}", "{}", "[]", "nonsense")) {
      var signed = encoder.encodeToString(WireFrame.bytes(header)) + "." + body;
      var mac = encoder.encodeToString(Digests.hmac(SECRET, WireFrame.bytes(signed)));
      assertThat(Hs256.verify(SECRET, signed + "." + mac)).as(header).isEmpty();
      assertThat(Hs256.verify(SECRET, signed + ".")).as(header).isEmpty();
    }
  }

  @Test
  void aSignedEnvelopeIsTheEnvelopeWithASignatureOfItsPayload() {
    var json = "U{\"t\":\"x\",\"p\": {\"b\" : 1,\"a\":\"ä\"} ,\"v\":1}";
    var signed = WireFrame.text(SignedEnvelope.of(WireFrame.bytes(json), 1, hmac, NOW));
    assertThat(signed)
        .startsWith("U{\"t\":\"x\",\"p\": {\"b\" : 1,\"a\":\"ä\"} ,\"v\":1,\"sig\":\"");
    var tree = Json.tree(WireFrame.bytes(signed.substring(1)));
    assertThat(hmac.verify(tree.path("sig").asString(), PAYLOAD)).isTrue();
    var bare = SignedEnvelope.of(WireFrame.bytes("{\"t\":\"PING\"}"), 0, tokens, NOW);
    assertThat(tokens.verify(Json.tree(bare).path("sig").asString(), WireFrame.bytes("{}")))
        .isTrue();
  }

  @Test
  void damagedSignaturesNeverFail() {
    long seed = new Random().nextLong();
    var json = new RandomJson(new Random(seed));
    for (int i = 0; i < 2_000; i++) {
      anyTextIsVerifiedWithoutFailing(json.damaged(WireFrame.bytes(hmac.sign(PAYLOAD, NOW))));
      anyTextIsVerifiedWithoutFailing(json.damaged(WireFrame.bytes(tokens.sign(PAYLOAD, NOW))));
    }
  }

  @FuzzTest
  void anyTextIsVerifiedWithoutFailing(byte[] bytes) {
    var text = new String(bytes, StandardCharsets.ISO_8859_1);
    hmac.verify(text, PAYLOAD);
    tokens.verify(text, PAYLOAD);
  }
}
