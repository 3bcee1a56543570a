package dev.millrace.engine.flow;

import dev.millrace.core.time.Clock;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Logs a node's failures that its pipeline survives, at most one a second. Safe from any
/// thread.
final class RareLog {
  private static final Logger log = LoggerFactory.getLogger(RareLog.class);
  private static final long PAUSE_NANOS = Duration.ofSeconds(1).toNanos();

  private final String pipeline;
  private final Clock clock;
  private long loggedNanos; // guarded by this
  private long unlogged = -1; // guarded by this; since the last line; -1 before the first

  RareLog(String pipeline, Clock clock) {
    this.pipeline = pipeline;
    this.clock = clock;
  }

  synchronized void warn(NodeFailure failure, String then) {
    long now = clock.nanoTime();
    if (unlogged >= 0 && now - loggedNanos < PAUSE_NANOS) {
      unlogged++;
      return;
    }
    log.atWarn()
        .addKeyValue("pipeline", pipeline)
        .addKeyValue("node", failure.node())
        .log(
            "{}: {}; {}{}",
            pipeline,
            failure.getMessage(),
            then,
            unlogged <= 0 ? "" : " (and " + unlogged + " more failures since the last such line)");
    loggedNanos = now;
    unlogged = 0;
  }
}
