package dev.millrace.gateway.wse;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.millrace.core.json.Json;
import dev.millrace.gateway.wse.SubscribeOptions.Reading;
import dev.millrace.hub.Position;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.node.ObjectNode;

class SubscribeOptionsTest {
  private static final String EVERYTHING =
      "{\"action\":\"subscribe\",\"topics\":[\"a\"],\"filters\":{\"p.x\":{\"$gt\":1}},"
          + "\"queue\":\"workers\",\"recover\":true,\"recovery\":{\"a\":{\"epoch\":\"00ffeeDD\","
          + "\"offset\":12}},\"presence\":true,\"presence_data\":{\"name\":\"Ann\"},"
          + "\"conflate_ms\":250}";

  private static Reading read(String json) {
    return SubscribeOptions.read((ObjectNode) Json.tree(json.getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void aPlainSubscriptionIsTheOneThatAllShare() {
    assertThat(read("{\"topics\":[\"a\"],\"filters\":null,\"presence\":false}"))
        .isEqualTo(new Reading.Read(SubscribeOptions.PLAIN));
    assertThat(((Reading.Read) read("{}")).options()).isSameAs(SubscribeOptions.PLAIN);
  }

  @Test
  void everyKeyIsRead() {
    assertThat(read(EVERYTHING))
        .isEqualTo(
            new Reading.Read(
                new SubscribeOptions(
                    "{\"p.x\":{\"$gt\":1}}",
                    "workers",
                    true,
                    Map.of("a", new Position(0x00ffeedd, 12)),
                    "{\"name\":\"Ann\"}",
                    250)));
    var options = ((Reading.Read) read("{\"recover\":true}")).options();
    assertThat(options.withoutRecovery()).isSameAs(SubscribeOptions.PLAIN);
    assertThat(((Reading.Read) read("{\"presence\":{\"a\":1}}")).options().presence())
        .isEqualTo("{\"a\":1}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"filters\":[]}",
        "{\"filters\":1}",
        "{\"queue\":\"\"}",
        "{\"queue\":7}",
        "{\"recover\":1}",
        "{\"recovery\":[]}",
        "{\"recovery\":{\"a\":7}}",
        "{\"recovery\":{\"a\":{\"epoch\":\"123\",\"offset\":1}}}",
        "{\"recovery\":{\"a\":{\"epoch\":\"0000000g\",\"offset\":1}}}",
        "{\"recovery\":{\"a\":{\"epoch\":\"00000000\",\"offset\":1.5}}}",
        "{\"conflate_ms\":-1}",
        "{\"conflate_ms\":1e3}",
        "{\"conflate_ms\":\"x\"}",
        "{\"conflate_ms\":99999999999}",
        "{\"presence\":1}"
      })
  void whatIsWrongIsSaidInASentence(String payload) {
    assertThat(read(payload))
        .isInstanceOfSatisfying(
            Reading.Wrong.class,
            wrong ->
                assertThat(wrong.why())
                    .startsWith(payload.substring(2, payload.indexOf('"', 2)))
                    .contains(" "));
  }

  @Test
  void presenceIsBounded() {
    assertThat(read("{\"presence\":{\"a\":\"" + "x".repeat(4_096) + "\"}}"))
        .isInstanceOf(Reading.Wrong.class);
  }

  @FuzzTest
  void nothingThatIsReadMakesItThrow(byte[] data) {
    try {
      if (Json.tree(data) instanceof ObjectNode payload) {
        SubscribeOptions.read(payload);
      }
    } catch (JacksonException noJson) {
      assertThat(noJson).isNotNull(); // the decoder before it refuses these
    }
  }

  @Test
  void mutatedOptionsAreReadOrRefused() {
    var random = new Random(7);
    for (int round = 0; round < 5_000; round++) {
      var bytes = EVERYTHING.getBytes(StandardCharsets.UTF_8);
      for (int i = random.nextInt(4); i >= 0; i--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(' ', 127);
      }
      nothingThatIsReadMakesItThrow(bytes);
    }
  }
}
