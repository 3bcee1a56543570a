package dev.millrace.control.command;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// One at a time per key, first come, first served; other keys do not wait. Holds no more keys than
/// there are callers. Safe from any thread.
final class Turns {
  private final Map<String, Turn> turns = new HashMap<>(); // guarded by itself

  private static final class Turn {
    final Semaphore permit = new Semaphore(1, true);
    int callers; // guarded by the map
  }

  /// Waits for the turn of `key`; false when it did not come in time.
  boolean acquire(String key, Duration patience) throws InterruptedException {
    Turn turn;
    synchronized (turns) {
      turn = turns.computeIfAbsent(key, _ -> new Turn());
      turn.callers++;
    }
    boolean acquired = false;
    try {
      acquired = turn.permit.tryAcquire(patience.toNanos(), TimeUnit.NANOSECONDS);
      return acquired;
    } finally {
      if (!acquired) {
        leave(key, turn);
      }
    }
  }

  /// Ends a turn that came.
  void release(String key) {
    Turn turn;
    synchronized (turns) {
      turn = java.util.Objects.requireNonNull(turns.get(key), "a turn ends once");
    }
    turn.permit.release();
    leave(key, turn);
  }

  private void leave(String key, Turn turn) {
    synchronized (turns) {
      if (--turn.callers == 0) {
        turns.remove(key);
      }
    }
  }
}
