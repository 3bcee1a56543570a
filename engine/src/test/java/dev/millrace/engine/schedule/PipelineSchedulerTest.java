package dev.millrace.engine.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.time.FakeClock;
import dev.millrace.engine.EngineMetric;
import dev.millrace.engine.schedule.PipelineScheduler.Job;
import dev.millrace.engine.schedule.PipelineScheduler.Placement;
import dev.millrace.testkit.Await;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PipelineSchedulerTest {
  private static final List<Priority> PRIORITIES =
      List.of(Priority.CRITICAL, Priority.HIGH, Priority.NORMAL, Priority.LOW);

  private final FakeClock clock = new FakeClock();
  private final Metrics metrics = new Metrics();
  private final PipelineScheduler scheduler = new PipelineScheduler(1, 1_000, clock, metrics);
  private final Semaphore steps = new Semaphore(0); // lets one job end
  private final ConcurrentLinkedQueue<String> begun = new ConcurrentLinkedQueue<>();

  private Placement schedule(String name, Priority priority, @Nullable Duration deadline) {
    return scheduler.schedule(
        new Job(
            name,
            priority,
            deadline,
            () -> {
              begun.add(name);
              steps.acquire();
            }));
  }

  private Placement schedule(String name, Priority priority) {
    return schedule(name, priority, null);
  }

  @Test
  void whatWaitsBeginsByPriorityAndInOrderAmongEquals() throws Exception {
    assertThat(schedule("first", Priority.LOW)).isEqualTo(Placement.STARTED);
    assertThat(schedule("low", Priority.LOW)).isEqualTo(Placement.QUEUED);
    schedule("normal", Priority.NORMAL);
    schedule("normal2", Priority.NORMAL);
    schedule("critical", Priority.CRITICAL);
    schedule("high", Priority.HIGH);
    assertThat(scheduler.activeCount()).isEqualTo(1);
    assertThat(scheduler.pendingCount()).isEqualTo(5);

    steps.release(6);
    scheduler.awaitAll();

    assertThat(begun).containsExactly("first", "critical", "high", "normal", "normal2", "low");
    assertThat(scheduler.activeCount()).isZero();
    assertThat(new String(metrics.exposition(), StandardCharsets.UTF_8))
        .contains("millrace_engine_scheduler_latency_seconds_count{priority=\"normal\"} 2");
  }

  @Test
  void waitingRaisesWorkByOneLevelEveryFiveSeconds() throws Exception {
    schedule("first", Priority.NORMAL);
    schedule("low", Priority.LOW);
    clock.advance(Duration.ofSeconds(5));
    schedule("normal", Priority.NORMAL); // as high as the old one by now, and younger
    clock.advance(Duration.ofSeconds(4));
    schedule("high", Priority.HIGH);

    steps.release(4);
    scheduler.awaitAll();

    assertThat(begun).containsExactly("first", "high", "low", "normal");
    assertThat(metrics.count(EngineMetric.SCHEDULER_TARGET_MISSES, "low")).isEqualTo(1);
    assertThat(metrics.count(EngineMetric.SCHEDULER_TARGET_MISSES, "high")).isZero();
  }

  @Test
  void aDeadlineAbortsWhatRunsAndWhatStillWaits() throws Exception {
    var aborted = new AtomicBoolean();
    var inside = new CountDownLatch(1);
    scheduler.schedule(
        new Job(
            "runs",
            Priority.HIGH,
            Duration.ofSeconds(2),
            new PipelineScheduler.Work() {
              @Override
              public void run() throws InterruptedException {
                inside.countDown();
                new CountDownLatch(1).await();
              }

              @Override
              public void abort() {
                aborted.set(true);
              }
            }));
    inside.await();
    schedule("waits", Priority.LOW, Duration.ofSeconds(1));
    clock.advance(Duration.ofSeconds(1));
    assertThat(scheduler.pendingCount()).isZero();
    clock.advance(Duration.ofSeconds(1));
    scheduler.awaitAll();

    assertThat(aborted).isTrue();
    assertThat(begun).isEmpty();
    assertThat(metrics.count(EngineMetric.SCHEDULER_ABORTED, "low")).isEqualTo(1);
    assertThat(metrics.count(EngineMetric.SCHEDULER_ABORTED, "high")).isEqualTo(1);
  }

  @Test
  void workThatFailsCostsTheOthersNothing() throws Exception {
    scheduler.schedule(
        new Job(
            "fails",
            Priority.LOW,
            null,
            () -> {
              throw new IllegalStateException("boom");
            }));
    Await.until("its place is free", () -> scheduler.activeCount() == 0);
    assertThat(schedule("next", Priority.LOW)).isEqualTo(Placement.STARTED);
    steps.release();
    scheduler.awaitAll();
  }

  @Test
  void tooMuchWorkAndAClosedSchedulerAreRefused() throws Exception {
    var small = new PipelineScheduler(1, 0, clock, metrics);
    var job = new Job("x", Priority.LOW, null, steps::acquire);
    assertThat(small.schedule(job)).isEqualTo(Placement.STARTED);
    assertThat(small.schedule(job)).isEqualTo(Placement.REFUSED);
    steps.release();
    small.awaitAll();
    small.close();
    assertThat(small.schedule(job)).isEqualTo(Placement.REFUSED);
    assertThatThrownBy(() -> new PipelineScheduler(0, 1, clock, metrics))
        .hasMessage("max_concurrent 0 < 1");
    schedule("runs", Priority.LOW);
    schedule("forgotten", Priority.LOW);
    scheduler.close();
    steps.release();
    scheduler.awaitAll();
    assertThat(begun).containsExactly("runs");
  }

  /// Beside a model that sorts what waits by level and age whenever a place is free.
  @Test
  void aRandomWalkBeginsWhatTheModelBegins() throws Exception {
    record Waiting(String name, Priority priority, long since, int number) {
      long level(long now) {
        return Math.min(3, priority.level() + (now - since) / 5_000);
      }
    }
    var random = new Random(4);
    schedule("first", Priority.NORMAL);
    Await.until("it has begun", () -> begun.size() == 1);
    var model = new ArrayList<Waiting>();
    var expected = new ArrayList<>(List.of("first"));
    long now = 0;
    for (int step = 0; step < 400; step++) {
      switch (random.nextInt(5)) {
        case 0, 1 -> {
          var priority = PRIORITIES.get(random.nextInt(4));
          model.add(new Waiting("job" + step, priority, now, step));
          schedule("job" + step, priority);
        }
        case 2 -> {
          long millis = random.nextInt(3_000);
          now += millis;
          clock.advance(Duration.ofMillis(millis));
        }
        default -> {
          if (!model.isEmpty()) {
            long at = now;
            var next =
                model.stream()
                    .min(
                        Comparator.<Waiting>comparingLong(one -> -one.level(at))
                            .thenComparingInt(Waiting::number))
                    .orElseThrow();
            model.remove(next);
            expected.add(next.name());
            steps.release();
            Await.until("the next has begun", () -> begun.size() == expected.size());
          }
        }
      }
      assertThat(List.copyOf(begun)).as("step %s", step).isEqualTo(expected);
      assertThat(scheduler.pendingCount()).isEqualTo(model.size());
    }
    steps.release(10_000);
    scheduler.awaitAll();
  }
}
