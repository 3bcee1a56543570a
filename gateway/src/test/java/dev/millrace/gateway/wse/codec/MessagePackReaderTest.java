package dev.millrace.gateway.wse.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.millrace.core.json.Json;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class MessagePackReaderTest {
  private final MessagePackReader reader = new MessagePackReader();

  /// The JSON of a map with the one key `a`, whose value the hex digits are.
  private @Nullable String value(String hex) {
    return json(HexFormat.of().parseHex("81a161" + hex));
  }

  private @Nullable String json(byte[] packed) {
    var json = reader.json(packed, 0, packed.length);
    return json == null ? null : WireFrame.text(json);
  }

  @Test
  void everyKindOfValueHasItsJson() {
    for (var line :
        List.of(
            "00|0",
            "7f|127",
            "ff|-1",
            "e0|-32",
            "ccff|255",
            "cdffff|65535",
            "ceffffffff|4294967295",
            "cfffffffffffffffff|18446744073709551615",
            "d080|-128",
            "d18000|-32768",
            "d280000000|-2147483648",
            "d38000000000000000|-9223372036854775808",
            "ca3f000000|0.5",
            "cb3ff8000000000000|1.5",
            "cb7ff8000000000000|null",
            "cb7ff0000000000000|null",
            "caff800000|null",
            "c0|null",
            "c2|false",
            "c3|true",
            "a0|\"\"",
            "a3e282ac|\"€\"",
            "d90178|\"x\"",
            "da0002220a|\"\\\"\\n\"",
            "db0000000178|\"x\"",
            "c403010203|\"AQID\"",
            "c50000|\"\"",
            "90|[]",
            "9201c0|[1,null]",
            "dc000101|[1]",
            "dd0000000101|[1]",
            "80|{}",
            "de0001a16201|{\"b\":1}",
            "df00000001a16201|{\"b\":1}",
            "d40501|{\"ext\":5,\"data\":\"AQ==\"}",
            "c70080|{\"ext\":-128,\"data\":\"\"}",
            "d6ff00000001|\"1970-01-01T00:00:01Z\"",
            "d7ff0000000400000001|\"1970-01-01T00:00:01.000000001Z\"",
            "c70cff00000001ffffffffffffffff|\"1969-12-31T23:59:59.000000001Z\"")) {
      var parts = line.split("\\|", 2);
      assertThat(value(parts[0])).as(parts[0]).isEqualTo("{\"a\":" + parts[1] + "}");
    }
  }

  @Test
  void keysThatAreNoTextBecomeTheirText() {
    var packed = HexFormat.of().parseHex("860101c002c303cb3ff800000000000004c4010105a16106");
    assertThat(json(packed))
        .isEqualTo("{\"1\":1,\"null\":2,\"true\":3,\"1.5\":4,\"AQ==\":5,\"a\":6}");
    assertThat(json(HexFormat.of().parseHex("819001"))).isNull();
    assertThat(json(HexFormat.of().parseHex("818001"))).isNull();
    assertThat(json(HexFormat.of().parseHex("81d4050101"))).isNull();
  }

  @Test
  void aKeyThatStandsTwiceStandsTwice() {
    assertThat(json(HexFormat.of().parseHex("82a16101a16102"))).isEqualTo("{\"a\":1,\"a\":2}");
  }

  @Test
  void whatIsNotExactlyOneMapIsRefused() {
    var good = HexFormat.of().parseHex("82a16101a162920203");
    assertThat(json(good)).isEqualTo("{\"a\":1,\"b\":[2,3]}");
    for (int length = 0; length < good.length; length++) {
      assertThat(json(Arrays.copyOf(good, length))).as("cut at " + length).isNull();
    }
    assertThat(json(Arrays.copyOf(good, good.length + 1))).isNull();
    for (var other : List.of("90", "01", "a161", "c1", "81a161c1")) {
      assertThat(json(HexFormat.of().parseHex(other))).as(other).isNull();
    }
    assertThat(value("a2c328")).isNull(); // not UTF-8
  }

  @Test
  void lengthsThatLieCostNothing() {
    for (var lie :
        List.of(
            "dbffffffff",
            "db7fffffff",
            "c6ffffffff",
            "c67fffffff",
            "ddffffffff",
            "dd7fffffff",
            "dfffffffff",
            "df7fffffff",
            "c97fffffff05",
            "c9ffffffff05",
            "c97fffffffff")) {
      assertThat(value(lie)).as(lie).isNull();
    }
  }

  @Test
  void whatIsTooDeepIsRefusedHoweverDeepItIs() {
    for (int depth : new int[] {199, 200, 100_000}) {
      var packed = new byte[depth + 3];
      Arrays.fill(packed, (byte) 0x91);
      packed[0] = (byte) 0x81;
      packed[1] = (byte) 0xa1;
      packed[2] = 'a';
      packed[depth + 2] = (byte) 0x90;
      var json = reader.json(packed, 0, packed.length);
      assertThat(json != null).as("depth " + depth).isEqualTo(depth + 1 <= Json.MAX_DEPTH);
    }
  }

  @Test
  void theJsonIsBoundedByTheInput() {
    var packed = new byte[1 << 20];
    Arrays.fill(packed, (byte) 0xc2);
    System.arraycopy(HexFormat.of().parseHex("81a161dd"), 0, packed, 0, 4);
    int values = packed.length - 8;
    packed[5] = (byte) (values >> 16);
    packed[4] = 0;
    packed[6] = (byte) (values >> 8);
    packed[7] = (byte) values;
    var json = reader.json(packed, 0, packed.length);
    assertThat(json).isNotNull();
    assertThat(json.length).isLessThan(10 * packed.length);
  }

  @Test
  void whateverIsPackedReadsBackTheSame() {
    long seed = new Random().nextLong();
    var json = new RandomJson(new Random(seed));
    for (int i = 0; i < 4_000; i++) {
      var text = json.object(4);
      var out = Unpooled.buffer();
      MessagePackForm.appendFrame(WireFrame.buffer(i % 2 == 0 ? text : "U" + text), out);
      var message = WireFrame.payload(out);
      var read = reader.json(message, 2, message.length);
      assertThat(read).as("seed " + seed + ", " + text).isNotNull();
      assertThat(Json.tree(read)).as("seed " + seed).isEqualTo(Json.tree(WireFrame.bytes(text)));
      var damaged = json.damaged(Arrays.copyOfRange(message, 2, message.length));
      anyBytesAreReadWithoutFailing(damaged);
    }
  }

  @FuzzTest
  void anyBytesAreReadWithoutFailing(byte[] bytes) {
    var json = reader.json(bytes, 0, bytes.length);
    if (json != null) {
      assertThat(Json.kindOf(json)).as(Arrays.toString(bytes)).isEqualTo(Json.Kind.OBJECT);
      assertThat(json.length).isLessThanOrEqualTo(10 * bytes.length);
    }
  }
}
