package dev.millrace.control.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.event.Level;

class RedactorTest {
  private static final Redactor BARE = Redactor.of(List.of());

  /// The fuzzer's agent leaves files there.
  @BeforeAll
  static void makeTemporaryFolder() throws IOException {
    Files.createDirectories(Path.of(System.getProperty("java.io.tmpdir")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      textBlock =
          """
          redis://user:pa:ss@w0rd@host:6379/0 | redis://user:***@host:6379/0
          redis://:hunter22@host              | redis://:***@host
          https://ghp_0123456789@host/x       | https://***@host/x
          Authorization: Bearer abc           | Authorization: Bearer ***
          authorization=Basic dXNlcjpwYXNz    | authorization=Basic ***
          "Authorization": "Bearer abc.def"   | "Authorization": "***"
          AUTHORIZATION: opaque               | AUTHORIZATION: ***
          used bearer 0123456789abcdef now    | used bearer *** now
          /x?access_token=a1&limit=5          | /x?access_token=***&limit=5
          PASSWORD='short' rest               | PASSWORD='***' rest
          my_token=x                          | my_token=***
          {"password":"a\\"b","n":1}           | {"password":"***","n":1}
          {"token" : "unended                 | {"token" : "***
          got eyJhbGciOiJIUzI1NiJ9.eyJzdWIi.x-_y | got ***
          """)
  void whatLooksLikeACredentialIsMasked(String text, String shown) {
    assertThat(visible(BARE, text)).isEqualTo(shown);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://host:8080/path?mail=a@b",
        "at://did:plc:abc/app.bsky.feed.post/1",
        "Bearer authentication is required",
        "unexpected token: foo",
        "tokens=5 tokenizer=x",
        "a = b, c == d",
        "{\"tokens\":\"5\",\"password\":\"\"}",
        "keyboard monkey",
      })
  void ordinaryTextIsShown(String text) {
    assertThat(visible(BARE, text)).isEqualTo(text).isSameAs(text);
  }

  @Test
  void aSecretIsMaskedInEveryFormItTakes() {
    var redactor = Redactor.of(List.of("p@ss \"w\\rd/1", "short", "line-one\nline-two\n"));
    assertThat(visible(redactor, "a p@ss \"w\\rd/1 b")).isEqualTo("a *** b");
    assertThat(visible(redactor, "a p%40ss+%22w%5Crd%2F1 b")).isEqualTo("a *** b");
    assertThat(visible(redactor, "a p%40ss%20%22w%5Crd%2F1 b")).isEqualTo("a *** b");
    assertThat(visible(redactor, "a p@ss \\\"w\\\\rd/1 b")).isEqualTo("a *** b");
    assertThat(visible(redactor, "short")).isEqualTo("short");
    assertThat(visible(redactor, "[line-one\nline-two]")).isEqualTo("[***]");
  }

  @Test
  void aLineOfASecretOfSeveralLinesIsMaskedAndItsArmourIsNot() {
    var key =
        String.join(
            "\r\n",
            "-----BEGIN PRIVATE KEY-----",
            "MIIEvQIBADANBgkq",
            "hkiG9w0BAQEFAASC",
            "-----END PRIVATE KEY-----",
            "");
    var redactor = Redactor.of(List.of(key));
    assertThat(visible(redactor, "not a key: hkiG9w0BAQEFAASC at line 3"))
        .isEqualTo("not a key: *** at line 3");
    assertThat(visible(redactor, "no -----BEGIN PRIVATE KEY----- in it"))
        .isEqualTo("no -----BEGIN PRIVATE KEY----- in it");
  }

  @Test
  void aThousandTokensBeforeAndAfterAReloadFit() {
    var tokens = IntStream.range(0, 2_000).mapToObj(i -> " p@ss/w\"" + i + "\n").toList();
    assertThat(visible(Redactor.of(tokens), "p@ss/w\"1999")).isEqualTo("***");
  }

  @Test
  void aSecretInTheNameOfAFieldIsMaskedAndTheNameIsCutAfterwards() {
    var secret = "canary-" + "0123456789".repeat(3);
    for (var text : List.of(new JsonLines(), TextLines.forFile())) {
      var out = new StringBuilder();
      var fields =
          List.of(
              LogRecord.Field.of(secret, "x", 20_000),
              LogRecord.Field.of("k".repeat(120) + secret, "y", 20_000));
      var record =
          new LogRecord(Instant.EPOCH, Level.INFO, "x", Clipped.of("m", 10), null, fields, null);
      text.write(record, Redactor.of(List.of(secret)), out);
      assertThat(out).doesNotContain("canary").contains("***", "k".repeat(120) + "***");
    }
  }

  @Test
  void aSecretAcrossTheCutIsMaskedWhole() {
    var secret = "canary-" + "0123456789".repeat(30);
    var redactor = Redactor.of(List.of(secret));
    for (int before : new int[] {7_885, 7_886, 8_000, 8_185, 8_191, 8_192}) {
      var text = "x".repeat(before) + secret + "y".repeat(100_000);
      var shown = visible(redactor, text);
      assertThat(shown).as("after " + before).doesNotContain("canary").contains("…(+");
    }
  }

  @Test
  void maskingBeforeTheCutBringsNothingHalfHiddenIntoSight() {
    var secret = "canary-" + "0123456789".repeat(10);
    var redactor = Redactor.of(List.of(secret));
    var text = (secret + " ").repeat(2_000);
    assertThat(visible(redactor, text)).doesNotContain("canary").doesNotContain("0123");
    assertThat(visible(redactor, "x".repeat(8_180) + " redis://user:longpassword@h"))
        .doesNotContain("longp");
  }

  @Test
  void aFieldNamedLikeACredentialShowsNothing() {
    assertThat(BARE.visible(LogRecord.Field.of("Password", "a", 100))).isEqualTo("***");
    assertThat(BARE.visible(LogRecord.Field.of("token", 5, 100))).isEqualTo("5");
    assertThat(BARE.visible(LogRecord.Field.of("tokens", "5", 100))).isEqualTo("5");
  }

  @Test
  void aNumberThatIsASecretIsNoNumberAnyMore() {
    try (var log = new LogFixture()) {
      log.logs.mask(List.of("1234567890"));
      log.logger().atInfo().addKeyValue("pin", 1_234_567_890).log("x");
      assertThat(log.records(1).getFirst().get("pin").stringValue()).isEqualTo("***");
    }
  }

  @Test
  void moreSecretsThanCanBeMaskedAreRefusedNotForgotten() {
    var many = IntStream.range(0, 17_000).mapToObj(i -> "secret-number-" + i).toList();
    assertThatThrownBy(() -> Redactor.of(many)).hasMessageContaining("at most 16384");
  }

  @Test
  void textMadeToTakeLongDoesNot() {
    var redactor = Redactor.of(List.of("aaaaaaaaaaaaaaaab", "://://://"));
    long before = System.nanoTime();
    for (var piece :
        List.of(
            "a",
            "eyJ",
            "://",
            "://a:",
            "bearer ",
            "authorization:",
            "token=",
            "\"token\":\"",
            "\\\"",
            "password=\"",
            "@",
            " ",
            "://x@")) {
      var text = piece.repeat(1 + 16_384 / piece.length());
      assertThat(visible(redactor, text)).isNotEmpty();
    }
    assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(5));
  }

