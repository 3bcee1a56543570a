package dev.millrace.core.document;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.problem.Location;
import java.math.BigInteger;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class YamlDocumentTest {

  @Test
  void everyValueKnowsWhereItStood() {
    var root =
        Read.mapping(
            """
            server:
              port: 8081
            list:
              - a
              - b/c: ~
            """);
    assertThat(root.location()).isEqualTo(new Location("doc", 1, 1, ""));
    var server = (Tree.Mapping) Read.at(root, "server");
    assertThat(server.keyLocation("port")).isEqualTo(new Location("doc", 2, 3, "/server/port"));
    assertThat(Read.at(server, "port").location())
        .isEqualTo(new Location("doc", 2, 9, "/server/port"));
    var list = (Tree.Sequence) Read.at(root, "list");
    assertThat(list.items().get(0).location()).isEqualTo(new Location("doc", 4, 5, "/list/0"));
    var inner = (Tree.Mapping) list.items().get(1);
    assertThat(inner.keyLocation("b/c").pointer()).isEqualTo("/list/1/b~1c");
    assertThat(inner.keyLocation("absent")).isEqualTo(new Location("doc", 5, 5, "/list/1/absent"));
  }

  @Test
  void plainValuesAreThoseOfTheCoreSchema() {
    var root =
        Read.mapping(
            """
            text: hello
            quoted: "12"
            single: 'true'
            block: |
              two
              lines
            int: 12
            plus: +12
            minus: -12
            hex: 0x1F
            octal: 0o17
            zero_first: 012
            big: 123456789012345678901234567890
            float: 1.5e3
            inf: .inf
            ninf: -.INF
            nan: .nan
            yes: yes
            true: True
            false: FALSE
            nothing:
            tilde: ~
            sexagesimal: 1:30
            underscore: 1_000
            mixed: 12abc
            half_hex: 0x
            bang: ! 7
            """);
    assertThat(Read.value(root, "text")).isEqualTo("hello");
    assertThat(Read.value(root, "quoted")).isEqualTo("12");
    assertThat(Read.value(root, "single")).isEqualTo("true");
    assertThat(Read.value(root, "block")).isEqualTo("two\nlines\n");
    assertThat(Read.value(root, "int")).isEqualTo(12L);
    assertThat(Read.value(root, "plus")).isEqualTo(12L);
    assertThat(Read.value(root, "minus")).isEqualTo(-12L);
    assertThat(Read.value(root, "hex")).isEqualTo(31L);
    assertThat(Read.value(root, "octal")).isEqualTo(15L);
    assertThat(Read.value(root, "zero_first")).isEqualTo(12L);
    assertThat(Read.value(root, "big")).isEqualTo(new BigInteger("123456789012345678901234567890"));
    assertThat(Read.value(root, "float")).isEqualTo(1_500.0);
    assertThat(Read.value(root, "inf")).isEqualTo(Double.POSITIVE_INFINITY);
    assertThat(Read.value(root, "ninf")).isEqualTo(Double.NEGATIVE_INFINITY);
    assertThat(Read.value(root, "nan")).isEqualTo(Double.NaN);
    assertThat(Read.value(root, "yes")).isEqualTo("yes");
    assertThat(Read.value(root, "true")).isEqualTo(true);
    assertThat(Read.value(root, "false")).isEqualTo(false);
    assertThat(Read.value(root, "nothing")).isNull();
    assertThat(Read.value(root, "tilde")).isNull();
    assertThat(Read.value(root, "sexagesimal")).isEqualTo("1:30");
    assertThat(Read.value(root, "mixed")).isEqualTo("12abc");
    assertThat(Read.value(root, "half_hex")).isEqualTo("0x");
    assertThat(Read.value(root, "underscore")).isEqualTo("1_000");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n\n", "# only a comment", "---", "~", "---\n...\n", "\uFEFF"})
  void anEmptyDocumentIsAnEmptyMapping(String text) {
    assertThat(Read.mapping(text).entries()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          a: 1\\na: 2          | E_DUPLICATE_KEY | 2 | the key a stands here twice
          a: 1\\n---\\nb: 2    | E_SYNTAX        | 3 | a second document begins here
          a: !!str 1           | E_SYNTAX        | 1 | tags are not read
          a: !mine {}          | E_SYNTAX        | 1 | tags are not read
          a: !mine [1]         | E_SYNTAX        | 1 | tags are not read
          ? [1]\\n: 2          | E_SYNTAX        | 1 | a key must be text
          *a : 1               | E_SYNTAX        | 1 | a key must be text
          a: *b                | E_SYNTAX        | 1 | is anchored under its name
          a: &x [*x]           | E_SYNTAX        | 1 | is anchored under its name
          a: [1                | E_SYNTAX        | 1 | this is not YAML
          a: b: c              | E_SYNTAX        | 1 | this is not YAML
          \\ta: 1              | E_SYNTAX        | 1 | a tab stands where only spaces may indent
          a:\\n\\tb: 1         | E_SYNTAX        | 2 | a tab stands where only spaces may indent
          a:\\n  b: 1\\n\\tc: 2 | E_SYNTAX       | 3 | a tab stands where only spaces may indent
          a:\\n  - 1\\n\\t- 2  | E_SYNTAX        | 3 | a tab stands where only spaces may indent
          a: 1\\r\\nb: [       | E_SYNTAX        | 2 | this is not YAML
          a: "\\u             | E_SYNTAX        | 0 | an escape in a quoted text is cut off
          'a: "x'              | E_SYNTAX        | 1 | this is not YAML
          """)
  void whatIsWrongIsNamedWithItsLine(String text, String code, int line, String what) {
    var escaped = text.replace("\\n", "\n").replace("\\t", "\t").replace("\\r", "\r");
    var problem = Read.problems(escaped).getFirst();
    assertThat(problem.code()).isEqualTo(code);
    assertThat(problem.location().source()).isEqualTo("doc");
    assertThat(problem.location().line()).isGreaterThanOrEqualTo(line);
    assertThat(problem.what()).contains(what);
  }

  @Test
  void allDuplicateKeysAreReportedAtOnce() {
    assertThat(Read.problems("a: 1\na: 2\nb: {c: 1, c: 2}\nb: 3\n")).hasSize(3);
  }

  @Test
  void nestingIsBounded() {
    var deep = "[".repeat(199) + "1" + "]".repeat(199);
    assertThat(Read.tree("- " + deep.substring(1, deep.length() - 1))).isNotNull();
    var deeper = "a: " + "[".repeat(100_000);
    assertThat(Read.problems(deeper).getFirst().what()).contains("nested deeper than 200");
    assertThat(Read.problems("- ".repeat(3_000) + "x").getFirst().what()).contains("deeper");
  }

  @Test
  void anAliasStandsForWhatWasAnchored() {
    var root = Read.mapping("a: &x {k: 1}\nb: *x\nc: &x 2\nd: [*x, *x]\n");
    assertThat(Read.value(root, "b", "k")).isEqualTo(1L);
    assertThat(Read.value(root, "d", "1")).isEqualTo(2L);
  }

  @Test
  void aliasesAreCounted() {
    var many = "a: &x 1\nb: [" + "*x, ".repeat(1_001) + "]\n";
    assertThat(Read.problems(many).getFirst().what()).contains("more than 1000 aliases");
  }

  @Test
  void aliasesOfAliasesCannotUnfoldIntoMoreThanMemoryHolds() {
    var bomb = new StringBuilder("a0: &a0 [x]\n");
    for (int level = 1; level < 30; level++) {
      var alias = "*a" + (level - 1);
      bomb.append("a%d: &a%d [%s, %s, %s]\n".formatted(level, level, alias, alias, alias));
    }
    assertThat(Read.problems(bomb.toString()).getFirst().what()).contains("aliases", "values");
  }

  @Test
  void aliasesCannotNestDeeperThanBracketsMay() {
    var chain = new StringBuilder("a0: &a0 [x]\n");
    for (int level = 1; level < 300; level++) {
      chain.append("a%d: &a%d [*a%d]\n".formatted(level, level, level - 1));
    }
    assertThat(Read.problems(chain.toString()).getFirst().what()).contains("nested deeper");
  }

  @Test
  void aNumberOfAMillionDigitsIsRefusedAtOnce() {
    org.junit.jupiter.api.Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(5),
        () -> {
          var number = "a: " + "9".repeat(1_000_000);
          assertThat(Read.problems(number).getFirst().what()).contains("digits");
        });
  }

  @Test
  void aDocumentMayBeAsLargeAsDocumentsSay() {
    var comment = "#".repeat(78) + "\n";
    var large = comment.repeat(1024 * 1024 / comment.length() - 1) + "a: 1\n";
    assertThat(Read.value(Read.tree(large), "a")).isEqualTo(1L);
    assertThat(Read.problems(new byte[Documents.MAX_BYTES + 1]).getFirst().what())
        .contains("at most " + Documents.MAX_BYTES);
  }

  @Test
  void whatIsNotUtf8IsRefused() {
    assertThat(Read.problems(new byte[] {'a', ':', ' ', (byte) 0xC3}).getFirst().what())
        .contains("not UTF-8");
  }

  @Test
  void aByteOrderMarkAndWindowsLineEndsChangeNothing() {
    var root = Read.mapping("\uFEFFa: 1\r\nb:\r\n  c: |\r\n    x\r\n    y\r\n");
    assertThat(Read.value(root, "a")).isEqualTo(1L);
    assertThat(Read.value(root, "b", "c")).isEqualTo("x\ny\n");
    assertThat(Read.at(root, "b", "c").location().line()).isEqualTo(3);
  }

  @ParameterizedTest
  @CsvSource({
    "'a: x\0y', U+0000, 1",
    "'a: 1\nb: \u0007', U+0007, 2",
    "'a: \"\\0\"', NUL, 1",
    "'\"\\0\": 1', NUL, 1",
    "'a: \"\\ud800\"', half of a surrogate pair, 1",
    "'a: \"\\udc00\\ud800\"', half of a surrogate pair, 1",
  })
  void charactersThatNoTextMayHoldAreRefused(String text, String what, int line) {
    var problem = Read.problems(text).getFirst();
    assertThat(problem.what()).contains(what);
    assertThat(problem.location().line()).isEqualTo(line);
  }

  @Test
  void aWholeSurrogatePairIsACharacter() {
    assertThat(Read.value(Read.mapping("a: \"\\U0001F600\""), "a")).isEqualTo("\uD83D\uDE00");
  }

  @Test
  void aliasesCannotUnfoldIntoMoreTextThanMemoryHolds() {
    var text = "a: &x " + "t".repeat(500_000) + "\nb: [" + "*x, ".repeat(100) + "]\n";
    assertThat(Read.problems(text).getFirst().what()).contains("aliases", "characters");
  }

  @Test
  void aLongKeyIsRefused() {
    assertThat(Read.problems("? " + "k".repeat(2_000) + "\n: 1\n").getFirst().what())
        .contains("a key has more than 1024 characters");
  }

  @Test
  void longKeysAroundManyValuesAreRefusedBeforeTheyFillMemory() {
    var deep = ("{" + "k".repeat(1_000) + ": ").repeat(150);
    var problems = Read.problems("a: " + deep + "[" + "1,".repeat(200_000) + "]" + "}".repeat(150));
    assertThat(problems.getFirst().what()).contains("keys around these values are too long");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a: *CANARY",
        "a: !CANARY x",
        "a: !<CANARY> x",
        "a: !e!CANARY x",
        "%TAG !CANARY! x\n%TAG !CANARY! x\n---\na: 1",
        "a: !CANARY!x y",
        "a: &CANARY *CANARY",
        "a: @CANARY",
        "a: `CANARY",
        "a: %CANARY",
        "a: \"CANARY",
        "a: 'CANARY",
        "a: [CANARY",
        "a: {CANARY",
        "a: CANARY: x",
        "a: |CANARY",
        "a: x\nCANARY",
        "a: x\n CANARY: y",
        "a: \"\\xZCANARY\"",
        "a: \"\\UCANARYCANARY\"",
      })
  void noProblemQuotesAValueWhoseQuotesWereForgotten(String text) {
    assertThat(Read.problems(text)).asString().doesNotContain("CANARY");
  }

  @ParameterizedTest
  @CsvSource({
    "'', the document is empty",
    "'# nothing', the document is empty",
    "'---', the document is empty",
    "'[1]', 'a mapping is wanted here, not a list'",
    "'- 1', 'a mapping is wanted here, not a list'",
    "CANARY, 'a mapping is wanted here, not a single value'",
    "'a: [', this is not YAML",
  })
  void whatHasToBeAMappingIsOne(String text, String what) {
    var problems = new dev.millrace.core.problem.Problems();
    var bytes = text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
    assertThat(Documents.parseMapping("doc", bytes, problems)).isEmpty();
    assertThat(problems.all()).singleElement().asString().contains(what).doesNotContain("CANARY");
  }

  @Test
  void aMappingIsAMapping() {
    var problems = new dev.millrace.core.problem.Problems();
    assertThat(Documents.parseMapping("doc", new byte[] {'{', '}'}, problems)).isPresent();
  }
}
