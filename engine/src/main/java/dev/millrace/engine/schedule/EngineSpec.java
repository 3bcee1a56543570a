package dev.millrace.engine.schedule;

import dev.millrace.core.spec.About;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.Range;
import java.time.Duration;

/// How many workers the engine has and how long a node may hold one.
public record EngineSpec(
    @About("Shared threads for nodes that never block; 0 takes one per core.")
        @Default("0")
        @Range(min = 0, max = 1024)
        int workers,
    @About("A node that holds a worker for this long is reported and its pipeline fails.")
        @Default("5s")
        @Range(min = 0.1, max = 3600)
        Duration holdLimit) {
  public static final EngineSpec DEFAULT = new EngineSpec(0, Duration.ofSeconds(5));

  public EngineSpec {
    if (workers < 0) {
      throw new IllegalArgumentException("workers " + workers + " < 0");
    }
    if (!holdLimit.isPositive()) {
      throw new IllegalArgumentException("hold_limit " + holdLimit + " is not positive");
    }
  }

  public EngineSpec withWorkers(int newWorkers) {
    return new EngineSpec(newWorkers, holdLimit);
  }

  int workerCount() {
    return workers == 0 ? Runtime.getRuntime().availableProcessors() : workers;
  }
}
