package dev.millrace.classify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.classify.Evaluation.Confusion;
import java.util.List;
import org.junit.jupiter.api.Test;

class EvaluationTest {

  @Test
  void countsAsByHand() {
    var evaluation = new Evaluation(List.of("a", "b", "c", "never"));
    evaluation.add("a", 0);
    evaluation.add("a", 0);
    evaluation.add("a", 1);
    evaluation.add("b", 1);
    evaluation.add("b", 0);
    evaluation.add("c", 1);
    evaluation.add("elsewhere", 1);
    assertThat(evaluation.rows()).isEqualTo(6);
    assertThat(evaluation.unknownTruths()).isEqualTo(1);
    assertThat(evaluation.accuracy()).isEqualTo(0.5);
    // a: precision 2/3, recall 2/3; b: 1/3, 1/2; c: 0; the label never seen does not count
    assertThat(evaluation.macroF1()).isCloseTo((2.0 / 3 + 0.4 + 0) / 3, within(1e-12));
    assertThat(evaluation.confusion())
        .containsExactly(
            new Confusion("a", "a", 2),
            new Confusion("a", "b", 1),
            new Confusion("b", "a", 1),
            new Confusion("b", "b", 1),
            new Confusion("c", "b", 1));
  }

  @Test
  void withoutRowsThereIsNothingToSay() {
    var evaluation = new Evaluation(List.of("a"));
    assertThat(evaluation.accuracy()).isNaN();
    assertThat(evaluation.macroF1()).isNaN();
    assertThat(evaluation.confusion()).isEmpty();
  }
}
