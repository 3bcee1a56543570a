package dev.millrace.engine.flow;

import java.time.Duration;

/// How many instances a node should have: one more when the queue in front of it has stayed more
/// than half full for a while, all that may be when it is full, one less for each that has long had
/// nothing to do. Confined to the chain's thread.
final class Elasticity {
  /// How long the queue is more than half full before another instance comes.
  static final long LOOK_NANOS = Duration.ofMillis(100).toNanos();

  /// How long an instance has nothing to do before it goes.
  static final long IDLE_NANOS = Duration.ofSeconds(30).toNanos();

  /// How long it takes from an instance that could not be opened to the next try.
  static final long PAUSE_NANOS = Duration.ofSeconds(1).toNanos();

  private final int max;
  private boolean crowded;
  private long crowdedSince;
  private boolean paused;
  private long pausedSince;

  Elasticity(int max) {
    this.max = max;
  }

  /// How many there should be where there are `there`. `fill` is how full the queue is, from 0 to
  /// 1; `allBusy` says that frames wait and nobody is free.
  int wanted(long nowNanos, int there, double fill, boolean allBusy) {
    paused &= nowNanos - pausedSince < PAUSE_NANOS;
    if (!allBusy || paused || there >= max || fill <= 0.5) {
      crowded = false;
      return there;
    }
    if (fill >= 1) {
      return max;
    }
    if (!crowded) {
      crowded = true;
      crowdedSince = nowNanos;
    } else if (nowNanos - crowdedSince >= LOOK_NANOS) {
      crowdedSince = nowNanos;
      return there + 1;
    }
    return there;
  }

  /// One could not be opened.
  void failed(long nowNanos) {
    paused = true;
    pausedSince = nowNanos;
  }

  /// In how many nanoseconds [#wanted] may say something else by itself; `Long.MAX_VALUE` if never.
  long dueIn(long nowNanos) {
    if (paused) {
      return Math.max(0, PAUSE_NANOS - (nowNanos - pausedSince));
    }
    return crowded ? Math.max(0, LOOK_NANOS - (nowNanos - crowdedSince)) : Long.MAX_VALUE;
  }
}