  @Test
  void randomTextIsMaskedLikeTheNaiveWay() {
    long seed = 20_261_122;
    var random = new Random(seed);
    for (int round = 0; round < 3_000; round++) {
      var secrets = new ArrayList<String>();
      for (int i = random.nextInt(4); i >= 0; i--) {
        secrets.add(letters(random, 8 + random.nextInt(4)));
      }
      var text = new StringBuilder(letters(random, random.nextInt(40)));
      for (int i = random.nextInt(3); i > 0; i--) {
        text.append(secrets.get(random.nextInt(secrets.size())));
        text.append(letters(random, random.nextInt(10)));
      }
      assertThat(visible(Redactor.of(secrets), text.toString()))
          .as("seed %d, round %d: %s in %s", seed, round, secrets, text)
          .isEqualTo(naive(text.toString(), secrets));
    }
  }

  @FuzzTest
  void noTextStopsTheRedactor(byte[] bytes) {
    var text = new String(bytes, StandardCharsets.ISO_8859_1);
    assertThat(visible(Redactor.of(List.of("aaaaaaaa")), text)).doesNotContain("aaaaaaaa");
  }

  /// Marks each character of each occurrence; a run of marks that begins where none was is a mask.
  private static String naive(String text, List<String> secrets) {
    int[] until = new int[text.length()];
    for (int at = 0; at < text.length(); at++) {
      for (var secret : secrets) {
        if (text.startsWith(secret, at)) {
          until[at] = Math.max(until[at], at + secret.length());
        }
      }
    }
    var out = new StringBuilder();
    int hiddenTo = 0;
    for (int at = 0; at < text.length(); at++) {
      if (until[at] > 0 && at >= hiddenTo) {
        out.append("***");
      }
      hiddenTo = Math.max(hiddenTo, until[at]);
      if (at >= hiddenTo) {
        out.append(text.charAt(at));
      }
    }
    return out.toString();
  }

  private static String letters(Random random, int length) {
    var out = new StringBuilder();
    for (int i = 0; i < length; i++) {
      out.append("ab".charAt(random.nextInt(2)));
    }
    return out.toString();
  }

  private static String visible(Redactor redactor, String text) {
    return redactor.visible(Clipped.of(text, Clipped.VISIBLE + redactor.reach()));
  }
}
