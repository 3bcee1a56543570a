package dev.millrace.control.log;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.millrace.core.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.event.Level;
import tools.jackson.databind.JsonNode;

/// Whatever a foreign text holds, one record stays one record and shows what it was.
class InjectionTest {
  private static final Redactor REDACTOR = Redactor.of(List.of());
  private static final int KEEP = Clipped.VISIBLE + REDACTOR.reach();

  /// The fuzzer's agent leaves files there.
  @BeforeAll
  static void makeTemporaryFolder() throws IOException {
    Files.createDirectories(Path.of(System.getProperty("java.io.tmpdir")));
  }

  @ParameterizedTest(name = "U+{0}")
  @CsvSource({
    "000a, \\n",
    "000d, \\r",
    "0009, \\t",
    "0000, \\x00",
    "0007, \\x07",
    "0008, \\x08",
    "001b, \\x1b",
    "007f, \\x7f",
    "0085, \\x85",
    "009b, \\x9b",
    "00ad, \\xad",
    "061c, \\u061c",
    "200b, \\u200b",
    "200e, \\u200e",
    "2028, \\u2028",
    "2029, \\u2029",
    "202e, \\u202e",
    "2066, \\u2066",
    "feff, \\ufeff",
    "d800, \\ud800",
    "dfff, \\udfff",
    "e0041, \\udb40\\udc41",
  })
  void aCharacterThatChangesHowALogIsReadIsEscaped(String point, String escape) {
    var text = "a" + Character.toString(Integer.parseInt(point, 16)) + "b";
    assertThat(textLine(text)).isEqualTo("a" + escape + "b");
    assertThat(textLine("\ud83d\ude00" + text)).isEqualTo("\ud83d\ude00a" + escape + "b");
    assertThat(json(text).indexOf(text)).as("not as it is").isNegative();
    assertThat(parsed(json(text)).get("msg").stringValue()).isEqualTo(expected(text));
  }

  @Test
  void ordinaryTextOfAnyScriptStaysAsItIs() {
    var text = "naïve — “quoted” \\ 日本語 العربية हिन्दी \ud83d\udc68\u200d\ud83d\udcbb/{}[]";
    assertThat(textLine(text)).isEqualTo(text);
    assertThat(parsed(json(text)).get("msg").stringValue()).isEqualTo(text);
  }

  @Test
  void aForgedLineStaysInsideItsOwn() {
    var forged = "x\n2026-01-01T00:00:00Z ERROR engine all is lost";
    assertThat(textLine(forged)).doesNotContain("\n");
    assertThat(json(forged).lines()).hasSize(1);
    assertThat(parsed(json(forged + "\",\"level\":\"error")).get("level").stringValue())
        .isEqualTo("info");
  }

  @Test
  void theMessagesOfAStackStayOnTheirLines() {
    try (var log = LogFixture.ofText()) {
      var failure = new IllegalStateException("one\ntwo\u001b[31m");
      failure.setStackTrace(new StackTraceElement[] {new StackTraceElement("A", "b", "C.java", 7)});
      log.logger().error("failed", failure);
      assertThat(log.lines(3).subList(1, 3))
          .containsExactly(
              "java.lang.IllegalStateException: one\\ntwo\\x1b[31m", "\tat A.b(C.java:7)");
    }
  }

  @Test
  void aFieldCannotPassForAnother() {
    try (var log = LogFixture.ofText()) {
      log.logger()
          .atInfo()
          .addKeyValue("plain", "word")
          .addKeyValue("number", 7)
          .addKeyValue("name", "x admin=\"true\"")
          .addKeyValue("empty", "")
          .addKeyValue("nothing", (Object) null)
          .log("hello");
      assertThat(log.lines(1).getFirst())
          .endsWith(
              " hello plain=word number=7 name=\"x admin=\\\"true\\\"\" empty=\"\" nothing=null");
    }
  }

