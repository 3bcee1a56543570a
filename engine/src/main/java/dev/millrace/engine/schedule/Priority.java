package dev.millrace.engine.schedule;

import java.time.Duration;

/// How urgent a pipeline's work is beside that of others; the most urgent first.
public enum Priority {
  CRITICAL(3, Duration.ofMillis(10)),
  HIGH(2, Duration.ofMillis(50)),
  NORMAL(1, Duration.ofMillis(200)),
  LOW(0, Duration.ofSeconds(1));

  private final int level;
  private final Duration target;

  Priority(int level, Duration target) {
    this.level = level;
    this.target = target;
  }

  /// 3 for the most urgent, 0 for the least.
  public int level() {
    return level;
  }

  /// The latency work of this priority aims at.
  public Duration target() {
    return target;
  }
}
