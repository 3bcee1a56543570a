package dev.millrace.engine.graph;

import dev.millrace.core.spec.About;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.Range;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// The `pipeline_config` of a graph document.
public record GraphSettings(
    @About("Frames each edge may hold before the node in front of it stops.")
        @Default("100")
        @Range(min = 1, max = 1_048_576)
        int channelCapacity,
    @About("Whether nodes in a row share a thread without a queue between them.") @Default("auto")
        Fusion fusion,
    @About("How long a stop waits for frames under way before it discards them.")
        @Default("10s")
        @Range(min = 0, max = 86_400)
        Duration drainTimeout,
    @About("The same as drain_timeout, in milliseconds; wins when both are given.")
        @Range(min = 0, max = 86_400_000)
        @Nullable Integer drainTimeoutMs) {
  public static final GraphSettings DEFAULT =
      new GraphSettings(100, Fusion.AUTO, Duration.ofSeconds(10), null);

  /// Whether nodes are fused.
  public enum Fusion {
    AUTO,
    OFF
  }

  public GraphSettings {
    if (drainTimeoutMs != null) {
      drainTimeout = Duration.ofMillis(drainTimeoutMs);
    }
  }
}
