package dev.millrace.gateway.wse;

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
import org.junit.jupiter.params.provider.ValueSource;

class EnvelopeScannerTest {
  private static final String PIECES = "{}[]\":,\\ \n\ttpidrycuPe-+.019EFalsénumb/\u0001\u007f";

  private static Inbound.@Nullable Request scan(String text) {
    return scan(utf8(text), 0);
  }

  /// What is read where the bytes stand alone and where another message's rest stands behind them.
  private static Inbound.@Nullable Request scan(byte[] bytes, int start) {
    var alone = EnvelopeScanner.scan(bytes, start, bytes.length, Inbound.Request.kept());
    var lent = Arrays.copyOf(bytes, bytes.length + REST.length);
    System.arraycopy(REST, 0, lent, bytes.length, REST.length);
    var among = EnvelopeScanner.scan(lent, start, bytes.length, Inbound.Request.lent());
    if (alone == null || among == null) {
      assertThat(alone).as(() -> Arrays.toString(bytes)).isSameAs(among);
      return null;
    }
    assertThat(values(among)).isEqualTo(values(alone));
    var own = among.own();
    Arrays.fill(lent, (byte) '?');
    assertThat(values(own)).isEqualTo(values(alone));
    assertThat(own.json()).isEqualTo(bytes);
    return alone;
  }

