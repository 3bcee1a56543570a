package dev.millrace.testkit;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class AwaitTest {
  @Test
  void itWaitsUntilTheConditionHolds() {
    var looks = new AtomicInteger();
    Await.until("the third look", () -> looks.incrementAndGet() == 3);
  }

  @Test
  void itComplainsAfterItsPatienceIsOver() {
    assertThatThrownBy(() -> Await.until(Duration.ofMillis(20), () -> false, () -> "never came"))
        .isInstanceOf(AssertionError.class)
        .hasMessage("never came");
  }
}
