package dev.millrace.bench.graph;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ContestantsTest {

  @Test
  void theLoopDoesAllTheWorkEveryTime() {
    var loop = new PlainLoop();

    assertThatCode(() -> Work.checked(loop.run())).doesNotThrowAnyException();
    assertThatCode(() -> Work.checked(loop.run())).doesNotThrowAnyException();
  }

  @Test
  void theEngineDoesAllTheWorkEveryTime() {
    try (var chain = new EngineChain()) {
      assertThatCode(() -> Work.checked(chain.run())).doesNotThrowAnyException();
      assertThatCode(() -> Work.checked(chain.run())).doesNotThrowAnyException();
    }
  }

  @Test
  void pekkoDoesAllTheWorkEveryTime() {
    try (var stream = new PekkoStream()) {
      assertThatCode(() -> Work.checked(stream.run())).doesNotThrowAnyException();
      assertThatCode(() -> Work.checked(stream.run())).doesNotThrowAnyException();
    }
  }

  @Test
  void aWrongSumIsNoResult() {
    assertThatThrownBy(() -> Work.checked(0)).hasMessageContaining("the sum is 0 and not ");
  }
}
