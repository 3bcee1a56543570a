package dev.millrace.engine.flow;

import java.time.Duration;

/// How much one edge holds and what happens beyond that. `timeout` is how long a blocking edge may
/// be full before it drops; zero is for ever.
public record EdgeSpec(int capacityFrames, Overflow overflow, Duration timeout) {
  public EdgeSpec {
    if (capacityFrames < 1) {
      throw new IllegalArgumentException("capacityFrames " + capacityFrames + " < 1");
    }
    if (timeout.isNegative()) {
      throw new IllegalArgumentException("timeout " + timeout + " is negative");
    }
  }

  /// Whether no frame is ever dropped for want of room.
  public boolean losesNothing() {
    return overflow == Overflow.BLOCK && timeout.isZero();
  }
}
