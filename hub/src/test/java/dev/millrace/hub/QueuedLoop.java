package dev.millrace.hub;

import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/// A loop that whoever has entered it runs by hand. For stress tests.
final class QueuedLoop implements HubLoop {
  private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private volatile @Nullable Thread thread; // written by whoever enters

  /// From now on this thread is the loop.
  void enter() {
    thread = Thread.currentThread();
  }

  /// Nobody is, until somebody enters.
  void leave() {
    thread = null;
  }

  /// Runs what waits, and what that leads to; returns whether there was anything.
  boolean runAll() {
    boolean worked = false;
    for (var task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
      worked = true;
    }
    return worked;
  }

  void runOne() {
    var task = tasks.poll();
    if (task != null) {
      task.run();
    }
  }

  int waiting() {
    return tasks.size();
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
