package dev.millrace.connect.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.millrace.core.json.Json;
import dev.millrace.hub.Message;
import dev.millrace.hub.MessageExtras;
import dev.millrace.hub.Priority;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class EnvelopeCodecTest {
  private static final long NOW = 1_750_000_000_123L;
  private static final EnvelopeCodec CODEC = new EnvelopeCodec(BusCodec.RawEvents.WHOLE);

  @Test
  void whatIsPublishedIsTheClientsEnvelopeWithoutACategory() {
    var message =
        new Message("price", utf8("{\"a\":1.10}"), true, Priority.HIGH, "i1", 1_000, "c\"1");
    assertThat(new String(CODEC.encode("t", message), StandardCharsets.UTF_8))
        .isEqualTo(
            "{\"t\":\"price\",\"id\":\"i1\",\"ts\":\"1970-01-01T00:00:01.000Z\","
                + "\"p\":{\"a\":1.10},\"pri\":8,\"cid\":\"c\\\"1\",\"v\":1}");
  }

  @Test
  void anEnvelopeComesBackWithEveryFieldAndThePayloadsBytes() {
    var message = new Message("price", utf8("{\"a\":1.10}"), true, Priority.LOW, "i1", 1_234, "c1");
    var back = decoded(CODEC.encode("t", message));
    assertThat(back).usingRecursiveComparison().isEqualTo(message);
  }

  @Test
  void aPayloadThatIsNoObjectStandsInOne() {
    var message = Message.of("n", utf8("[1,2]"), false, 0).withId("x");
    var back = decoded(CODEC.encode("t", message));
    assertThat(back.object()).isTrue();
    assertThat(FakeHub.text(back)).isEqualTo("{\"data\":[1,2]}");
  }

  @Test
  void theCategoryAndFurtherMembersThatAPublisherChoseComeBack() {
    var members = utf8(",\"trace_id\":\"é\",\"latency_ms\":3");
    for (var extras :
        new MessageExtras[] {
          new MessageExtras("S", members),
          new MessageExtras(null, members),
          new MessageExtras("WSE", new byte[0])
        }) {
      var message = Message.of("price", utf8("{}"), true, 7).withId("i").withExtras(extras);
      assertThat(decoded(CODEC.encode("t", message))).usingRecursiveComparison().isEqualTo(message);
    }
    var text = new String(CODEC.encode("t", decoded(utf8("S{\"t\":\"a\",\"p\":1}"))), UTF_8);
    assertThat(text).startsWith("{").endsWith(",\"_msg_cat\":\"S\",\"v\":1}");
  }

  @Test
  void whatEveryInstanceGivesAnewIsNotTakenOver() {
    var foreign =
        "{\"t\":\"a\",\"p\":{},\"seq\":[1],\"v\":2,\"sig\":\"x\",\"tp\":\"t\",\"e\":\"0\",\"o\":3,"
            + "\"_msg_cat\":\"X\",\"event_version\":2}";
    var extras = Objects.requireNonNull(decoded(utf8(foreign)).extras());
    assertThat(extras.category()).isNull();
    assertThat(new String(extras.members(), UTF_8)).isEqualTo(",\"event_version\":2");
    assertThat(decoded(utf8("{\"t\":\"a\",\"p\":{},\"v\":1}")).extras()).isNull();
  }

  @Test
  void aCategoryMayStandInFront() {
    var message = decoded(utf8("WSE{\"t\":\"a\",\"p\":{}}"));
    assertThat(message.type()).isEqualTo("a");
    assertThat(Objects.requireNonNull(message.extras()).category()).isEqualTo("WSE");
    assertThat(decoded(utf8("ZZ{\"t\":\"a\",\"p\":{}}")).extras()).isNull();
    assertThat(CODEC.decode("t", utf8("LONGER{\"t\":\"a\",\"p\":{}}"), NOW)).isNull();
  }

  @Test
  void anEnvelopeOfTypeAndPayloadIsCompleted() {
    var back = decoded(utf8("{\"t\":\"a\",\"p\":{\"x\":1}}"));
    assertThat(back.timestampMillis()).isEqualTo(NOW);
    assertThat(back.id()).isNull();
    assertThat(back.priority()).isEqualTo(Priority.NORMAL);
  }

  @Test
  void timesOfAnyZoneAndInMillisecondsAreRead() {
    assertThat(decoded(utf8("{\"t\":\"a\",\"p\":1,\"ts\":\"1970-01-01T01:00:01+01:00\"}")))
        .extracting(Message::timestampMillis)
        .isEqualTo(1_000L);
    assertThat(decoded(utf8("{\"t\":\"a\",\"p\":1,\"ts\":77}")).timestampMillis()).isEqualTo(77);
    assertThat(decoded(utf8("{\"t\":\"a\",\"p\":1,\"ts\":\"soon\"}")).timestampMillis())
        .isEqualTo(NOW);
  }

  @Test
  void anythingElseThatIsJsonIsARawEventOfItsTopic() {
    var object = decoded(utf8("{\"event_type\":\"x\",\"n\":1}"));
    assertThat(object.type()).isEqualTo("t");
    assertThat(FakeHub.text(object)).isEqualTo("{\"event_type\":\"x\",\"n\":1}");
    assertThat(object.object()).isTrue();
    assertThat(decoded(utf8("[1]")).object()).isFalse();
    assertThat(decoded(utf8("{\"t\":{},\"p\":1}")).type()).isEqualTo("t");
  }

  @Test
  void whatIsNoJsonIsRefused() {
    for (var text : new String[] {"", "hello", "{\"t\":1", "{} {}", "{\"t\":\"a\",\"p\":01}"}) {
      assertThat(CODEC.decode("t", utf8(text), NOW)).as(text).isNull();
    }
    assertThat(CODEC.decode("t", new byte[] {'"', (byte) 0xC0, '"'}, NOW)).isNull();
  }

  @Test
  void mutatedEnvelopesAreRefusedOrMakeSense() {
    long seed = 20_261;
    var random = new SplittableRandom(seed);
    var whole =
        CODEC.encode(
            "t",
            new Message("price", utf8("{\"a\":[1,{}]}"), true, Priority.HIGH, "i", 9, "c")
                .withExtras(new MessageExtras("S", utf8(",\"x\":{\"y\":1},\"z\":\"2\""))));
    for (int i = 0; i < 5_000; i++) {
      var mutated = Arrays.copyOf(whole, random.nextInt(whole.length + 1));
      for (int n = random.nextInt(4); n > 0 && mutated.length > 0; n--) {
        mutated[random.nextInt(mutated.length)] = (byte) random.nextInt(256);
      }
      check(mutated, "seed " + seed + ", round " + i);
    }
  }

  @FuzzTest
  void whateverComesIsRefusedOrMakesSense(byte[] payload) {
    check(payload, "fuzzed");
  }

  /// A payload that is delivered is one JSON value, and survives another trip.
  private static void check(byte[] payload, String hint) {
    @Nullable Message message = CODEC.decode("t", payload, NOW);
    if (message == null) {
      return;
    }
    var kind = Json.kindOf(message.payload());
    assertThat(kind).as(hint).isNotNull();
    assertThat(message.object()).as(hint).isEqualTo(kind == Json.Kind.OBJECT);
    var extras = message.extras();
    if (extras != null && extras.members().length > 0) {
      var object = Arrays.copyOf(extras.members(), extras.members().length + 1);
      object[0] = '{';
      object[object.length - 1] = '}';
      assertThat(Json.kindOf(object)).as(hint).isEqualTo(Json.Kind.OBJECT);
    }
    if (message.timestampMillis() == NOW) {
      assertThat(CODEC.decode("t", CODEC.encode("t", message), NOW)).as(hint).isNotNull();
    }
  }

  private static Message decoded(byte[] payload) {
    return Objects.requireNonNull(CODEC.decode("t", payload, NOW));
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
