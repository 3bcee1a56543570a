package dev.millrace.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class ReportTest {

  @Test
  void aTableAlignsNamesLeftAndNumbersRight() {
    var table = new Table("", "rate", "lost").row("reference", "1,000", "0").row("x", "7", "12");

    assertThat(table.toString().lines())
        .containsExactly(
            "            rate  lost", "reference  1,000     0", "x              7    12");
  }

  @Test
  void aRowNeedsACellForEachHeading() {
    assertThatThrownBy(() -> new Table("a", "b").row("1")).hasMessage("1 cells under [a, b]");
  }

  @Test
  void theMedianIsTheMiddleAndIgnoresOneOutlier() {
    assertThat(Medians.of(List.of(9.0, 1.0, 2.0), Double::doubleValue)).isEqualTo(2);
    assertThat(Medians.of(List.of(1.0, 2.0, 4.0, 100.0), Double::doubleValue)).isEqualTo(3);
    assertThatThrownBy(() -> Medians.of(List.<Double>of(), Double::doubleValue))
        .hasMessageContaining("nothing");
  }

  @Test
  void theMachineIsNamed() {
    assertThat(Machine.current().toString()).contains("cores of").contains("Java");
    assertThat(Machine.current().cores()).isPositive();
  }
}
