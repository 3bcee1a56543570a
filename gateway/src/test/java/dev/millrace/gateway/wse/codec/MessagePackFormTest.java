package dev.millrace.gateway.wse.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.json.Json;
import dev.millrace.gateway.wse.WseEnvelope;
import dev.millrace.hub.Message;
import dev.millrace.hub.Priority;
import dev.millrace.hub.Stamp;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class MessagePackFormTest {
  private static final long NOW = 1_772_355_600_123L;
  private static final int MOST = 1 << 20;

  private final MessagePackForm form = new MessagePackForm(WseEnvelope.INSTANCE, MOST);
  private final MessagePackReader reader = new MessagePackReader();
  private final Stamp stamp = new Stamp().set(1, 2, 0x0123456789ab7defL, 0x8123456789abcdefL);

  private static Message message(
      String payload, Priority priority, @Nullable String id, @Nullable String correlationId) {
    return new Message(
        "tick",
        WireFrame.bytes(payload),
        payload.startsWith("{"),
        priority,
        id,
        NOW,
        correlationId);
  }

  private JsonNode packed(Message message) {
    var out = Unpooled.buffer();
    int timestampAt = form.encode(message, stamp, out);
    assertThat(out.readableBytes()).isLessThanOrEqualTo(form.sizeLimit(message));
    assertThat(out.toString(timestampAt, Timestamps.LENGTH, StandardCharsets.US_ASCII))
        .isEqualTo(Timestamps.text(NOW));
    var payload = WireFrame.payload(out);
    assertThat(payload).startsWith('M', ':');
    var json = reader.json(payload, 2, payload.length);
    assertThat(json).isNotNull();
    return Json.tree(json);
  }

  private JsonNode plain(Message message) {
    var out = Unpooled.buffer();
    WseEnvelope.INSTANCE.encode(message, stamp, out);
    var payload = WireFrame.payload(out);
    int start = Category.objectStart(payload, 0, payload.length);
    return Json.tree(Arrays.copyOfRange(payload, start, payload.length));
  }

  @Test
  void aPackedMessageSaysWhatThePlainOneSays() {
    for (var message :
        new Message[] {
          message("{\"x\":1,\"y\":[1.5,\"€\",null,true]}", Priority.NORMAL, null, null),
          message("{}", Priority.CRITICAL, "an id", "c\"1"),
          message("[1,2]", Priority.BACKGROUND, "ünïque", null),
          message("\"text\"", Priority.NORMAL, null, "c"),
        }) {
      assertThat(packed(message)).isEqualTo(plain(message));
    }
  }

  @Test
  void integersAreAsShortAsTheyCanBeAndFractionsAreWide() {
    assertThat(packedHex("{\"a\":127,\"b\":-32,\"c\":128,\"d\":256,\"e\":65536,\"f\":1.0}"))
        .isEqualTo("86a1617fa162e0a163cc80a164cd0100a165ce00010000a166cb3ff0000000000000");
    assertThat(packedHex("{\"a\":-33,\"b\":4294967296,\"c\":18446744073709551615}"))
        .isEqualTo("83a161d0dfa162cf0000000100000000a163cfffffffffffffffff");
    assertThat(packedHex("{\"a\":18446744073709551616}")).isEqualTo("81a161cb43f0000000000000");
    assertThat(packedHex("{\"a\":-9223372036854775809}")).isEqualTo("81a161cbc3e0000000000000");
  }

  private static String packedHex(String json) {
    var out = Unpooled.buffer();
    MessagePackForm.appendFrame(WireFrame.buffer(json), out);
    var payload = WireFrame.payload(out);
    return HexFormat.of().formatHex(payload, 2, payload.length);
  }

  @Test
  void halfASurrogatePairDoesNotSpoilTheFrame() {
    assertThat(packedHex("{\"a\":\"\\ud800\"}")).isEqualTo("81a161a13f");
  }

  @Test
  void aMessageThatPacksToMoreThanClientsTakeStaysPlain() {
    var list = "[" + "0.5,".repeat(200_000) + "1]";
    var message = message(list, Priority.NORMAL, "1", null);
    var out = Unpooled.buffer();
    int timestampAt = form.encode(message, stamp, out);
    assertThat(out.readableBytes()).isLessThanOrEqualTo(form.sizeLimit(message));
    assertThat(out.toString(timestampAt, Timestamps.LENGTH, StandardCharsets.US_ASCII))
        .isEqualTo(Timestamps.text(NOW));
    assertThat(WireFrame.payload(out)).startsWith('U', '{').hasSizeLessThan(MOST);
  }

  @Test
  void noMessageTakesMoreThanItsLimit() {
    long seed = new Random().nextLong();
    var random = new Random(seed);
    var json = new RandomJson(random);
    for (int i = 0; i < 3_000; i++) {
      var message = message(json.value(4), Priority.nearest(random.nextInt(12)), null, "€€€");
      assertThat(packed(message)).as("seed " + seed).isEqualTo(plain(message));
    }
    packed(message("[" + "0.5,".repeat(1_000) + "1]", Priority.NORMAL, null, null));
  }

  @Test
  void onlyAnEnvelopeIsPacked() {
    assertThatThrownBy(() -> MessagePackForm.appendFrame(WireFrame.buffer("[]"), Unpooled.buffer()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("category");
  }
}
