package dev.millrace.engine.schedule;

import dev.millrace.core.time.Clock;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One shared engine thread. Runs turns until its queue closes or it has been replaced.
final class Worker implements Runnable {
  private static final Logger log = LoggerFactory.getLogger(Worker.class);

  private final RunQueue queue;
  private final Clock clock;

  // Written by the worker's thread once per turn, read by the watchdog.
  private volatile @Nullable Task current;
  private volatile long sinceNanos;

  // Written by the watchdog: the thread ends after the turn it is in.
  private volatile boolean replaced;

  private volatile @Nullable Thread thread; // written once, when the worker starts

  Worker(RunQueue queue, Clock clock) {
    this.queue = queue;
    this.clock = clock;
  }

  @Override
  public void run() {
    thread = Thread.currentThread();
    var task = queue.take();
    while (task != null) {
      sinceNanos = clock.nanoTime();
      current = task;
      boolean again = run(task);
      current = null;
      if (replaced) {
        if (again) {
          task.host().submit(task);
        }
        return;
      }
      task = again ? exchange(task) : queue.take();
    }
  }

  /// The task whose turn it is after `task`, which stands in line again.
  private @Nullable Task exchange(Task task) {
    return switch (task.host()) {
      case RunQueue.Lane lane -> lane.exchange(task);
      case OwnThread own -> throw new IllegalStateException(task + " has a thread of its own");
    };
  }

  /// One turn. A task lets nothing out; should it all the same, the others keep their worker.
  private static boolean run(Task task) {
    try {
      return task.run();
    } catch (Throwable unexpected) {
      log.error("{} let an exception out and is not run any more", task, unexpected);
      return false;
    }
  }

  /// Marks the worker as replaced and tells its task, if one turn has lasted for `limit` or longer.
  ///
  /// @return whether another worker must take this one's place
  @SuppressWarnings("ReferenceEquality") // the very same task, still in hand
  boolean giveUpIfHeld(Duration limit) {
    var task = current;
    var held = Duration.ofNanos(clock.nanoTime() - sinceNanos);
    var on = thread;
    if (task == null || on == null || held.compareTo(limit) < 0 || current != task || replaced) {
      return false;
    }
    replaced = true;
    task.held(held, on.getStackTrace());
    return true;
  }
}
