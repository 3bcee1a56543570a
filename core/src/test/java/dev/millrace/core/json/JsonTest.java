package dev.millrace.core.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.json.Json.Kind;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonToken;

class JsonTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          {}             | OBJECT
          ~ {"a":[1]} ~  | OBJECT
          []             | ARRAY
          "text"         | SCALAR
          12.5e3         | SCALAR
          null           | SCALAR
          """)
  void oneValueHasAKind(String text, Kind kind) {
    assertThat(Json.kindOf(bytes(text))).isEqualTo(kind);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", " ", "{", "{}{}", "[1,]", "1 2", "tru", "\"open", "1e", "{\"a\"}", "{'a':1}"})
  void whatIsNotOneValueHasNone(String text) {
    assertThat(Json.kindOf(bytes(text))).isNull();
    assertThat(Json.complaint(bytes(text))).isNotBlank();
  }

  @Test
  void complaintsSayWhereAndQuoteNothing() {
    assertThat(Json.complaint(bytes(""))).isEqualTo("the body is empty");
    assertThat(Json.complaint(bytes("{} hunter2")).toLowerCase(java.util.Locale.ROOT))
        .contains("byte");
    assertThat(Json.complaint(bytes("{\"password\":\"hunter2\",}")))
        .contains("near byte")
        .doesNotContain("hunter2");
    assertThat(Json.complaint(bytes("1 2"))).contains("something follows", "byte 2");
    assertThat(Json.complaint(bytes("1"))).isEqualTo("the value could not be read");
  }

  @Test
  void depthAndNumbersAreBounded() {
    assertThat(Json.kindOf(bytes("[".repeat(200) + "]".repeat(200)))).isEqualTo(Kind.ARRAY);
    assertThat(Json.kindOf(bytes("[".repeat(201) + "]".repeat(201)))).isNull();
    assertThat(Json.complaint(bytes("[".repeat(100_000)))).contains("200");
    assertThat(Json.kindOf(bytes("9".repeat(1_000)))).isEqualTo(Kind.SCALAR);
    assertThat(Json.kindOf(bytes("9".repeat(1_001)))).isNull();
  }

  @Test
  void damagedBytesAreAValueOrNoneButNeverACrash() {
    long seed = 31;
    var random = new Random(seed);
    var sound = bytes("{\"a\":[1,-2.5e3,\"t\\u00e9\\n\u00e9\",true,null],\"b\":{\"c\":{}}}");
    for (int round = 0; round < 5_000; round++) {
      var damaged = sound.clone();
      damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
      damaged = Arrays.copyOf(damaged, 1 + random.nextInt(damaged.length));
      boolean sane;
      try {
        Json.tree(damaged);
        sane = true;
      } catch (JacksonException broken) {
        sane = false;
      }
      if (sane) {
        assertThat(Json.complaint(damaged)).as("seed %d, round %d", seed, round).isNotNull();
      } else {
        assertThat(Json.kindOf(damaged)).as("seed %d, round %d", seed, round).isNull();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "22 C0 80 22", // overlong
        "5B 22 E0 80 80 22 5D",
        "22 ED A0 80 22", // half of a surrogate pair
        "5B 22 ED A0 80 ED B0 80 22 5D",
        "22 F4 90 80 80 22", // above U+10FFFF
        "22 F5 80 80 80 22",
        "22 80 22",
        "22 C3", // cut off
        "22 E2 82",
        "EF BB BF 31", // a byte order mark
        "FE FF 00 31", // UTF-16
        "00 31",
        "31 00"
      })
  void onlyWellFormedUtf8PassesForJson(String hex) {
    var bytes = HexFormat.ofDelimiter(" ").parseHex(hex);
    assertThat(Json.kindOf(bytes)).isNull();
    assertThat(Json.complaint(bytes)).isNotBlank();
  }

  @Test
  void bytesAreWellFormedWhereTheStrictDecoderSaysSo() {
    long seed = 77;
    var random = new Random(seed);
    var edges = HexFormat.of().parseHex("007F80BFC1C2DFE0EDEEEFF0F4F5FF9FA08F90417A");
    int wellFormed = 0;
    for (int round = 0; round < 50_000; round++) {
      var bytes = new byte[random.nextInt(6)];
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = edges[random.nextInt(edges.length)];
      }
      boolean expected;
      try {
        StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
        expected = true;
        wellFormed++;
      } catch (CharacterCodingException broken) {
        expected = false;
      }
      assertThat(Json.isUtf8(bytes))
          .as("seed %d, round %d: %s", seed, round, HexFormat.of().formatHex(bytes))
          .isEqualTo(expected);
    }
    assertThat(wellFormed).isGreaterThan(1_000);
    assertThat(Json.isUtf8(bytes("a\u00e9\u20ac\uD83D\uDE00"))).isTrue();
  }

  @Test
  void treesGoInAndOut() {
    var node = Json.mapper().createObjectNode().put("a", 1);
    assertThat(Json.tree(Json.bytes(node))).isEqualTo(node);
    assertThatThrownBy(() -> Json.tree(bytes("{"))).isInstanceOf(JacksonException.class);
    var out = new ByteArrayOutputStream();
    try (var generator = Json.generator(out)) {
      generator.writeStartArray().writeNumber(1).writeEndArray();
    }
    assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("[1]");
  }

  @Test
  void aParserSeesOnlyItsRange() {
    try (var parser = Json.parser(bytes("xx[1]yy"), 2, 3)) {
      assertThat(parser.nextToken()).isEqualTo(JsonToken.START_ARRAY);
      assertThat(parser.nextToken()).isEqualTo(JsonToken.VALUE_NUMBER_INT);
      assertThat(parser.nextToken()).isEqualTo(JsonToken.END_ARRAY);
      assertThat(parser.nextToken()).isNull();
    }
  }

  @Test
  void quotingEscapes() {
    assertThat(Json.quote("a\"b\\\n\u00e9")).isEqualTo("\"a\\\"b\\\\\\n\u00e9\"");
    assertThat(Json.quoted("\u00e9")).isEqualTo(bytes("\"\u00e9\""));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
