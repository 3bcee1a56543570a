package dev.millrace.gateway.wse.event;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.millrace.core.json.Json;
import dev.millrace.gateway.wse.codec.Category;
import dev.millrace.gateway.wse.codec.RandomJson;
import dev.millrace.gateway.wse.codec.WireFrame;
import dev.millrace.hub.Priority;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class EventTransformTest {
  private static final long NOW = Instant.parse("2026-03-01T09:00:00.120Z").toEpochMilli();

  private final EventTransform transform =
      new EventTransform(Map.of("OrderShipped", "order_shipped"));

  private Envelope read(String json) {
    return switch (transform.transform(WireFrame.bytes(json), NOW)) {
      case EventTransform.Outcome.Transformed(var envelope) -> envelope;
      case EventTransform.Outcome.Unreadable(var why) -> throw new AssertionError(json + why);
    };
  }

  private static String payload(Envelope envelope) {
    return WireFrame.text(envelope.payload());
  }

  private static String extras(Envelope envelope) {
    return WireFrame.text(envelope.extras());
  }

  @Test
  void anEnvelopeIsForwardedAsItIs() {
    var envelope =
        read(
            "{\"v\":1,\"t\":\"Tick\",\"p\":{\"x\" : 1.0},\"id\":\"7\",\"seq\":5,"
                + "\"ts\":\"2026-03-01T08:00:00Z\",\"pri\":10,\"cid\":\"c\",\"trace_id\": \"q\"}");
    assertThat(envelope.type()).isEqualTo("Tick");
    assertThat(payload(envelope)).isEqualTo("{\"x\" : 1.0}");
    assertThat(envelope.object()).isTrue();
    assertThat(envelope.id()).isEqualTo("7");
    assertThat(envelope.timestampMillis()).isEqualTo(NOW - 3_600_120);
    assertThat(envelope.priority()).isEqualTo(Priority.CRITICAL);
    assertThat(envelope.correlationId()).isEqualTo("c");
    assertThat(envelope.category()).isNull();
    assertThat(extras(envelope)).isEqualTo(",\"trace_id\":\"q\"");
  }

  @Test
  void whatAnEnvelopeLacksIsAdded() {
    var envelope = read("U{\"t\":\"fanout_tick\",\"p\":[1]}");
    assertThat(envelope.id()).isNull();
    assertThat(envelope.timestampMillis()).isEqualTo(NOW);
    assertThat(envelope.priority()).isEqualTo(Priority.NORMAL);
    assertThat(envelope.category()).isEqualTo(Category.U);
    assertThat(envelope.object()).isFalse();
    assertThat(extras(envelope)).isEmpty();
    var message = envelope.message();
    assertThat(message.type()).isEqualTo("fanout_tick");
    assertThat(message.payload()).isEqualTo(WireFrame.bytes("[1]"));
  }

  @Test
  void aRawEventBecomesItsOwnPayload() {
    var envelope = read("{\"event_type\":\"OrderPaid\",\"order_id\":42}");
    assertThat(envelope.type()).isEqualTo("orderpaid");
    assertThat(payload(envelope)).isEqualTo("{\"event_type\":\"OrderPaid\",\"order_id\":42}");
    assertThat(envelope.object()).isTrue();
    assertThat(envelope.id()).isNull();
    assertThat(envelope.timestampMillis()).isEqualTo(NOW);
    assertThat(extras(envelope)).isEmpty();
  }

  @Test
  void metadataIsReadAndTakenOut() {
    var envelope =
        read(
            "{\"event_type\":\"OrderPaid\",\"_metadata\":{\"event_id\":\"e1\",\"timestamp\":"
                + "\"2026-03-01T09:00:00.000000+00:00\",\"priority\":\"high\","
                + "\"correlation_id\":\"c1\",\"trace_id\":\"t1\"},\"n\":1,\"version\":3,"
                + "\"event_id\":\"no\",\"_msg_cat\":\"S\"}");
    assertThat(envelope.id()).isEqualTo("e1");
    assertThat(envelope.timestampMillis()).isEqualTo(NOW - 120);
    assertThat(envelope.priority()).isEqualTo(Priority.HIGH);
    assertThat(envelope.correlationId()).isEqualTo("c1");
    assertThat(envelope.category()).isEqualTo(Category.S);
    assertThat(payload(envelope))
        .isEqualTo("{\"event_type\":\"OrderPaid\",\"n\":1,\"version\":3,\"event_id\":\"no\"}");
    assertThat(extras(envelope))
        .isEqualTo(",\"event_version\":3,\"trace_id\":\"t1\",\"latency_ms\":120");
  }

  @Test
  void whatMetadataLacksTheEventItselfMaySay() {
    var envelope =
        read(
            "{\"type\":\"A\",\"event_id\":\"e2\",\"timestamp\":1772355600.12,\"pri\":2,"
                + "\"correlation_id\":\"c2\",\"trace_id\":\"t2\",\"payload\":{\"b\": 1}}");
    assertThat(envelope.type()).isEqualTo("a");
    assertThat(envelope.id()).isEqualTo("e2");
    assertThat(envelope.timestampMillis()).isEqualTo(NOW);
    assertThat(envelope.priority()).as("of two equally near the higher").isEqualTo(Priority.LOW);
    assertThat(envelope.correlationId()).isEqualTo("c2");
    assertThat(payload(envelope)).isEqualTo("{\"b\": 1}");
    assertThat(extras(envelope)).isEqualTo(",\"trace_id\":\"t2\",\"latency_ms\":0");
  }

  @Test
  void onlyAnObjectIsAPayloadOfItsOwn() {
    assertThat(payload(read("{\"type\":\"a\",\"payload\":[1]}")))
        .isEqualTo("{\"type\":\"a\",\"payload\":[1]}");
  }

  @Test
  void aMappedTypeSaysWhatItWas() {
    var envelope = read("{\"event_type\":\"OrderShipped\"}");
    assertThat(envelope.type()).isEqualTo("order_shipped");
    assertThat(extras(envelope)).isEqualTo(",\"original_event_type\":\"OrderShipped\"");
    assertThat(read("{\"x\":1}").type()).isEqualTo("unknown");
    assertThat(read("{\"event_type\":\"\",\"type\":\"B\"}").type()).isEqualTo("b");
    assertThat(read("{\"event_type\":5}").type()).isEqualTo("unknown");
    assertThat(read("{\"t\":\"OrderShipped\",\"p\":{}}").type()).isEqualTo("OrderShipped");
  }

  @Test
  void whatABusHasAddedGivesTheEventItsId() {
    var envelope =
        read(
            "{\"type\":\"a\",\"metadata\":{\"event_id\":\"e3\",\"published_at\":\"x\","
                + "\"priority\":9}}");
    assertThat(envelope.id()).isEqualTo("e3");
    assertThat(envelope.priority()).isEqualTo(Priority.CRITICAL);
    assertThat(read("{\"type\":\"a\",\"metadata\":{\"event_id\":\"mine\"}}").id()).isNull();
  }

  @Test
  void timesAreTextSecondsOrMilliseconds() {
    for (var time :
        List.of(
            "1772355600120",
            "1772355600.12",
            "\"2026-03-01T09:00:00.120Z\"",
            "\"2026-03-01T10:00:00.12+01:00\"")) {
      assertThat(read("{\"type\":\"a\",\"timestamp\":" + time + "}").timestampMillis())
          .as(time)
          .isEqualTo(NOW);
    }
    for (var none : List.of("\"yesterday\"", "-5", "1e300", "null", "[]", "true")) {
      var envelope = read("{\"type\":\"a\",\"timestamp\":" + none + "}");
      assertThat(envelope.timestampMillis()).as(none).isEqualTo(NOW);
      assertThat(extras(envelope)).as(none).isEmpty();
    }
    var early = read("{\"type\":\"a\",\"timestamp\":1772355700000}");
    assertThat(extras(early)).as("clocks differ").isEqualTo(",\"latency_ms\":0");
  }

  @Test
  void prioritiesAreNamesOrTheNearestNumber() {
    for (var line :
        List.of(
            "10|CRITICAL",
            "9|CRITICAL",
            "8|HIGH",
            "7|HIGH",
            "6|NORMAL",
            "5|NORMAL",
            "4|NORMAL",
            "3|LOW",
            "2|LOW",
            "1|BACKGROUND",
            "0|BACKGROUND",
            "-7|BACKGROUND",
            "99|CRITICAL",
            "99999999999999999999|CRITICAL",
            "\"critical\"|CRITICAL",
            "\"Low\"|LOW",
            "\"background\"|BACKGROUND",
            "\"urgent\"|NORMAL",
            "null|NORMAL",
            "7.5|NORMAL")) {
      var parts = line.split("\\|", -1);
      assertThat(read("{\"type\":\"a\",\"pri\":" + parts[0] + "}").priority())
          .as(line)
          .isEqualTo(Priority.valueOf(parts[1]));
    }
  }

  @Test
  void whatIsNoObjectIsUnreadable() {
    for (var text :
        List.of(
            "",
            "[]",
            "5",
            "{",
            "{}{}",
            "{} x",
            "X{}",
            "{\"a\":}",
            "{\"a\":" + "[".repeat(100_000))) {
      assertThat(transform.transform(WireFrame.bytes(text), NOW))
          .as(text.substring(0, Math.min(20, text.length())))
          .isInstanceOf(EventTransform.Outcome.Unreadable.class);
    }
    var bytes = WireFrame.bytes("{\"a\":\"__\"}");
    bytes[6] = (byte) 0xC1;
    assertThat(transform.transform(bytes, NOW))
        .isInstanceOf(EventTransform.Outcome.Unreadable.class);
  }

  @Test
  void whateverIsPublishedBecomesSoundJson() {
    long seed = new Random().nextLong();
    var random = new Random(seed);
    var json = new RandomJson(random);
    var keys =
        List.of("t", "p", "v", "id", "type", "event_type", "payload", "_metadata", "pri", "x\\\"");
    for (int i = 0; i < 6_000; i++) {
      var event = new StringBuilder("{\"timestamp\":" + json.value(0));
      for (int j = random.nextInt(6); j > 0; j--) {
        event.append(",\"").append(keys.get(random.nextInt(keys.size()))).append("\" : ");
        event.append(json.value(3));
      }
      var bytes = WireFrame.bytes(event + "}");
      anyBytesBecomeSoundJsonOrAreRefused(bytes);
      anyBytesBecomeSoundJsonOrAreRefused(json.damaged(bytes));
    }
  }

  @FuzzTest
  void anyBytesBecomeSoundJsonOrAreRefused(byte[] bytes) {
    if (transform.transform(bytes, NOW)
        instanceof EventTransform.Outcome.Transformed(var envelope)) {
      var kind = Json.kindOf(envelope.payload());
      assertThat(kind).isNotNull();
      assertThat(kind == Json.Kind.OBJECT).isEqualTo(envelope.object());
      assertThat(envelope.type()).isNotEmpty();
      var whole = "{\"p\":1" + WireFrame.text(envelope.extras()) + "}";
      assertThat(Json.kindOf(WireFrame.bytes(whole))).isEqualTo(Json.Kind.OBJECT);
    }
  }
}
