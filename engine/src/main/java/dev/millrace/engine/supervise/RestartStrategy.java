package dev.millrace.engine.supervise;

import dev.millrace.core.spec.About;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.Range;
import java.util.concurrent.TimeUnit;

/// Whether a frame that a node failed on is tried again with a fresh instance, and when. The names
/// and keys are those of graph documents.
public sealed interface RestartStrategy {
  /// Stands for no further attempt.
  long NO_RETRY = -1;

  /// Nanoseconds to wait before the retry that follows the `failures`-th failure in a row at one
  /// frame, counted from 1; [#NO_RETRY] when the policy decides. `random` is from 0 up to 1.
  default long waitNanos(int failures, double random) {
    return NO_RETRY;
  }

  /// The policy decides at once.
  record Never() implements RestartStrategy {}

  /// A fresh instance gets the frame without delay.
  record Immediate(
      @About("Retries of one frame before the policy decides.")
          @Default("3")
          @Range(min = 1, max = 1_000_000)
          int maxAttempts)
      implements RestartStrategy {

    @Override
    public long waitNanos(int failures, double random) {
      return failures <= maxAttempts ? 0 : NO_RETRY;
    }
  }

  /// A fresh instance gets the frame after a wait that doubles from `baseMs` up to `maxMs`.
  record Exponential(
      @About("Milliseconds before the first retry.")
          @Default("100")
          @Range(min = 1, max = 86_400_000)
          long baseMs,
      @About("Most milliseconds before a retry.") @Default("5000") @Range(min = 1, max = 86_400_000)
          long maxMs,
      @About("Retries of one frame before the policy decides.")
          @Default("5")
          @Range(min = 1, max = 1_000_000)
          int maxAttempts,
      @About("Up to this share of each wait is taken off, at random.")
          @Default("0")
          @Range(min = 0, max = 1)
          double jitter)
      implements RestartStrategy {
    public Exponential {
      if (baseMs > maxMs) {
        throw new IllegalArgumentException("base_ms " + baseMs + " > max_ms " + maxMs);
      }
    }

    @Override
    public long waitNanos(int failures, double random) {
      if (failures > maxAttempts) {
        return NO_RETRY;
      }
      int doublings = Math.min(failures - 1, Long.numberOfLeadingZeros(baseMs) - 1);
      long millis = Math.min(maxMs, baseMs << doublings);
      return (long) (TimeUnit.MILLISECONDS.toNanos(millis) * (1 - jitter * random));
    }
  }

  /// No frame is tried again; after so many failures in a row the node is given none for a while.
  record CircuitBreaker(
      @About("Failures in a row that open the circuit.")
          @Default("5")
          @Range(min = 1, max = 1_000_000)
          int errorThreshold,
      @About("Milliseconds before one frame is let through to see whether the node works again.")
          @Default("1000")
          @Range(min = 1, max = 86_400_000)
          long timeoutMs)
      implements RestartStrategy {}
}
