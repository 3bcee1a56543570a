package dev.millrace.control.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.time.Clock;
import dev.millrace.core.time.FakeClock;
import dev.millrace.testkit.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class CadenceTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final FakeClock clock = new FakeClock();
  private final Metrics metrics = new Metrics();
  private final AtomicInteger runs = new AtomicInteger();

  @Test
  void aRunThatTakesLongMakesTheNextOnesFallOutAndNoBurst() {
    var go = new Semaphore(0);
    try (var cadence =
        new Cadence(
            "test",
            clock,
            metrics,
            () -> {
              assertThat(Thread.currentThread().isVirtual()).isTrue();
              runs.incrementAndGet();
              go.acquireUninterruptibly();
            })) {
      cadence.start(SECOND, SECOND);
      clock.advance(Duration.ofSeconds(5));
      Await.until("one run", () -> runs.get() == 1);
      assertThat(metrics.count(TelemetryMetric.SKIPPED, "test")).isEqualTo(4);
      go.release(2);
      // The run in hand has to end first; then exactly one more follows.
      Await.until(
          "the next run",
          () -> {
            if (runs.get() == 1) {
              clock.advance(SECOND);
            }
            return runs.get() == 2;
          });
    }
  }

  @Test
  void aRunThatFailsIsCountedAndTheNextOneComes() {
    try (var recorder = new LogRecorder(Cadence.class);
        var cadence =
            new Cadence(
                "test",
                clock,
                metrics,
                () -> {
                  if (runs.incrementAndGet() == 1) {
                    throw new IllegalStateException("the first one");
                  }
                })) {
      cadence.start(Duration.ZERO, SECOND);
      clock.advance(Duration.ZERO);
      Await.until("a failure", () -> recorder.records.size() == 1);
      assertThat(metrics.count(TelemetryMetric.FAILED, "test")).isEqualTo(1);
      Await.until(
          "the next run",
          () -> {
            clock.advance(SECOND);
            return runs.get() > 1;
          });
    }
  }

  @Test
  void aTimerThatFiredWhileItWasBeingReplacedStartsNoSecondCadence() {
    var fired = new ArrayList<Runnable>();
    var firing =
        new Clock() {
          @Override
          public long nanoTime() {
            return clock.nanoTime();
          }

          @Override
          public long epochMicros() {
            return clock.epochMicros();
          }

          @Override
          public Timer after(Duration delay, Runnable action) {
            fired.add(action);
            return clock.after(delay, action);
          }

          @Override
          public Timer every(Duration period, Runnable action) {
            return clock.every(period, action);
          }
        };
    try (var cadence = new Cadence("test", firing, metrics, runs::incrementAndGet)) {
      cadence.start(SECOND, Duration.ofHours(1));
      cadence.start(SECOND, Duration.ofHours(2));
      fired.getFirst().run(); // it was cancelled, but was on its way
      clock.advance(SECOND);
      assertThat(clock.pendingTimers()).isEqualTo(1);
    }
    assertThat(clock.pendingTimers()).isZero();
  }

  @Test
  void afterStoppingNothingRunsAndNoTimerIsLeft() {
    try (var cadence = new Cadence("test", clock, metrics, runs::incrementAndGet)) {
      cadence.start(SECOND, SECOND);
      cadence.stop();
      cadence.stop();
      clock.advance(Duration.ofSeconds(10));
      assertThat(clock.pendingTimers()).isZero();
      cadence.start(SECOND, Duration.ofSeconds(30));
      cadence.start(SECOND, Duration.ofSeconds(60));
      assertThat(clock.pendingTimers()).isEqualTo(1);
      clock.advance(SECOND);
      Await.until("one run", () -> runs.get() == 1);
    }
    assertThat(clock.pendingTimers()).isZero();
  }
}
