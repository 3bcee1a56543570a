package dev.millrace.core.problem;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ProblemTest {
  private static final Location HERE = new Location("a.yaml", 3, 7, "/x/y");

  @Test
  void aProblemSaysWhereWhatAndHowToFixIt() {
    assertThat(Problem.error("E_X", HERE, "it is broken", "Mend it."))
        .hasToString("a.yaml:3:7: error: it is broken [E_X]\n    at  /x/y\n    fix Mend it.");
    assertThat(Problem.warning("W_X", Location.of("--set a"), "odd", null))
        .hasToString("--set a: warning: odd [W_X]");
  }

  @Test
  void strictMakesWarningsErrors() {
    var problems = new Problems();
    problems.warning("W_X", HERE, "odd", null);
    assertThat(problems.hasErrors()).isFalse();
    var strict = problems.strict();
    assertThat(strict.hasErrors()).isTrue();
    assertThat(strict.all().getFirst().isError()).isTrue();
    assertThat(problems.all().getFirst().isError()).isFalse();
  }

  @Test
  void onlySoManyProblemsAreKeptAndTheRestIsCounted() {
    var problems = new Problems();
    for (int i = 0; i < Problems.LIMIT + 5; i++) {
      problems.error("E_X", HERE, "number " + i, null);
    }
    assertThat(problems.all()).hasSize(Problems.LIMIT);
    assertThat(problems.suppressed()).isEqualTo(5);
    assertThat(problems.errorCount()).isEqualTo(Problems.LIMIT + 5);
    assertThat(problems.toString()).contains("number 0 [E_X]\n").endsWith("… and 5 more\n");
    assertThat(problems.strict().suppressed()).isEqualTo(5);
    var others = new Problems();
    others.addAll(List.of(Problem.error("E", HERE, "one", null)));
    assertThat(others.toString()).isEqualTo("a.yaml:3:7: error: one [E]\n    at  /x/y\n");
  }

  @Test
  void anExceptionCarriesTheProblemAndItsText() {
    var problem = Problem.error("E_X", HERE, "it is broken", null);
    var cause = new IllegalStateException("cause");
    assertThat(new ProblemException(problem).problem()).isEqualTo(problem);
    assertThat(new ProblemException(problem, cause)).hasMessage(problem.toString()).hasCause(cause);
  }

  @Test
  void locationsAreJsonPointers() {
    var at = Location.of("f").child("a/b").child("c~d").at(1, 2);
    assertThat(at.pointer()).isEqualTo("/a~1b/c~0d");
    assertThat(at).hasToString("f:1:2");
  }

  @Test
  void problemsOfAnotherCollectorAreAddedByPlaceAndCountedWhole() {
    var found = new Problems();
    for (int i = Problems.LIMIT + 5; i > 0; i--) {
      found.error("E_X", Location.of("f").at(i, 1), "line " + i, null);
    }
    var all = new Problems();
    all.addSorted(found);

    assertThat(all.errorCount()).isEqualTo(Problems.LIMIT + 5);
    assertThat(all.suppressed()).isEqualTo(5);
    assertThat(all.all().getFirst().location().line()).isEqualTo(6);
    assertThat(all.all().getLast().location().line()).isEqualTo(Problems.LIMIT + 5);
  }

  @Test
  void aProblemNamesItsNodesAlsoWhenStrict() {
    var problem = Problem.warning("W_X", Location.of("f"), "odd", null).about(List.of("a", "b"));

    assertThat(problem.strict().nodes()).containsExactly("a", "b");
    assertThat(problem.isError()).isFalse();
  }
}
