package dev.millrace.core.time;

import java.time.Duration;
import java.util.PriorityQueue;

/// A clock that moves only when a test says so; timers run on the thread that advances it.
public final class FakeClock implements Clock {
  private static final long START_MICROS = 1_750_000_000_000_000L;

  private final PriorityQueue<Pending> pending = new PriorityQueue<>();
  private long nowNanos;
  private long jumpMicros;
  private long nextId;

  @Override
  public synchronized long nanoTime() {
    return nowNanos;
  }

  @Override
  public synchronized long epochMicros() {
    return START_MICROS + jumpMicros + nowNanos / 1_000;
  }

  @Override
  public synchronized Timer after(Duration delay, Runnable action) {
    return add(delay.toNanos(), 0, action);
  }

  @Override
  public synchronized Timer every(Duration period, Runnable action) {
    return add(period.toNanos(), period.toNanos(), action);
  }

  /// Moves time on and runs what falls due, in order of time.
  public void advance(Duration by) {
    long until = nanoTime() + by.toNanos();
    for (var due = nextDue(until); due != null; due = nextDue(until)) {
      due.action.run();
    }
    synchronized (this) {
      nowNanos = until;
    }
  }

  /// Sets the wall clock off by `by` (which may be negative) without moving monotonic time.
  public synchronized void jumpWallClock(Duration by) {
    jumpMicros += by.toNanos() / 1_000;
  }

  /// Timers still to run.
  public synchronized int pendingTimers() {
    return pending.size();
  }

  /// Timers that fall due when just this delay has passed.
  public synchronized int timersIn(Duration delay) {
    long due = nowNanos + delay.toNanos();
    return (int) pending.stream().filter(timer -> timer.dueNanos == due).count();
  }

  private Timer add(long delayNanos, long periodNanos, Runnable action) {
    var timer = new Pending(nowNanos + Math.max(0, delayNanos), nextId++, periodNanos, action);
    pending.add(timer);
    return timer;
  }

  private synchronized @org.jspecify.annotations.Nullable Pending nextDue(long until) {
    var first = pending.peek();
    if (first == null || first.dueNanos > until) {
      return null;
    }
    pending.remove();
    nowNanos = Math.max(nowNanos, first.dueNanos);
    if (first.periodNanos > 0) {
      first.dueNanos += first.periodNanos;
      pending.add(first);
    }
    return first;
  }

  private final class Pending implements Timer, Comparable<Pending> {
    private long dueNanos;
    private final long id;
    private final long periodNanos;
    private final Runnable action;

    Pending(long dueNanos, long id, long periodNanos, Runnable action) {
      this.dueNanos = dueNanos;
      this.id = id;
      this.periodNanos = periodNanos;
      this.action = action;
    }

    @Override
    public void cancel() {
      synchronized (FakeClock.this) {
        pending.remove(this);
      }
    }

    @Override
    public int compareTo(Pending other) {
      int byTime = Long.compare(dueNanos, other.dueNanos);
      return byTime != 0 ? byTime : Long.compare(id, other.id);
    }

    @Override
    public boolean equals(@org.jspecify.annotations.Nullable Object other) {
      return this == other;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(this);
    }
  }
}
