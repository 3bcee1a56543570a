package dev.millrace.engine.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.time.SystemClock;
import dev.millrace.testkit.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TaskTest {
  private final SystemClock clock = new SystemClock();
  private final EngineRuntime runtime =
      new EngineRuntime(EngineSpec.DEFAULT.withWorkers(2), clock, new Metrics()).start();

  @AfterEach
  void stop() {
    runtime.close();
    clock.close();
  }

  @Test
  void wakeStormsFromManyThreadsLoseNoWorkAndNeverEnterATaskTwice() throws Exception {
    storm(new Counter(runtime.shared()));
    storm(new Counter(OwnThread.virtual("storm")));
    storm(new Counter(OwnThread.platform("storm")));
  }

  private static void storm(Counter task) throws Exception {
    task.launch();
    var threads = new ArrayList<Thread>();
    for (int i = 0; i < 4; i++) {
      threads.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    for (int n = 0; n < 20_000; n++) {
                      task.work.incrementAndGet();
                      task.wake();
                      if (ThreadLocalRandom.current().nextInt(100) == 0) {
                        LockSupport.parkNanos(1_000);
                      }
                    }
                  }));
    }
    for (var thread : threads) {
      thread.join();
    }
    Await.until("all work is done", () -> task.done == 80_000);
    assertThat(task.overlaps.get()).isZero();
  }

  @Test
  void aWakeUpBeforeTheLaunchRunsNothingAndIsNotForgotten() {
    var task = new Counter(runtime.shared());
    task.work.incrementAndGet();
    task.wake();
    assertThat(task.turns).isZero();

    task.launch();

    Await.until("the work is done", () -> task.done == 1);
  }

  @Test
  void aBusyTaskDelaysNoOther() {
    var busy = new Forever(runtime.shared());
    var busyToo = new Forever(runtime.shared());
    var third = new Forever(runtime.shared());
    busy.launch();
    busyToo.launch();
    third.launch();

    Await.until(
        "each has had many turns",
        () -> Math.min(busy.turns, Math.min(busyToo.turns, third.turns)) > 1_000);
    busy.stopped = true;
    busyToo.stopped = true;
    third.stopped = true;
    Await.until("all have ended", () -> busy.ended() && busyToo.ended() && third.ended());
    busy.wake(); // an ended task stays ended
    assertThat(busy.ended()).isTrue();
  }

  /// Does the work that is counted for it, one turn at a time.
  private static final class Counter extends Task {
    private final AtomicLong work = new AtomicLong();
    private final AtomicInteger inside = new AtomicInteger();
    private final AtomicInteger overlaps = new AtomicInteger();
    private volatile long done; // written by the task's thread, read by the test
    private volatile int turns; // likewise

    Counter(Host host) {
      super(host);
    }

    @Override
    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread at a time is what is tested
    protected Turn turn() {
      turns++;
      if (inside.getAndIncrement() != 0) {
        overlaps.incrementAndGet();
      }
      done += work.getAndSet(0);
      inside.decrementAndGet();
      return Turn.PARK;
    }

    @Override
    protected void held(Duration held, StackTraceElement[] stack) {}
  }

  private static final class Forever extends Task {
    private volatile long turns; // written by the task's thread, read by the test
    private volatile boolean stopped; // written by the test

    Forever(Host host) {
      super(host);
    }

    @Override
    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread at a time
    protected Turn turn() {
      turns++;
      return stopped ? Turn.END : Turn.AGAIN;
    }

    @Override
    protected void held(Duration held, StackTraceElement[] stack) {}
  }
}