  @Test
  void aLongTextIsCutAndSaysByHowMuch() {
    assertThat(textLine("a".repeat(8_192))).hasSize(8_192);
    assertThat(textLine("a".repeat(8_193))).isEqualTo("a".repeat(8_192) + "…(+1)");
    assertThat(textLine("a".repeat(1_000_000))).endsWith("a…(+991808)");
  }

  @Test
  void aCutNeverSplitsASurrogatePair() {
    var text = "a".repeat(8_191) + "\ud83d\ude00" + "bc";
    assertThat(textLine(text)).isEqualTo("a".repeat(8_191) + "…(+4)");
  }

  @FuzzTest
  void anyTextReadsBack(byte[] bytes) {
    readsBack(new String(bytes, StandardCharsets.UTF_16BE), "fuzz");
  }

  @Test
  void randomTextReadsBack() {
    long seed = 20_261_121;
    var random = new Random(seed);
    for (int round = 0; round < 4_000; round++) {
      var text = new StringBuilder();
      int length = random.nextInt(20) == 0 ? 9_000 : random.nextInt(60);
      while (text.length() < length) {
        switch (random.nextInt(5)) {
          case 0 -> text.append((char) random.nextInt(0x20));
          case 1 -> text.append((char) random.nextInt(0x300));
          case 2 -> text.append((char) random.nextInt(0x10000)); // lone surrogates among them
          case 3 -> text.appendCodePoint(0x10000 + random.nextInt(0x100000));
          default -> text.append("\"\\/\u2028\u202e\u001b".charAt(random.nextInt(6)));
        }
      }
      readsBack(text.toString(), "seed " + seed + ", round " + round);
    }
  }

  private static void readsBack(String text, String as) {
    var line = json(text);
    assertThat(line).as(as).endsWith("}\n");
    assertThat(line.chars().filter(c -> c < ' ').count()).as(as).isEqualTo(1);
    var bytes = line.getBytes(StandardCharsets.UTF_8);
    assertThat(Json.isUtf8(bytes)).as(as).isTrue();
    var record = Json.tree(bytes);
    assertThat(record.get("msg").stringValue()).as(as).isEqualTo(expected(text));
    assertThat(record.get("field").stringValue()).as(as).isEqualTo(expected(text));
    assertThat(textLine(text).chars().noneMatch(Character::isISOControl)).as(as).isTrue();
  }

  /// What a reader gets: at most so much, and lone surrogates spelled out.
  private static String expected(String text) {
    int end = Clipped.cutPoint(text, Math.min(text.length(), Clipped.VISIBLE));
    var out = new StringBuilder();
    text.substring(0, end)
        .codePoints()
        .forEach(
            point -> {
              if (point >= 0xD800 && point <= 0xDFFF) {
                out.append("\\u").append(Integer.toHexString(point));
              } else {
                out.appendCodePoint(point);
              }
            });
    return end == text.length() ? out.toString() : out + "…(+" + (text.length() - end) + ")";
  }

  private static String json(String text) {
    var out = new StringBuilder();
    new JsonLines().write(record(text), REDACTOR, out);
    return out.toString();
  }

  /// A line's message, without time, level, target and fields.
  private static String textLine(String text) {
    var out = new StringBuilder();
    TextLines.forFile().write(record(text), REDACTOR, out);
    var line = out.toString();
    var start = "1970-01-01T00:00:00.000000Z INFO  engine ";
    assertThat(line).startsWith(start);
    int end = line.lastIndexOf(" field=");
    return line.substring(start.length(), end);
  }

  private static LogRecord record(String text) {
    return new LogRecord(
        Instant.EPOCH,
        Level.INFO,
        "engine",
        Clipped.of(text, KEEP),
        null,
        List.of(LogRecord.Field.of("field", text, KEEP)),
        null);
  }

  private static JsonNode parsed(String line) {
    return Json.tree(line.getBytes(StandardCharsets.UTF_8));
  }
}
