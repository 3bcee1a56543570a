package dev.millrace.engine.schedule;

import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The tasks that wait for a shared worker, first come, first served. Never longer than there are
/// tasks, because each stands in it at most once. One lock per turn, not per frame.
final class RunQueue implements Host {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ArrayDeque<Task> tasks = new ArrayDeque<>(); // guarded by lock
  private int parkedWorkers; // guarded by lock
  private boolean closed; // guarded by lock

  // Written under the lock; a worker reads it without, to go on with its own task when nobody
  // waits.
  private volatile boolean empty = true;

  @Override
  public void submit(Task task) {
    lock.lock();
    try {
      tasks.add(task);
      empty = false;
      if (parkedWorkers > 0) {
        changed.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  /// The next task; parks while there is none. Null when the queue is closed.
  @Nullable Task take() {
    lock.lock();
    try {
      while (tasks.isEmpty() && !closed) {
        parkedWorkers++;
        changed.awaitUninterruptibly();
        parkedWorkers--;
      }
      return closed ? null : poll();
    } finally {
      lock.unlock();
    }
  }

  /// Puts `task` at the end and takes the first: itself when nobody else waits.
  @Nullable Task exchange(Task task) {
    if (empty) {
      return task;
    }
    lock.lock();
    try {
      tasks.add(task);
      return closed ? null : poll();
    } finally {
      lock.unlock();
    }
  }

  void close() {
    lock.lock();
    try {
      closed = true;
      empty = false; // sends workers through the lock, where they learn of it
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private Task poll() {
    var task = tasks.remove();
    empty = tasks.isEmpty();
    return task;
  }
}
