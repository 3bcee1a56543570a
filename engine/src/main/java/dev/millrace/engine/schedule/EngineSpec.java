package dev.millrace.engine.schedule;

import dev.millrace.core.spec.About;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.OnRestart;
import dev.millrace.core.spec.Range;
import java.time.Duration;

/// How many workers the engine has, how long a node may hold one, and how many frames are traced.
public record EngineSpec(
    @About("Shared threads for nodes that never block; 0 takes one per core.")
        @Default("0")
        @Range(min = 0, max = 1024)
        @OnRestart
        int workers,
    @About("A node that holds a worker for this long is reported and its pipeline fails.")
        @Default("5s")
        @Range(min = 0.1, max = 3600)
        Duration holdLimit,
    @About(
            "One in so many frames of each source gets a trace id, which the log shows wherever the"
                + " frame goes; 0 traces none.")
        @Default("0")
        @Range(min = 0, max = 1_000_000_000)
        int traceEvery,
    @About("Most bytes of traced frames that each pipeline keeps to replay them; 0 keeps none.")
        @Default("1048576")
        @Range(min = 0, max = 1_073_741_824)
        int keptTraceBytes,
    @About(
            "Fills arrays of samples with NaN when they go back, to find nodes that still read"
                + " them.")
        @Default("false")
        @OnRestart
        boolean debugPoison) {
  public static final EngineSpec DEFAULT =
      new EngineSpec(0, Duration.ofSeconds(5), 0, 1 << 20, false);

  public EngineSpec {
    if (workers < 0) {
      throw new IllegalArgumentException("workers " + workers + " < 0");
    }
    if (!holdLimit.isPositive()) {
      throw new IllegalArgumentException("hold_limit " + holdLimit + " is not positive");
    }
    if (keptTraceBytes < 0) {
      throw new IllegalArgumentException("kept_trace_bytes " + keptTraceBytes + " < 0");
    }
    if (traceEvery < 0 || traceEvery > 1_000_000_000) {
      throw new IllegalArgumentException("trace_every " + traceEvery + " is not in 0..1000000000");
    }
  }

  public EngineSpec withWorkers(int newWorkers) {
    return new EngineSpec(newWorkers, holdLimit, traceEvery, keptTraceBytes, debugPoison);
  }

  public EngineSpec withHoldLimit(Duration newHoldLimit) {
    return new EngineSpec(workers, newHoldLimit, traceEvery, keptTraceBytes, debugPoison);
  }

  public EngineSpec withTraceEvery(int newTraceEvery) {
    return new EngineSpec(workers, holdLimit, newTraceEvery, keptTraceBytes, debugPoison);
  }

  public EngineSpec withKeptTraceBytes(int newKeptTraceBytes) {
    return new EngineSpec(workers, holdLimit, traceEvery, newKeptTraceBytes, debugPoison);
  }

  public EngineSpec withDebugPoison(boolean newDebugPoison) {
    return new EngineSpec(workers, holdLimit, traceEvery, keptTraceBytes, newDebugPoison);
  }

  int workerCount() {
    return workers == 0 ? Runtime.getRuntime().availableProcessors() : workers;
  }
}
