package dev.millrace.control.telemetry;

import dev.millrace.core.spec.About;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.Range;
import dev.millrace.core.spec.Spec;
import java.time.Duration;
import java.util.Optional;

/// How often the process speaks about itself. The keys stand at the top of the configuration.
public record TelemetrySpec(
    @About("Seconds between two snapshots of the whole process.")
        @Default("10")
        @Range(min = 0.1, max = 3_600)
        double telemetryFrequencySeconds,
    @About("Seconds between two summaries in the log, at least 1; 0 writes none.")
        @Default("3600")
        @Range(min = 0, max = 1e9)
        double telemetrySummarySeconds,
    @About("What operators' consoles are shown.") Ui telemetry) {
  public static final TelemetrySpec DEFAULT = Spec.of(TelemetrySpec.class).defaults();

  public TelemetrySpec {
    if (telemetrySummarySeconds != 0 && telemetrySummarySeconds < 1) {
      throw new IllegalArgumentException(
          "telemetry_summary_seconds is "
              + telemetrySummarySeconds
              + "; it must be at least 1, or 0 for no summary");
    }
  }

  /// The section `telemetry`.
  public record Ui(
      @About("Milliseconds between two events of rates and queues, while a console is open.")
          @Default("1000")
          @Range(min = 250, max = 10_000)
          int uiIntervalMs) {}

  Duration frequency() {
    return seconds(telemetryFrequencySeconds);
  }

  /// Empty when no summary is wanted.
  Optional<Duration> summary() {
    return telemetrySummarySeconds == 0
        ? Optional.empty()
        : Optional.of(seconds(telemetrySummarySeconds));
  }

  Duration uiInterval() {
    return Duration.ofMillis(telemetry.uiIntervalMs());
  }

  private static Duration seconds(double seconds) {
    return Duration.ofNanos((long) (seconds * 1e9));
  }
}
