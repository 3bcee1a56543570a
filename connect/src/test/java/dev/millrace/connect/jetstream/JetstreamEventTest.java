package dev.millrace.connect.jetstream;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.millrace.connect.TestData;
import dev.millrace.connect.jetstream.EventReading.Malformed;
import dev.millrace.connect.jetstream.EventReading.Reason;
import dev.millrace.core.json.Json;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

class JetstreamEventTest {
  private static final String POST =
      """
      {"did":"did:plc:abc","time_us":1780000000000001,"kind":"commit","commit":{"rev":"3kaaaaaaaaa2a",\
      "operation":"create","collection":"app.bsky.feed.post","rkey":"3kbbbbbbbbb2b","record":\
      {"$type":"app.bsky.feed.post","createdAt":"2026-05-28T20:26:40.000Z","langs":["de","en"],\
      "text":"Grüße \\u0026 Küsse"},"cid":"bafyrei"}}\
      """;

  @Test
  void readsTheHeaderOfAPost() {
    var event = event(POST);

    assertThat(event.did()).isEqualTo("did:plc:abc");
    assertThat(event.timeUs()).isEqualTo(1_780_000_000_000_001L);
    assertThat(event.kind()).isEqualTo(JetstreamEvent.COMMIT);
    assertThat(event.rev()).isEqualTo("3kaaaaaaaaa2a");
    assertThat(event.operation()).isEqualTo(JetstreamEvent.CREATE);
    assertThat(event.collection()).isEqualTo(JetstreamEvent.POST);
    assertThat(event.rkey()).isEqualTo("3kbbbbbbbbb2b");
    assertThat(event.text()).isEqualTo("Grüße & Küsse");
    assertThat(event.lang()).isEqualTo("de");
    assertThat(event.atUri()).isEqualTo("at://did:plc:abc/app.bsky.feed.post/3kbbbbbbbbb2b");
    assertThat(event.toString()).isEqualTo("commit of did:plc:abc at 1780000000000001");
  }

  @Test
  void readsTheSequenceOfAnAccountEvent() {
    var event =
        event(
            "{\"did\":\"did:web:x\",\"time_us\":5,\"kind\":\"account\",\"account\":"
                + "{\"active\":false,\"did\":\"did:web:x\",\"seq\":99,\"status\":\"odd\"}}");

    assertThat(event.seq()).hasValue(99);
    assertThat(event.atUri()).isNull();
    assertThat(event.text()).isNull();
    assertThat(event.isCommit()).isFalse();
  }

  @Test
  void toleratesAnyKeyOrderUnknownKeysAndWrongTypes() {
    var event =
        event(
            " { \"x\" : [ { } , [ ] , null , -1.5e+3 , true ] , \"commit\" : { \"record\" : "
                + "{ \"langs\" : \"en\" , \"text\" : { \"text\" : \"no\" } } , \"rkey\" : 7 ,"
                + " \"rev\" : null } , \"kind\" : \"commit\" , \"cursor\" : 12 , \"time_us\" : -3 ,"
                + " \"d\\u0069d\" : \"did:plc:\\u00e4\\n\" } ");

    assertThat(event.did()).isEqualTo("did:plc:ä\n");
    assertThat(event.timeUs()).isEqualTo(-3);
    assertThat(event.hasText()).isFalse();
    assertThat(event.rkey()).isNull();
    assertThat(event.rev()).isNull();
    assertThat(event.lang()).isNull();
  }

