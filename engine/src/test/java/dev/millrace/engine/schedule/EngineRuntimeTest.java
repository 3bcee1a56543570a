package dev.millrace.engine.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.spec.Spec;
import dev.millrace.core.time.FakeClock;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class EngineRuntimeTest {
  private final FakeClock clock = new FakeClock();
  private final EngineRuntime runtime =
      new EngineRuntime(EngineSpec.DEFAULT.withWorkers(1), clock, new Metrics());
  private final Stuck stuck = new Stuck(runtime.shared());

  @AfterEach
  void stop() {
    stuck.release.countDown();
    runtime.close();
  }

  @Test
  void aShorterHoldLimitHoldsAtOnce() throws Exception {
    runtime.start();
    stuck.launch();
    stuck.entered.await();
    clock.advance(Duration.ofSeconds(2));
    assertThat(stuck.heldFor).isNull();

    runtime.apply(EngineSpec.DEFAULT.withHoldLimit(Duration.ofSeconds(1)));
    clock.advance(Duration.ofMillis(200));

    assertThat(stuck.heldFor).isEqualTo(Duration.ofMillis(2_200));
  }

  @Test
  void aLongerHoldLimitSparesWhatTheShorterWouldHaveReported() throws Exception {
    runtime.start();
    stuck.launch();
    stuck.entered.await();
    clock.advance(Duration.ofSeconds(4));

    runtime.apply(EngineSpec.DEFAULT.withHoldLimit(Duration.ofSeconds(60)));
    clock.advance(Duration.ofSeconds(50));
    assertThat(stuck.heldFor).isNull();
    clock.advance(Duration.ofSeconds(20));

    assertThat(stuck.heldFor).isNotNull();
  }

  @Test
  void thereIsOneWatchdogHoweverOftenTheLimitChangesAndNoneInTheEnd() {
    runtime.apply(EngineSpec.DEFAULT.withHoldLimit(Duration.ofSeconds(9)));
    assertThat(clock.pendingTimers()).isZero();
    runtime.start();
    for (int i = 1; i <= 20; i++) {
      runtime.apply(EngineSpec.DEFAULT.withHoldLimit(Duration.ofSeconds(i)));
      assertThat(clock.pendingTimers()).isEqualTo(1);
    }
    runtime.close();
    runtime.apply(EngineSpec.DEFAULT);
    assertThat(clock.pendingTimers()).isZero();
  }

  @Test
  void onlyTheNumberOfWorkersAndThePoisonWaitForARestart() {
    assertThat(Spec.of(EngineSpec.class).keys().stream().filter(Spec.Key::onRestart))
        .extracting(Spec.Key::name)
        .containsExactly("workers", "debug_poison");
    runtime.apply(EngineSpec.DEFAULT.withTraceEvery(500));
    assertThat(runtime.traceEvery()).isEqualTo(500);
  }

  @Test
  void aWrongSpecIsRefusedWithItsValue() {
    assertThatThrownBy(() -> EngineSpec.DEFAULT.withTraceEvery(-1)).hasMessageContaining("-1");
    assertThatThrownBy(() -> EngineSpec.DEFAULT.withHoldLimit(Duration.ZERO))
        .hasMessageContaining("PT0S");
    assertThatThrownBy(() -> EngineSpec.DEFAULT.withWorkers(-2)).hasMessageContaining("-2");
  }

  /// Never comes back from its turn until the test is over.
  private static final class Stuck extends Task {
    private final CountDownLatch entered = new CountDownLatch(1);
    private final CountDownLatch release = new CountDownLatch(1);

    // Written by the watchdog, on the thread that advances the clock.
    private volatile @org.jspecify.annotations.Nullable Duration heldFor;

    Stuck(Host host) {
      super(host);
    }

    @Override
    protected Turn turn() {
      entered.countDown();
      try {
        release.await();
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
      }
      return Turn.END;
    }

    @Override
    protected void held(Duration held, StackTraceElement[] stack) {
      heldFor = held;
    }
  }
}
