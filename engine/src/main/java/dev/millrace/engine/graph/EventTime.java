package dev.millrace.engine.graph;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.spec.About;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.Range;
import dev.millrace.engine.EngineMetric;
import dev.millrace.engine.flow.WatermarkSource;
import java.time.Duration;

/// How a source's frames tell the time: what is older than the newest by `lagMs` has come, and a
/// source that is quiet for `idleTimeoutMs` holds nobody back. Milliseconds.
public record EventTime(
    @About("How far behind the newest frame others may come.")
        @Default("0")
        @Range(min = 0, max = 86_400_000)
        int lagMs,
    @About("After how long without a frame the source is left out of account.")
        @Default("60000")
        @Range(min = 1, max = 86_400_000)
        int idleTimeoutMs) {

  /// The event time of the source `node`, which has seen no frame.
  public WatermarkSource source(Metrics metrics, String pipeline, String node) {
    return new WatermarkSource(
        Duration.ofMillis(lagMs),
        Duration.ofMillis(idleTimeoutMs),
        metrics.counter(EngineMetric.SOURCE_LATE_FRAMES, pipeline, node));
  }
}
