package dev.millrace.core.document;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.problem.Problems;
import java.nio.file.NoSuchFileException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SubstitutionTest {
  private final Problems problems = new Problems();
  private final Map<String, String> files =
      Map.of("/run/one", "from a file\n", "/run/crlf", "x\r\n", "/run/two", "a\n\n");
  private int reads;
  private final Substitution substitution =
      new Substitution(
          Map.of("CONFIG_DIR", "/etc/it"),
          Map.ofEntries(
                  Map.entry("HOST", "example"),
                  Map.entry("EMPTY", ""),
                  Map.entry("MONEY", "$1\\2"),
                  Map.entry("LARGE", "x".repeat(100_000)),
                  Map.entry("ONE_FILE", "/run/one"),
                  Map.entry("CRLF_FILE", "/run/crlf"),
                  Map.entry("TWO_FILE", "/run/two"),
                  Map.entry("HOST_FILE", "/run/one"),
                  Map.entry("GONE_FILE", "/run/gone"),
                  Map.entry("CONFIG_DIR", "hidden"))
              ::get,
          this::file,
          problems);

  private String file(String path) throws NoSuchFileException {
    reads++;
    var content = files.get(path);
    if (content == null) {
      throw new NoSuchFileException(path, null, "CANARY");
    }
    return content;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          ${HOST}              | example
          ${CONFIG_DIR}/m      | /etc/it/m
          ${ONE}               | from a file
          ${ONE:-fallback}     | from a file
          a-${HOST}-${HOST}    | a-example-example
          ${NONE:-fallback}    | fallback
          ${EMPTY:-fallback}   | fallback
          ${HOST:-fallback}    | example
          ${NONE:-}x           | x
          ${NONE:-a:-b}        | a:-b
          $${HOST}             | ${HOST}
          $$${HOST}            | $${HOST}
          ${MONEY}             | $1\\2
          ${1}                 | ${1}
          ${                   | ${
          $HOST                | $HOST
          """)
  void referencesAreReplaced(String text, String expected) {
    var replaced = substitution.apply(Read.mapping("a: '" + text + "'"));
    assertThat(Read.value(replaced, "a")).isEqualTo(expected.replace("\\\\", "\\"));
    assertThat(problems.all()).isEmpty();
  }

  @Test
  void everyTextOfTheTreeIsReplacedAndNothingElse() {
    var tree = Read.mapping("a: [1, '${HOST}', {b: '${HOST}'}]\n'${HOST}': true\n");
    var replaced = substitution.apply(tree);
    assertThat(Read.value(replaced, "a", "0")).isEqualTo(1L);
    assertThat(Read.value(replaced, "a", "1")).isEqualTo("example");
    assertThat(Read.value(replaced, "a", "2", "b")).isEqualTo("example");
    assertThat(Read.value(replaced, "${HOST}")).isEqualTo(true);
    var list = (Tree.Sequence) Read.at(replaced, "a");
    assertThat(((Tree.Scalar) list.items().get(1)).loose()).isTrue();
    assertThat(((Tree.Scalar) list.items().get(0)).loose()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "${HOST}, SECRET",
    "a${HOST}b, SECRET",
    "${ONE}, SECRET",
    "${CONFIG_DIR}${HOST}, SECRET",
    "${NONE:-x}${HOST}, SECRET",
    "${NONE:-x}, OUTSIDE",
    "${CONFIG_DIR}/x, OUTSIDE",
    "$${HOST}, OUTSIDE",
    "plain, DOCUMENT",
    "$HOST, DOCUMENT"
  })
  void whatComesOutOfTheEnvironmentIsASecret(String text, Tree.Scalar.Origin origin) {
    var replaced = substitution.apply(Read.mapping("a: '" + text + "'"));
    assertThat(((Tree.Scalar) Read.at(replaced, "a")).origin()).isEqualTo(origin);
  }

  @Test
  void aFileLosesOneNewlineAndIsReadOnce() {
    var replaced = substitution.apply(Read.mapping("a: ['${ONE}${ONE}', '${CRLF}', '${TWO}']"));
    assertThat(Read.value(replaced, "a", "0")).isEqualTo("from a filefrom a file");
    assertThat(Read.value(replaced, "a", "1")).isEqualTo("x");
    assertThat(Read.value(replaced, "a", "2")).isEqualTo("a\n");
    assertThat(reads).isEqualTo(3);
  }

  @Test
  void aFileThatCannotBeReadIsNamedAndNothingOfIt() {
    substitution.apply(Read.mapping("a: ${GONE:-fallback}"));
    assertThat(problems.all()).singleElement().asString().contains("/run/gone", "GONE_FILE");
    assertThat(problems.toString()).doesNotContain("CANARY");
  }

  @Test
  void valuesTogetherAreBounded() {
    var many = substitution.apply(Read.mapping("a: '" + "${LARGE}".repeat(1_000) + "'"));
    assertThat(Read.value(many, "a")).isEqualTo("");
    assertThat(problems.all().getFirst().what()).contains("add up to more than");
  }

  @Test
  void defaultsThatNeverEndTakeNoTime() {
    org.junit.jupiter.api.Assertions.assertTimeoutPreemptively(
        java.time.Duration.ofSeconds(5),
        () -> substitution.apply(Read.mapping("a: '} " + "${A:-".repeat(200_000) + "'")));
  }

  @Test
  void aVariableThatIsNotSetIsAProblemAtItsPlace() {
    substitution.apply(Read.mapping("a: ok\nb:\n  c: ${NONE} ${EMPTY}\n"));
    assertThat(problems.all()).hasSize(2);
    var problem = problems.all().getFirst();
    assertThat(problem.code()).isEqualTo("E_UNSET_VARIABLE");
    assertThat(problem.location().line()).isEqualTo(3);
    assertThat(problem.location().pointer()).isEqualTo("/b/c");
    assertThat(problem.fix()).contains("${NONE:-");
  }
}
