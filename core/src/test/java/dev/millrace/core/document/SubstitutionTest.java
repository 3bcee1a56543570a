package dev.millrace.core.document;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.problem.Problems;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SubstitutionTest {
  private final Problems problems = new Problems();
  private final Substitution substitution =
      new Substitution(Map.of("HOST", "example", "EMPTY", "", "MONEY", "$1\\2")::get, problems);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          ${HOST}              | example
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
    var replaced = (Tree.Mapping) substitution.apply(tree);
    assertThat(Read.value(replaced, "a", "0")).isEqualTo(1L);
    assertThat(Read.value(replaced, "a", "1")).isEqualTo("example");
    assertThat(Read.value(replaced, "a", "2", "b")).isEqualTo("example");
    assertThat(Read.value(replaced, "${HOST}")).isEqualTo(true);
    var list = (Tree.Sequence) Read.at(replaced, "a");
    assertThat(((Tree.Scalar) list.items().get(1)).loose()).isTrue();
    assertThat(((Tree.Scalar) list.items().get(0)).loose()).isFalse();
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
