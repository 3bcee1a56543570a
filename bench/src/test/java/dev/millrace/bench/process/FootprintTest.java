package dev.millrace.bench.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FootprintTest {
  private static final String STATUS = "Name:\tjava\nVmRSS:\t    2048 kB\n";
  private static final String SAID =
      """
      4711:
      Command executed successfully
       num     #instances         #bytes  class name (module)
      -------------------------------------------------------
         1:            10            800  [B (java.base@25.0.3)
         2:             4            300  jdk.internal.vm.FillerElement[] (java.base@25.0.3)
         3:             2             48  java.lang.Object (java.base@25.0.3)
      Total            16           1148
      Native Memory Tracking:
      Total: reserved=900, committed=800
      -                     Other (reserved=5000, committed=4096)
                                  (malloc=4096 #12)
      """;

  @Test
  void whatACollectorPutsBetweenObjectsIsNotCounted() throws IOException {
    var footprint = Footprint.read(SAID, STATUS);

    assertThat(footprint.heapBytes()).isEqualTo(848);
    assertThat(footprint.directBytes()).isEqualTo(4_096);
    assertThat(footprint.heldBytes()).isEqualTo(848 + 4_096);
    assertThat(footprint.residentBytes()).isEqualTo(2 << 20);
  }

  @Test
  void classesAreToldByWhatTheyGrew() {
    var before = new Footprint(Map.of("A", 10L, "B", 500L), 0, 0);
    var after = new Footprint(Map.of("A", 110L, "B", 400L, "C", 7L), 0, 0);

    assertThat(after.grownSince(before, 5))
        .containsExactly(Map.entry("A", 100L), Map.entry("C", 7L));
    assertThat(after.grownSince(before, 1)).hasSize(1);
  }

  @Test
  void anAnswerWithoutFiguresIsToldSo() {
    assertThatThrownBy(() -> Footprint.read("no such process", STATUS))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no class histogram");
    assertThatThrownBy(() -> Footprint.read(SAID.replace("Other", "Code"), STATUS))
        .hasMessageContaining("Other");
  }

  @Test
  void figuresOfAServerAreReadByMetricAndLabel() {
    var figures =
        ServerFigures.read(
            "# HELP a_total What.\na_total{reason=\"x\"} 3.0\na_total{reason=\"y\"} 4.0\na 9.0\n");

    assertThat(figures.sum("a_total")).isEqualTo(7);
    assertThat(figures.sum("a")).isEqualTo(9);
    assertThat(figures.value("a_total", "reason", "y")).isEqualTo(4);
    assertThat(figures.value("a_total", "reason", "z")).isZero();
  }
}
