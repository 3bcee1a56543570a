package dev.millrace.engine.schedule;

import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The tasks that wait for a shared worker: the most urgent first, and first come, first served
/// among equals. A lane that was passed over [#MOST_PASSED_OVER] times gets the next turn, so the
/// least urgent has at least one turn in that many. Never longer than there are tasks, because each
/// stands in it at most once. One lock per turn, not per frame.
final class RunQueue {
  // With turns of at most a millisecond a Low chain waits some 16 ms for each of its own beside
  // busy ones of a higher priority, and costs those a sixteenth at most.
  static final int MOST_PASSED_OVER = 16;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Lane[] lanes = new Lane[Priority.values().length]; // the most urgent first
  private int waiting; // a bit for each lane that holds tasks; guarded by lock
  private int parkedWorkers; // guarded by lock
  private boolean closed; // guarded by lock

  // Written under the lock; a worker reads it without, to go on with its own task when nobody
  // waits.
  private volatile boolean empty = true;

  RunQueue() {
    for (int i = 0; i < lanes.length; i++) {
      lanes[i] = new Lane(i);
    }
  }

  /// The tasks of one priority.
  final class Lane implements Host {
    private final int bit;
    private final ArrayDeque<Task> tasks = new ArrayDeque<>(); // guarded by lock
    private int passedOver; // turns that went to others while a task waited; guarded by lock

    private Lane(int index) {
      bit = 1 << index;
    }

    @Override
    public void submit(Task task) {
      lock.lock();
      try {
        add(task);
        if (parkedWorkers > 0) {
          changed.signal();
        }
      } finally {
        lock.unlock();
      }
    }

    /// Puts `task` at the end and takes the one whose turn it is: itself when nobody else waits.
    @Nullable Task exchange(Task task) {
      if (empty) {
        return task;
      }
      lock.lock();
      try {
        add(task);
        return closed ? null : poll();
      } finally {
        lock.unlock();
      }
    }

    private void add(Task task) {
      tasks.add(task);
      waiting |= bit;
      empty = false;
    }

    private Task remove() {
      passedOver = 0;
      var task = tasks.remove();
      if (tasks.isEmpty()) {
        waiting &= ~bit;
      }
      return task;
    }
  }

  Lane lane(Priority priority) {
    return lanes[Priority.CRITICAL.level() - priority.level()];
  }

  /// The next task; parks while there is none. Null when the queue is closed.
  @Nullable Task take() {
    lock.lock();
    try {
      while (waiting == 0 && !closed) {
        parkedWorkers++;
        changed.awaitUninterruptibly();
        parkedWorkers--;
      }
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
    var chosen = lanes[Integer.numberOfTrailingZeros(waiting)];
    int behind = waiting & ~chosen.bit;
    if (behind != 0) {
      chosen = passOver(chosen, behind);
    }
    var task = chosen.remove();
    empty = waiting == 0;
    return task;
  }

  /// Notes that the lanes in `behind` wait on; returns the one of them that has waited for too
  /// long, the least urgent first, else `first`.
  private Lane passOver(Lane first, int behind) {
    var chosen = first;
    for (int left = behind; left != 0; left &= left - 1) {
      var lane = lanes[Integer.numberOfTrailingZeros(left)];
      if (++lane.passedOver >= MOST_PASSED_OVER) {
        chosen = lane;
      }
    }
    return chosen;
  }
}
