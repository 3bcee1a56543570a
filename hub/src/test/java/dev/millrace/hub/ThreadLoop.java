package dev.millrace.hub;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// A loop with a thread of its own, which ends when a task fails.
final class ThreadLoop implements HubLoop {
  private final LinkedBlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private boolean running = true; // confined to the loop
  private final Thread thread = Thread.ofPlatform().start(this::run);

  /// So many loops.
  static List<ThreadLoop> several(int count) {
    return IntStream.range(0, count).mapToObj(any -> new ThreadLoop()).toList();
  }

  /// Stops them and waits until they have ended.
  static void stop(List<ThreadLoop> loops) throws InterruptedException {
    for (var loop : loops) {
      loop.execute(() -> loop.running = false);
      loop.thread.join(10_000);
    }
  }

  static void assertNoneFailed(List<ThreadLoop> loops, long seed) {
    assertThat(loops)
        .as("seed %d", seed)
        .allSatisfy(loop -> assertThat(loop.failure).hasNullValue());
  }

  /// Waits for what loops bring about.
  static void await(BooleanSupplier condition, long seed) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("seed %d", seed).isLessThan(deadline);
      LockSupport.parkNanos(1_000_000);
    }
  }

  private void run() {
    try {
      while (running) {
        tasks.take().run();
      }
    } catch (Throwable broken) {
      failure.set(broken);
    }
  }

  @Override
  public void execute(Runnable task) {
    tasks.add(task);
  }

  @Override
  public boolean inLoop() {
    return Thread.currentThread().equals(thread);
  }
}
