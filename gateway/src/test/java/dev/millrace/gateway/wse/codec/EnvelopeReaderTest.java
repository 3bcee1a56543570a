package dev.millrace.gateway.wse.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.millrace.core.json.Json;
import dev.millrace.gateway.wse.WseEnvelope;
import dev.millrace.hub.FrameView;
import dev.millrace.hub.Message;
import dev.millrace.hub.Priority;
import dev.millrace.hub.Stamp;
import dev.millrace.hub.WireForm;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EnvelopeReaderTest {
  private static final int ROUNDS = 500;
  private static final List<String> TOPICS =
      List.of("a", "orders.eu", "x\"y\\z", "ümläut:漢", ",\"tp\":\"b\"", "n".repeat(300));

  private static ByteBuf encoded(WireForm form, Message message, Stamp stamp) {
    int limit = form.sizeLimit(message, stamp);
    var out = Unpooled.buffer(limit, limit); // more would throw
    form.encode(message, stamp, out);
    return out;
  }

  private static Stamp stamp(Random random) {
    return new Stamp()
        .in(TOPICS.get(random.nextInt(TOPICS.size())))
        .set(random.nextInt(), 1 + (random.nextLong() >>> (12 + random.nextInt(50))), 3, 4);
  }

  private static Message message(Random random) {
    var payload =
        "{\"n\":" + random.nextInt() + ",\"p\":[\"" + "x".repeat(random.nextInt(900)) + "\"]}";
    return Message.of(
            random.nextBoolean() ? "news" : "ty\"pe_snapshot",
            payload.getBytes(StandardCharsets.UTF_8),
            true,
            1_750_000_000_000L + random.nextInt())
        .withId("id\u20ac" + random.nextInt())
        .withPriority(Priority.nearest(1 + random.nextInt(10)))
        .withCorrelationId(random.nextBoolean() ? null : "c\n" + random.nextInt());
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void whatWasWrittenIsReadBackWithStampsOrWithout(long seed) {
    var random = new Random(seed);
    for (int round = 0; round < ROUNDS; round++) {
      var form = random.nextBoolean() ? WseEnvelope.STAMPED : WseEnvelope.INSTANCE;
      var message = message(random);
      var stamp = stamp(random);
      var frame = encoded(form, message, stamp);
      assertThat(frame.readableBytes()).isEqualTo(form.sizeLimit(message, stamp));
      assertThat(frame.readableBytes()).isLessThanOrEqualTo(form.sizeLimit(message));
      var read = EnvelopeReader.message(frame, 0, frame.readableBytes());
      assertThat(read)
          .as("seed %d, round %d", seed, round)
          .usingRecursiveComparison()
          .isEqualTo(message);
      var json = json(frame);
      assertThat(json.path("tp").asString(""))
          .isEqualTo(form == WseEnvelope.STAMPED ? stamp.topic() : "");
      if (form == WseEnvelope.STAMPED) {
        assertThat(json.path("e").asString()).isEqualTo(Stamps.epoch(stamp.epoch()));
        assertThat(json.path("o").asLong()).isEqualTo(stamp.offset());
      }
    }
  }

  private static tools.jackson.databind.JsonNode json(ByteBuf frame) {
    int header = FrameContent.headerBytes(frame, 0);
    var body = ByteBufUtil.getBytes(frame, header, frame.readableBytes() - header);
    int from = Category.objectStart(body, 0, body.length);
    return Json.tree(java.util.Arrays.copyOfRange(body, from, body.length));
  }

  @Test
  void keptFramesBecomeTheSameAsIfTheyHadBeenWrittenInTheOtherForm() {
    var random = new Random(3);
    try (var threads = new CompressionThreads(1, 1 << 20, 1 << 20);
        var compressed = new CompressedForm(WseEnvelope.INSTANCE, 6, 200, threads)) {
      var packed = new MessagePackForm(WseEnvelope.INSTANCE, 1 << 20);
      for (var form :
          List.of(
              WseEnvelope.INSTANCE, compressed, compressed.stamped(), packed, packed.stamped())) {
        assertThat(form.readable()).isEqualTo(WseEnvelope.INSTANCE);
        assertThat(form.stamped().showsGaps()).isTrue();
        assertThat(form.stamped().stamped()).isEqualTo(form.stamped());
        var reencoder = form.reencoderOf(WseEnvelope.STAMPED);
        for (int round = 0; round < 200; round++) {
          var message = message(random);
          var stamp = stamp(random);
          var kept = encoded(WseEnvelope.STAMPED, message, stamp);
          var view = FrameView.of(stamp.topic(), kept, message.priority(), -1, stamp, 7);
          var out = Unpooled.buffer();
          assertThat(reencoder).isNotNull();
          reencoder.reencode(view, out);
          assertThat(out).as(form.name()).isEqualTo(encoded(form, message, stamp));
        }
      }
    }
  }

  @Test
  void framesOfAnyFormBecomeThoseOfAnother() {
    var random = new Random(5);
    try (var threads = new CompressionThreads(1, 1 << 20, 1 << 20);
        var compressed = new CompressedForm(WseEnvelope.INSTANCE, 6, 200, threads)) {
      var packed = new MessagePackForm(WseEnvelope.INSTANCE, 1 << 20);
      var plain = WseEnvelope.INSTANCE;
      for (var from : List.of(plain, compressed, packed)) {
        for (var to : List.of(plain, compressed, packed)) {
          var reencoder = Objects.requireNonNull(to.reencoderOf(from));
          for (int round = 0; round < 100; round++) {
            var payload =
                "{\"n\":" + random.nextInt() + ",\"s\":\"" + "é".repeat(round * 5) + "\"}";
            var message =
                Message.of("x", WireFrame.bytes(payload), true, 7)
                    .withId("id" + round)
                    .withPriority(Priority.HIGH);
            var stamp = stamp(random);
            var view =
                FrameView.of("t", encoded(from, message, stamp), message.priority(), -1, stamp, 7);
            var out = Unpooled.buffer();
            reencoder.reencode(view, out);
            assertThat(out)
                .as("%s to %s", from.name(), to.name())
                .isEqualTo(encoded(to, message, stamp));
          }
        }
      }
    }
  }

  @FuzzTest
  void whatIsNoFrameIsSaidSo(byte[] data) {
    try {
      EnvelopeReader.message(Unpooled.wrappedBuffer(data), 0, data.length);
    } catch (IllegalStateException noFrame) {
      assertThat(EnvelopeReader.entry(1, Unpooled.wrappedBuffer(data))).isNull();
    }
  }

  @Test
  void mutatedFramesAreReadOrRefused() {
    var random = new Random(4);
    for (int round = 0; round < 2_000; round++) {
      var frame = encoded(WseEnvelope.STAMPED, message(random), stamp(random));
      var bytes = ByteBufUtil.getBytes(frame);
      for (int i = random.nextInt(4); i >= 0; i--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      whatIsNoFrameIsSaidSo(java.util.Arrays.copyOf(bytes, bytes.length - random.nextInt(3)));
    }
  }
}
