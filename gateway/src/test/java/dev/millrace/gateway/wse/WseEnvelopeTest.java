package dev.millrace.gateway.wse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.gateway.wse.codec.Timestamps;
import dev.millrace.hub.Message;
import dev.millrace.hub.MessageExtras;
import dev.millrace.hub.Priority;
import dev.millrace.hub.Stamp;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class WseEnvelopeTest {
  private static final Stamp STAMP =
      new Stamp().set(1, 1, 0x0197749e12007abcL, 0x8def0123456789abL);

  private final WseEnvelope envelope = WseEnvelope.INSTANCE;

  @Test
  void everyPublishedEventHasTheSharedFrame() {
    for (var fixture : Fixtures.read("data-frames.json")) {
      var message = message(fixture.path("given"));
      var frame = Unpooled.buffer();
      int timestampAt = envelope.encode(message, STAMP, frame);
      assertThat(frame.readableBytes()).isEqualTo(envelope.sizeLimit(message));
      assertThat(frame.toString(timestampAt, 24, StandardCharsets.US_ASCII))
          .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z");
      assertThat(Fixtures.describe(frame))
          .as(fixture.path("name").asString())
          .isEqualTo(fixture.path("opcode").asString() + " " + fixture.path("frame").asString());
    }
  }

  static Message message(JsonNode given) {
    var payload = given.path("payload").asString();
    var message =
        Message.of(
            given.path("type").asString(),
            payload.getBytes(StandardCharsets.UTF_8),
            payload.startsWith("{"),
            given.path("timestamp_millis").asLong());
    return message
        .withId(given.has("id") ? given.path("id").asString() : null)
        .withCorrelationId(
            given.has("correlation_id") ? given.path("correlation_id").asString() : null)
        .withPriority(Priority.named(given.path("priority").asString("normal")).orElseThrow())
        .withExtras(extras(given));
  }

  private static @Nullable MessageExtras extras(JsonNode given) {
    return given.has("category") || given.has("members")
        ? new MessageExtras(
            given.path("category").asStringOpt().orElse(null),
            given.path("members").asString("").getBytes(StandardCharsets.UTF_8))
        : null;
  }

  @Test
  void theSizeIsExactForEveryLengthOfHeader() {
    long seed = new Random().nextLong();
    var random = new Random(seed);
    for (int i = 0; i < 2_000; i++) {
      var payload = new byte[i % 10 == 0 ? random.nextInt(70_000) : random.nextInt(200)];
      var message =
          Message.of(word(random), payload, random.nextBoolean(), random.nextLong())
              .withId(random.nextBoolean() ? word(random) : null)
              .withCorrelationId(random.nextBoolean() ? word(random) : null)
              .withPriority(Priority.nearest(random.nextInt(12)));
      var frame = Unpooled.buffer();
      envelope.encode(message, STAMP, frame);
      assertThat(frame.readableBytes()).as("seed %d", seed).isEqualTo(envelope.sizeLimit(message));
    }
  }

  private static String word(Random random) {
    var text = new StringBuilder("x");
    for (int i = random.nextInt(20); i > 0; i--) {
      text.appendCodePoint(random.nextInt(4) == 0 ? random.nextInt(0xD000) : 'a' + i);
    }
    return text.toString();
  }

  @Test
  void timestampsAgreeWithTheCalendar() {
    long seed = new Random().nextLong();
    var random = new Random(seed);
    var format =
        DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);
    for (int i = 0; i < 20_000; i++) {
      long millis = random.nextLong(253_402_300_800_000L);
      assertThat(Timestamps.text(millis))
          .as("seed %d", seed)
          .isEqualTo(format.format(Instant.ofEpochMilli(millis)));
    }
    assertThat(Timestamps.text(-1)).isEqualTo("1970-01-01T00:00:00.000Z");
    assertThat(Timestamps.text(Long.MAX_VALUE)).isEqualTo("9999-12-31T23:59:59.999Z");
  }
}
