package dev.millrace.gateway.wse;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.millrace.core.json.Json;
import dev.millrace.hub.Priority;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class InboundDecoderTest {
  private static final long NOW = 1_750_000_000_000L;

  private static Inbound decode(String text) {
    return InboundDecoder.decode(text.getBytes(StandardCharsets.UTF_8));
  }

  private static boolean looksLikePing(String text) {
    var bytes = text.getBytes(StandardCharsets.UTF_8);
    return InboundDecoder.looksLikePing(bytes, bytes.length);
  }

  private static String payload(Inbound.Request request) {
    return new String(
        request.json(),
        request.payloadFrom(),
        request.payloadTo() - request.payloadFrom(),
        StandardCharsets.UTF_8);
  }

  @Test
  void everyMessageIsReadAsTheSharedCasesSay() {
    for (var fixture : Fixtures.read("inbound.json")) {
      var name = fixture.path("name").asString();
      var read = decode(fixture.path("bytes").asString());
      var kind =
          switch (read) {
            case Inbound.Malformed _ -> "malformed";
            case Inbound.ShortPing _ -> "short_ping";
            case Inbound.ShortPong _ -> "short_pong";
            case Inbound.Request _ -> "request";
          };
      assertThat(kind).as(name).isEqualTo(fixture.path("reads").asString());
      if (read instanceof Inbound.Request request) {
        assertThat(request.type()).as(name).isEqualTo(fixture.path("type").asString());
        assertThat(request.id()).as(name).isEqualTo(fixture.path("id").asString(null));
        assertThat(request.correlationId()).as(name).isEqualTo(fixture.path("cid").asString(null));
        assertThat(payload(request)).as(name).isEqualTo(fixture.path("payload").asString());
      }
    }
  }

  @Test
  void aShortPingRepeatsItsTime() {
    assertThat(decode("PING:17")).isEqualTo(new Inbound.ShortPing(17));
    assertThat(decode("PING:x")).isEqualTo(new Inbound.ShortPing(0));
    assertThat(looksLikePing("wse:ping:3")).isTrue();
    assertThat(looksLikePing("{\"t\":\"x\"}")).isFalse();
  }

  @Test
  void aPublishKeepsTheBytesOfItsPayload() {
    var request =
        decode(
            "U{\"t\":\"publish\",\"p\":{\"topic\":\"a\",\"payload\": {\"x\" : 1.0} ,\"id\":\"7\","
                + "\"priority\":\"High\",\"other\":[1],\"correlation_id\":\"c\"}}");
    assertThat(PublishRequest.read((Inbound.Request) request, NOW))
        .isInstanceOfSatisfying(
            PublishRequest.Outcome.Read.class,
            read -> {
              var message = read.request().message();
              assertThat(read.request().topic()).isEqualTo("a");
              assertThat(message.type()).isEqualTo("a");
              assertThat(new String(message.payload(), StandardCharsets.UTF_8))
                  .isEqualTo("{\"x\" : 1.0}");
              assertThat(message.object()).isTrue();
              assertThat(message.id()).isEqualTo("7");
              assertThat(message.correlationId()).isEqualTo("c");
              assertThat(message.priority()).isEqualTo(Priority.HIGH);
              assertThat(message.timestampMillis()).isEqualTo(NOW);
            });
  }

  @Test
  void aPublishThatLacksSomethingSaysWhat() {
    for (var wrong :
        List.of(
            "[1]|publish needs a payload with topic, type and payload",
            "{\"payload\":1}|publish needs a topic",
            "{\"topic\":\"a\"}|publish needs a payload",
            "{\"topic\":\"a\",\"payload\":1,\"priority\":\"urgent\"}|priority is critical, high,"
                + " normal, low or background")) {
      var parts = wrong.split("\\|", -1);
      var request = (Inbound.Request) decode("{\"t\":\"publish\",\"p\":" + parts[0] + "}");
      assertThat(PublishRequest.read(request, NOW))
          .isEqualTo(new PublishRequest.Outcome.Wrong(parts[1]));
    }
  }

  @Test
  void aMessageThatIsNotUtf8IsMalformedAlsoWhereTheParserWouldLetItPass() {
    var overlong = "{\"t\":\"x\",\"p\":\"__\"}".getBytes(StandardCharsets.UTF_8);
    overlong[14] = (byte) 0xC1;
    overlong[15] = (byte) 0xBC;
    assertThat(InboundDecoder.decode(overlong)).isInstanceOf(Inbound.Malformed.class);
  }

  @Test
  void damagedMessagesNeverThrowAndPayloadsAreAlwaysWholeValues() {
    long seed = new Random().nextLong();
    var random = new Random(seed);
    var samples =
        Fixtures.read("inbound.json").stream()
            .map(fixture -> fixture.path("bytes").asString().getBytes(StandardCharsets.UTF_8))
            .toList();
    for (int i = 0; i < 20_000; i++) {
      var bytes = damaged(samples.get(random.nextInt(samples.size())), random);
      checkOne(bytes, "seed " + seed + ", " + Arrays.toString(bytes));
    }
  }

  private static byte[] damaged(byte[] sample, Random random) {
    var bytes = Arrays.copyOf(sample, random.nextInt(6) == 0 ? random.nextInt(80) : sample.length);
    for (int i = random.nextInt(4); i > 0 && bytes.length > 0; i--) {
      bytes[random.nextInt(bytes.length)] =
          random.nextBoolean()
              ? (byte) random.nextInt(256)
              : (byte) "{}[]\":,\\tpPING0-e".charAt(random.nextInt(17));
    }
    return bytes;
  }

  @FuzzTest
  void anyBytesAreReadWithoutFailing(byte[] bytes) {
    checkOne(bytes, Arrays.toString(bytes));
  }

  private static void checkOne(byte[] bytes, String described) {
    if (InboundDecoder.decode(bytes) instanceof Inbound.Request request) {
      if (request.payloadFrom() < request.payloadTo()) {
        var value = Arrays.copyOfRange(request.json(), request.payloadFrom(), request.payloadTo());
        assertThat(Json.kindOf(value)).as(described).isNotNull();
      }
      assertThat(request.payload()).isNotNull();
      assertThat(PublishRequest.read(request, NOW)).isNotNull();
    }
  }
}
