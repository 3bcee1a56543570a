package dev.millrace.engine.pool;

/// How many executions run at a time, how many may wait for that, and whether an instance is kept
/// ready for the next execution. Ready instances count as running ones do.
public record PoolSpec(int maxConcurrent, int maxWaiting, boolean reuse) {
  private static final int MOST_WAITING = 10_000;

  /// Nothing is kept ready; ten thousand may wait.
  public static PoolSpec of(int maxConcurrent) {
    return new PoolSpec(maxConcurrent, MOST_WAITING, false);
  }

  public PoolSpec {
    if (maxConcurrent < 1) {
      throw new IllegalArgumentException("max_concurrent " + maxConcurrent + " < 1");
    }
    if (maxWaiting < 0) {
      throw new IllegalArgumentException("max_waiting " + maxWaiting + " < 0");
    }
  }

  /// The same with an instance kept ready in every place that has been used.
  public PoolSpec withReuse() {
    return new PoolSpec(maxConcurrent, maxWaiting, true);
  }
}
