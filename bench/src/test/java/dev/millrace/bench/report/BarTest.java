package dev.millrace.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BarTest {

  @Test
  void aBarIsMetAtItsLimitAndMissedBeyondIt() {
    assertThat(Bar.atLeast("x", 6, 6).met()).isTrue();
    assertThat(Bar.atLeast("x", 5.9, 6).met()).isFalse();
    assertThat(Bar.atMost("x", 2, 2).met()).isTrue();
    assertThat(Bar.atMost("x", 2.1, 2).met()).isFalse();
  }

  @Test
  void aFigureThatIsNoNumberMissesItsBar() {
    assertThat(Bar.atLeast("x", Double.NaN, 6).met()).isFalse();
    assertThat(Bar.atMost("x", Double.NaN, 6).met()).isFalse();
  }

  @Test
  void aBarSaysWhatWasMeasuredAndWhetherItIsEnough() {
    assertThat(Bar.atLeast("engine / pekko", 6.84, 6))
        .hasToString("engine / pekko 6.84, bar ≥ 6: met");
    assertThat(Bar.atMost("p99, ms", 2.5, 0.25)).hasToString("p99, ms 2.50, bar ≤ 0.25: missed");
  }
}
