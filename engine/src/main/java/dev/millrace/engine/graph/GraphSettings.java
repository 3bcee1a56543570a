package dev.millrace.engine.graph;

import dev.millrace.core.spec.About;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.NotWith;
import dev.millrace.core.spec.Range;
import dev.millrace.engine.flow.SampleLimit;
import dev.millrace.engine.schedule.Priority;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// The `pipeline_config` of a graph document, without what it sets for every node.
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
        @NotWith("drain_timeout_ms")
        Duration drainTimeout,
    @About("The same as drain_timeout, in milliseconds.") @Range(min = 0, max = 86_400_000)
        @Nullable Integer drainTimeoutMs,
    @About("How urgent the pipeline's nodes are beside those of others on the shared threads.")
        @Default("normal")
        Priority priority,
    @About("A run that takes longer than this, in milliseconds, is aborted.")
        @Range(min = 1, max = 2_147_483_647)
        @Nullable Integer deadlineMs,
    @About("The graph's name.") @Default("") String name,
    @About("Whether the state of nodes is saved from time to time, and how.")
        @Nullable CheckpointSpec checkpoint,
    @About("Most samples one frame may have in all its channels together.")
        @Range(min = 1, max = 1_073_741_824)
        @Nullable Integer maxFrameSamples) {
  public static final GraphSettings DEFAULT =
      new GraphSettings(
          100, Fusion.AUTO, Duration.ofSeconds(10), null, Priority.NORMAL, null, "", null, null);

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

  /// How many samples a frame may have; null without a limit.
  public @Nullable SampleLimit sampleLimit() {
    return maxFrameSamples == null ? null : new SampleLimit(maxFrameSamples);
  }

  /// How long a run may take; null without a limit.
  public @Nullable Duration deadline() {
    return deadlineMs == null ? null : Duration.ofMillis(deadlineMs);
  }
}
