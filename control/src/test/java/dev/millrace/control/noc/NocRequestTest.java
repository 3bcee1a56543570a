package dev.millrace.control.noc;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.millrace.core.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class NocRequestTest {
  private static final List<String> SAMPLES =
      List.of(
          "{\"op\":\"ping\",\"id\":\"7\"}",
          "{\"op\":\"snapshot\"}",
          "{\"op\":\"command\",\"id\":12,\"command\":\"pause\",\"target\":{\"asset\":\"x\"},\"args\":{}}",
          "{\"op\":\"command\",\"command\":\"log_subscribe\",\"args\":{\"level\":\"warn\"}}");

  private static NocRequest read(String message) {
    return NocRequest.read(message.getBytes(StandardCharsets.UTF_8));
  }

  private static @Nullable String text(@Nullable JsonNode id) {
    return id == null ? null : id.toString();
  }

  @Test
  void targetAndArgumentsBecomeOne() {
    var order =
        (NocRequest.Order)
            read(
                "{\"op\":\"command\",\"id\":\"7\",\"command\":\"pause\","
                    + "\"target\":{\"asset\":\"x\"},\"args\":{\"mode\":\"soft\"},\"more\":1}");
    assertThat(order.name()).isEqualTo("pause");
    assertThat(order.arguments()).hasToString("{\"asset\":\"x\",\"mode\":\"soft\"}");
    assertThat(text(order.id())).isEqualTo("\"7\"");
  }

  @Test
  void anIdIsTextOrAnIntegerOrNotThere() {
    assertThat(text(read("{\"op\":\"ping\",\"id\":7}").id())).isEqualTo("7");
    assertThat(read("{\"op\":\"ping\"}").id()).isNull();
    assertThat(read("{\"op\":\"ping\",\"id\":null}").id()).isNull();
    assertThat(read("{\"op\":\"ping\"}")).isInstanceOf(NocRequest.Ping.class);
    assertThat(read("{\"op\":\"snapshot\"}")).isInstanceOf(NocRequest.Snapshot.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "`` | BAD_JSON",
        "{ | BAD_JSON",
        "[] | BAD_JSON",
        "\"op\" | BAD_JSON",
        "null | BAD_JSON",
        "{} {} | BAD_JSON",
        "{\"op\":\"ping\",} | BAD_JSON",
        "{} | UNKNOWN_OP",
        "{\"op\":1} | UNKNOWN_OP",
        "{\"op\":\"Ping\"} | UNKNOWN_OP",
        "{\"op\":\"ping\",\"id\":{}} | BAD_REQUEST",
        "{\"op\":\"ping\",\"id\":1.5} | BAD_REQUEST",
        "{\"op\":\"command\"} | BAD_REQUEST",
        "{\"op\":\"command\",\"command\":\"\"} | BAD_REQUEST",
        "{\"op\":\"command\",\"command\":7} | BAD_REQUEST",
        "{\"op\":\"command\",\"command\":\"a\",\"target\":\"x\"} | BAD_REQUEST",
        "{\"op\":\"command\",\"command\":\"a\",\"args\":[1]} | BAD_REQUEST",
        "{\"op\":\"command\",\"command\":\"a\",\"target\":{\"k\":1},\"args\":{\"k\":2}} |"
            + " BAD_REQUEST"
      })
  void whatIsWrongIsNamed(String message, String code) {
    assertThat(read(message))
        .isInstanceOfSatisfying(
            NocRequest.Invalid.class, invalid -> assertThat(invalid.code()).isEqualTo(code));
  }

  @Test
  void namesHaveALimitAndNestingToo() {
    var long129 = "x".repeat(129);
    assertThat(read("{\"op\":\"ping\",\"id\":\"" + long129 + "\"}"))
        .isInstanceOf(NocRequest.Invalid.class);
    assertThat(read("{\"op\":\"command\",\"command\":\"" + long129 + "\"}"))
        .isInstanceOf(NocRequest.Invalid.class);
    assertThat(read("[".repeat(10_000))).isInstanceOf(NocRequest.Invalid.class);
  }

  @Test
  void damagedMessagesNeverThrow() {
    long seed = new Random().nextLong();
    var random = new Random(seed);
    for (int i = 0; i < 10_000; i++) {
      var sample = SAMPLES.get(random.nextInt(SAMPLES.size())).getBytes(StandardCharsets.UTF_8);
      var bytes =
          Arrays.copyOf(
              sample, random.nextInt(6) == 0 ? random.nextInt(sample.length + 9) : sample.length);
      for (int n = random.nextInt(4); n > 0 && bytes.length > 0; n--) {
        bytes[random.nextInt(bytes.length)] =
            random.nextBoolean()
                ? (byte) random.nextInt(256)
                : (byte) "{}[]\":,\\tpn0-e".charAt(random.nextInt(14));
      }
      checkOne(bytes, "seed " + seed + ", " + Arrays.toString(bytes));
    }
  }

  @FuzzTest
  void anyBytesAreReadWithoutFailing(byte[] bytes) {
    checkOne(bytes, Arrays.toString(bytes));
  }

  private static void checkOne(byte[] bytes, String described) {
    var request = NocRequest.read(bytes);
    var id = request.id();
    if (id != null) {
      assertThat(id.isString() || id.isIntegralNumber()).as(described).isTrue();
    }
    if (request instanceof NocRequest.Order order) {
      assertThat(order.name().length()).as(described).isBetween(1, NocRequest.MAX_NAME);
      assertThat(Json.kindOf(Json.bytes(order.arguments()))).as(described).isNotNull();
    }
    assertThat(NocFrames.error(id, "X", "x")).as(described).isNotEmpty();
  }
}
