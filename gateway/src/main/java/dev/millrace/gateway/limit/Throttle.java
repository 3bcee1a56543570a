package dev.millrace.gateway.limit;

import java.util.concurrent.atomic.AtomicLong;

/// One subject's standing under a [Rate]: a single number, the moment at which everything taken so
/// far will have been earned back. Safe from any thread, without a lock.
public final class Throttle {
  private final AtomicLong earnedAtNanos; // whoever takes moves it on

  public Throttle(long nowNanos) {
    this.earnedAtNanos = new AtomicLong(nowNanos);
  }

  /// Takes one if there is one.
  public boolean take(long nowNanos, Rate rate) {
    if (rate.isUnlimited()) {
      return true;
    }
    while (true) {
      long earnedAt = earnedAtNanos.get();
      long owed = Math.max(0, earnedAt - nowNanos) + rate.intervalNanos();
      if (owed > rate.refillNanos()) {
        return false;
      }
      if (earnedAtNanos.compareAndSet(earnedAt, nowNanos + owed)) {
        return true;
      }
    }
  }

  /// Whether [#take] would refuse.
  public boolean isExhausted(long nowNanos, Rate rate) {
    return !rate.isUnlimited()
        && Math.max(0, earnedAtNanos.get() - nowNanos) + rate.intervalNanos() > rate.refillNanos();
  }
}