  @Test
  void anEmptyTextIsNoText() {
    assertThat(event(POST.replace("Grüße \\u0026 Küsse", "")).hasText()).isFalse();
    assertThat(event(POST).hasText()).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"time_us\":1,\"kind\":\"commit\"} | did",
        "{\"did\":7,\"time_us\":1,\"kind\":\"commit\"} | did",
        "{\"did\":\"a\",\"kind\":\"commit\"} | time_us",
        "{\"did\":\"a\",\"time_us\":\"1\",\"kind\":\"commit\"} | time_us",
        "{\"did\":\"a\",\"time_us\":1.0,\"kind\":\"commit\"} | time_us",
        "{\"did\":\"a\",\"time_us\":99999999999999999999,\"kind\":\"commit\"} | time_us",
        "{\"did\":\"a\",\"time_us\":1,\"kind\":null} | kind",
        "{} | did"
      })
  void saysWhichFieldIsMissing(String line, String field) {
    var malformed = malformed(line);

    assertThat(malformed.reason()).isEqualTo(Reason.INCOMPLETE);
    assertThat(malformed.sentence()).contains(" " + field);
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]", "7", "\"secret\"", "null", "-0.5", "[[1,{\"a\":2}]]"})
  void anythingButAnObjectIsMalformed(String line) {
    assertThat(malformed(line).reason()).isEqualTo(Reason.NOT_AN_OBJECT);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "{",
        "}",
        "{\"secret\"",
        "{\"secret\":}",
        "{\"secret\":1,}",
        "{\"a\":01}",
        "{\"a\":1.}",
        "{\"a\":.5}",
        "{\"a\":1e}",
        "{\"a\":-}",
        "{\"a\":+1}",
        "{\"a\":\"secret}",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\\u12g4\"}",
        "{\"a\":\"\\u12\"}",
        "{\"a\":\"\\",
        "{\"a\":tru}",
        "{\"a\":\"\u0001\"}",
        "{} {}",
        "{\"a\":[1 2]}",
        "{\"a\":[1,]}",
        "{a:1}",
        "{'a':1}",
        "{\"a\":[}",
        "{\"a\":{]}",
        "{,}",
        "nul",
        "NaN"
      })
  void brokenJsonIsMalformedAndNotQuoted(String line) {
    var malformed = malformed(line);

    assertThat(malformed.reason()).isEqualTo(Reason.NOT_JSON);
    assertThat(malformed.sentence()).doesNotContain("secret").contains("at byte ");
    assertThat(jackson(line.getBytes(StandardCharsets.UTF_8))).isNull();
  }

  @Test
  void depthIsLimitedAndDoesNotOverflowAStack() {
    var deepest = wrapped("[".repeat(Json.MAX_DEPTH - 1) + "]".repeat(Json.MAX_DEPTH - 1));
    var deeper = wrapped("[".repeat(Json.MAX_DEPTH) + "]".repeat(Json.MAX_DEPTH));
    var bottomless = wrapped("[{\"a\":".repeat(500_000));

    assertThat(JetstreamEvent.read(bytes(deepest))).isInstanceOf(JetstreamEvent.class);
    assertThat(malformed(deeper).sentence()).contains("nested deeper than 200");
    assertThat(malformed(bottomless).reason()).isEqualTo(Reason.NOT_JSON);
  }

  @Test
  void aDeliveryKeyTellsEventsApartAndRepetitionsTogether() {
    var post = event(POST);
    var again = event(POST.replace("0001,", "0099,"));
    var deleted = event(POST.replace("\"create\"", "\"delete\""));
    var identity = "{\"did\":\"a\",\"time_us\":1,\"kind\":\"identity\",\"identity\":{\"seq\":5}}";

    assertThat(again.deliveryKey()).isEqualTo(post.deliveryKey());
    assertThat(deleted.deliveryKey()).isNotEqualTo(post.deliveryKey());
    assertThat(event(identity).deliveryKey())
        .isEqualTo(event(identity.replace(":1,", ":2,")).deliveryKey())
        .isNotEqualTo(event(identity.replace("identity", "account")).deliveryKey())
        .isNotEqualTo(event(identity.replace(":5", ":6")).deliveryKey());
    assertThat(event(identity.replace("seq", "no")).deliveryKey())
        .isNotEqualTo(event(identity.replace("seq", "no").replace(":1,", ":2,")).deliveryKey());
    var key = post.deliveryKey();
    assertThat(DeliveryKey.fromBytes(key.toBytes())).isEqualTo(key);
  }

  @Test
  void theLastOfTwoEqualKeysCounts() {
    var event =
        event(
            "{\"did\":\"a\",\"did\":\"b\",\"time_us\":1,\"kind\":\"commit\",\"commit\":"
                + "{\"rkey\":\"x\",\"record\":{\"text\":\"old\"}},\"commit\":{\"rev\":\"r\"}}");

    assertThat(event.did()).isEqualTo("b");
    assertThat(event.rkey()).isNull();
    assertThat(event.text()).isNull();
    assertThat(event.rev()).isEqualTo("r");
  }

  @Test
  void agreesWithAnotherParserOnEveryMutation() {
    long seed = 20_261_121;
    var random = new Random(seed);
    var lines = TestData.lines();
    int accepted = 0;
    for (int i = 0; i < 6_000; i++) {
      var mutated = mutate(lines.get(random.nextInt(lines.size())), lines, random);
      if (agrees(mutated, "seed " + seed + ", input " + i)) {
        accepted++;
      }
    }
    assertThat(accepted).as("seed %d", seed).isBetween(500, 5_700);
  }

  @FuzzTest
  void agreesWithAnotherParser(byte[] input) {
    agrees(input, "fuzzed");
  }

  private static boolean agrees(byte[] input, String where) {
    var reading = JetstreamEvent.read(input);
    var tree = isUtf8(input) ? jackson(input) : null;
    if (reading instanceof Malformed(var reason, var sentence)) {
      assertThat(sentence).as(where).isNotEmpty();
      if (reason == Reason.NOT_JSON) {
        assertThat(tree).as("%s refused: %s", where, sentence).isNull();
      } else {
        assertThat(tree).as(where).isNotNull();
      }
      return false;
    }
    assertThat(tree).as("%s accepted", where).isNotNull();
    var event = (JetstreamEvent) reading;
    if (tree != null) {
      assertThat(event.did()).as(where).isEqualTo(tree.path("did").asString());
      assertThat(event.timeUs()).as(where).isEqualTo(tree.path("time_us").asLong());
      assertThat(event.kind()).as(where).isEqualTo(tree.path("kind").asString());
      var commit = tree.path("commit");
      same(event.rev(), commit.path("rev"), where);
      same(event.operation(), commit.path("operation"), where);
      same(event.collection(), commit.path("collection"), where);
      same(event.rkey(), commit.path("rkey"), where);
      same(event.text(), commit.path("record").path("text"), where);
      same(event.lang(), commit.path("record").path("langs").path(0), where);
    }
    assertThat(event.deliveryKey()).isNotNull();
    return true;
  }

  private static void same(
      @org.jspecify.annotations.Nullable String value, JsonNode node, String where) {
    assertThat(value).as(where).isEqualTo(node.isString() ? node.asString() : null);
  }

  private static @org.jspecify.annotations.Nullable JsonNode jackson(byte[] input) {
    try {
      return Json.kindOf(input) == null ? null : Json.tree(input);
    } catch (JacksonException broken) {
      return null;
    }
  }

  private static boolean isUtf8(byte[] input) {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(input));
      return true;
    } catch (CharacterCodingException broken) {
      return false;
    }
  }

  private static byte[] mutate(byte[] line, java.util.List<byte[]> lines, Random random) {
    var bytes = line.clone();
    int changes = random.nextInt(4);
    for (int i = 0; i < changes; i++) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(5)) {
        case 0 -> bytes[at] = (byte) random.nextInt(256);
        case 1 -> bytes[at] = (byte) "{}[]\",:\\u0e-.tn ".charAt(random.nextInt(16));
        case 2 -> bytes = Arrays.copyOf(bytes, Math.max(1, at));
        case 3 -> {
          var other = lines.get(random.nextInt(lines.size()));
          int count = Math.min(random.nextInt(20), Math.min(bytes.length - at, other.length));
          System.arraycopy(other, random.nextInt(other.length - count + 1), bytes, at, count);
        }
        default -> {
          var shorter = new byte[bytes.length - 1];
          System.arraycopy(bytes, 0, shorter, 0, at);
          System.arraycopy(bytes, at + 1, shorter, at, shorter.length - at);
          bytes = shorter.length == 0 ? bytes : shorter;
        }
      }
    }
    return bytes;
  }

  private static String wrapped(String value) {
    return "{\"did\":\"a\",\"time_us\":1,\"kind\":\"x\",\"deep\":" + value + "}";
  }

  private static JetstreamEvent event(String line) {
    assertThat(JetstreamEvent.read(bytes(line))).isInstanceOf(JetstreamEvent.class);
    return (JetstreamEvent) JetstreamEvent.read(bytes(line));
  }

  private static Malformed malformed(String line) {
    assertThat(JetstreamEvent.read(bytes(line))).isInstanceOf(Malformed.class);
    return (Malformed) JetstreamEvent.read(bytes(line));
  }

  private static byte[] bytes(String line) {
    return line.getBytes(StandardCharsets.UTF_8);
  }
}
