package dev.millrace.core.time;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The machine's clock, with one daemon thread `millrace-timer` for all timers of the process.
public final class SystemClock implements Clock, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(SystemClock.class);

  private final ScheduledThreadPoolExecutor timers;

  public SystemClock() {
    timers =
        new ScheduledThreadPoolExecutor(
            1, work -> Thread.ofPlatform().name("millrace-timer").daemon(true).unstarted(work));
    timers.setRemoveOnCancelPolicy(true);
    timers.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    timers.setRejectedExecutionHandler((work, pool) -> {}); // after close nothing is due any more
  }

  @Override
  public long nanoTime() {
    return System.nanoTime();
  }

  @Override
  public long epochMicros() {
    var now = Instant.now();
    return now.getEpochSecond() * 1_000_000 + now.getNano() / 1_000;
  }

  @Override
  public Timer after(Duration delay, Runnable action) {
    return cancelling(timers.schedule(guarded(action), delay.toNanos(), TimeUnit.NANOSECONDS));
  }

  @Override
  public Timer every(Duration period, Runnable action) {
    var nanos = period.toNanos();
    return cancelling(
        timers.scheduleWithFixedDelay(guarded(action), nanos, nanos, TimeUnit.NANOSECONDS));
  }

  @Override
  public void close() {
    timers.shutdownNow();
  }

  private static Timer cancelling(ScheduledFuture<?> future) {
    return () -> future.cancel(false);
  }

  /// A periodic action that threw would silently never run again.
  private static Runnable guarded(Runnable action) {
    return () -> {
      try {
        action.run();
      } catch (RuntimeException failure) {
        log.error("A timer action failed; the timer goes on", failure);
      }
    };
  }
}