  private static final byte[] REST = utf8("\"}]},1\":2e5\\u0041 }");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"t\":\"note\"}",
        "{\"t\":\"note\",\"id\":\"7\",\"p\":{\"text\":\"x\"},\"v\":1}",
        " {\"type\" : \"note\" , \"payload\" : [1, -2.5e+3, {\"a\":[]}, {}, true, false, null] } ",
        "{\"t\":\"note\",\"p\":{\"a\":\"\\u00e9\\n\\\"é€😀\"},\"pri\":8,\"cid\":\"c\",\"seq\":3}",
        "{\"t\":\"é\",\"p\":null}",
        "{\"p\":\"\",\"t\":\"\"}"
      })
  void whatClientsUsuallySendIsRead(String text) {
    var bytes = utf8(text);
    int start = text.indexOf('{');
    assertThat(scan(bytes, start)).isNotNull();
    agrees(bytes, start, text);
  }

  @Test
  void whatIsUnusualIsLeftToTheParser() {
    var deep = "[".repeat(100) + "]".repeat(100);
    for (var text :
        List.of(
            "{}",
            "{\"p\":{}}",
            "{\"t\":1}",
            "{\"t\":null}",
            "{\"t\":\"a\\u0062\"}",
            "{\"\\u0074\":\"a\"}",
            "{\"t\":\"a\",\"pri\":-1}",
            "{\"t\":\"a\",\"pri\":1.5}",
            "{\"t\":\"a\",\"pri\":123456}",
            "{\"t\":\"a\",\"p\":" + deep + "}",
            "{\"t\":\"a\",\"p\":" + "1".repeat(200) + "}",
            "{\"t\":\"a\",\"" + "x".repeat(2_000) + "\":1}")) {
      assertThat(scan(text)).as(text).isNull();
    }
  }

  @Test
  void whatIsWrongIsNeverRead() {
    for (var text :
        List.of(
            "{\"t\":\"a\"",
            "{\"t\":\"a\",}",
            "{\"t\":\"a\"}}",
            "{\"t\":\"a\"} x",
            "{\"t\":\"a\",\"p\":01}",
            "{\"t\":\"a\",\"p\":1.}",
            "{\"t\":\"a\",\"p\":-}",
            "{\"t\":\"a\",\"p\":1e}",
            "{\"t\":\"a\",\"p\":tru}",
            "{\"t\":\"a\",\"p\":truex}",
            "{\"t\":\"a\",\"p\":[1,]}",
            "{\"t\":\"a\",\"p\":[1 2]}",
            "{\"t\":\"a\",\"p\":{\"b\"}}",
            "{\"t\":\"a\",\"p\":{\"b\":}}",
            "{\"t\":\"a\",\"p\":{1:2}}",
            "{\"t\":\"a\",\"p\":[}",
            "{\"t\":\"a\",\"p\":\"\\x\"}",
            "{\"t\":\"a\",\"p\":\"\\u12g4\"}",
            "{\"t\":\"a\",\"p\":\"a\nb\"}",
            "{\"t\":\"a\",\"p\":\"abcdefgh")) {
      assertThat(scan(text)).as(text).isNull();
      agrees(utf8(text), 0, text);
    }
  }

  @Test
  void whateverItReadsTheParserReadsToo() {
    long seed = new Random().nextLong();
    var random = new Random(seed);
    int read = 0;
    int whole = 0;
    for (int i = 0; i < 100_000; i++) {
      boolean sound = random.nextInt(3) == 0;
      var text = envelope(random);
      var bytes = sound ? utf8(text) : damaged(utf8(text), random);
      boolean did = agrees(bytes, 0, "seed " + seed + ", round " + i + ": " + text);
      read += did ? 1 : 0;
      whole += sound ? 1 : 0;
    }
    assertThat(read).as("seed %d, of %d", seed, whole).isGreaterThan(whole / 2);
  }

  @Test
  void aValueIsOfTheKindThatTheParserSaysAlsoWhenItIsDamaged() {
    long seed = new Random().nextLong();
    var random = new Random(seed);
    for (int i = 0; i < 50_000; i++) {
      var text = blank(random) + value(random, 4) + blank(random);
      var bytes = random.nextInt(3) == 0 ? utf8(text) : damaged(utf8(text), random);
      assertThat(JsonScanner.kindOf(bytes))
          .as("seed %d, round %d: %s", seed, i, text)
          .isEqualTo(Json.kindOf(bytes));
    }
  }

  @FuzzTest
  void anyBytesAreReadAsTheParserReadsThem(byte[] bytes) {
    agrees(bytes, 0, Arrays.toString(bytes));
    assertThat(JsonScanner.kindOf(bytes)).isEqualTo(Json.kindOf(bytes));
  }

  /// Whether the scanner reads it; then the parser must read the same.
  private static boolean agrees(byte[] bytes, int start, String described) {
    if (bytes.length <= start || bytes[start] != '{' || !Json.isUtf8(bytes)) {
      return false;
    }
    var scanned = scan(bytes, start);
    if (scanned == null) {
      return false;
    }
    var parsed = InboundDecoder.envelope(bytes, start);
    assertThat(parsed).as(described).isInstanceOf(Inbound.Request.class);
    assertThat(scanned.json()).isSameAs(bytes);
    assertThat(values(scanned)).as(described).isEqualTo(values((Inbound.Request) parsed));
    return true;
  }

  private static List<?> values(Inbound.Request request) {
    return Arrays.asList(
        request.type(),
        request.id(),
        request.correlationId(),
        request.priority(),
        request.payloadFrom(),
        request.payloadTo());
  }

  private static String envelope(Random random) {
    var out = new StringBuilder("{");
    int members = 1 + random.nextInt(6);
    for (int i = 0; i < members; i++) {
      var name =
          List.of("t", "type", "id", "cid", "pri", "p", "payload", "v", "ts", "q")
              .get(i == 0 ? 0 : random.nextInt(10));
      out.append(i == 0 ? "" : ",").append(blank(random)).append('"').append(name).append('"');
      out.append(blank(random)).append(':').append(blank(random));
      switch (name) {
        case "t", "type", "id", "cid" ->
            out.append(random.nextInt(8) == 0 ? string(random) : "\"a-b\"");
        case "pri" -> out.append(random.nextInt(12));
        default -> out.append(value(random, 4));
      }
      out.append(blank(random));
    }
    return out.append('}').append(blank(random)).toString();
  }

  private static String value(Random random, int depth) {
    return switch (random.nextInt(depth > 0 ? 9 : 7)) {
      case 0 -> "true";
      case 1 -> "false";
      case 2 -> "null";
      case 3 -> Integer.toString(random.nextInt());
      case 4 -> Double.toString(random.nextGaussian() * Math.pow(10, random.nextInt(40) - 20));
      case 5, 6 -> string(random);
      case 7 -> {
        var array = new StringBuilder("[").append(blank(random));
        for (int i = random.nextInt(4); i > 0; i--) {
          array.append(value(random, depth - 1)).append(i > 1 ? "," : "").append(blank(random));
        }
        yield array.append(']').toString();
      }
      default -> {
        var object = new StringBuilder("{").append(blank(random));
        for (int i = random.nextInt(4); i > 0; i--) {
          object.append(string(random)).append(blank(random)).append(':').append(blank(random));
          object.append(value(random, depth - 1)).append(i > 1 ? "," : "").append(blank(random));
        }
        yield object.append('}').toString();
      }
    };
  }

  private static String string(Random random) {
    var text = new StringBuilder("\"");
    for (int i = random.nextInt(20); i > 0; i--) {
      text.append(
          switch (random.nextInt(40)) {
            case 0 -> "é";
            case 1 -> "\\n";
            case 2 -> "\\u00e9";
            case 3 -> "😀";
            case 4 -> "\\\"";
            default -> Character.toString('a' + random.nextInt(26));
          });
    }
    return text.append('"').toString();
  }

  private static String blank(Random random) {
    return random.nextInt(8) == 0 ? " \n\t\r".substring(random.nextInt(4)) : "";
  }

  private static byte[] damaged(byte[] sample, Random random) {
    int length = random.nextInt(6) == 0 ? random.nextInt(sample.length + 1) : sample.length;
    var bytes = Arrays.copyOf(sample, length);
    for (int i = random.nextInt(4); i > 0 && bytes.length > 0; i--) {
      bytes[random.nextInt(bytes.length)] =
          random.nextInt(4) == 0
              ? (byte) random.nextInt(256)
              : (byte) PIECES.charAt(random.nextInt(PIECES.length()));
    }
    return bytes;
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
