package dev.millrace.control.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.document.Overrides;
import dev.millrace.core.document.Tree;
import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.Problems;
import dev.millrace.core.spec.Spec;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TelemetrySpecTest {
  private static Optional<TelemetrySpec> read(Problems problems, String... keys) {
    var empty = Tree.Mapping.empty(Location.of("test"));
    return Spec.of(TelemetrySpec.class)
        .read(Overrides.set(empty, List.of(keys), problems), problems);
  }

  @Test
  void theDefaultsAreTenSecondsAnHourAndOneSecond() {
    var spec = TelemetrySpec.DEFAULT;
    assertThat(spec.frequency()).isEqualTo(Duration.ofSeconds(10));
    assertThat(spec.summary()).contains(Duration.ofHours(1));
    assertThat(spec.uiInterval()).isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void aSummaryOfZeroIsNone() {
    assertThat(read(new Problems(), "telemetry_summary_seconds=0").orElseThrow().summary())
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "telemetry_frequency_seconds=0.09",
        "telemetry_frequency_seconds=3601",
        "telemetry_summary_seconds=0.5",
        "telemetry_summary_seconds=-1",
        "telemetry.ui_interval_ms=249",
        "telemetry.ui_interval_ms=10001",
        "telemetry.ui_interval_ms=300.5"
      })
  void whatIsOutOfRangeIsAnError(String key) {
    var problems = new Problems();
    assertThat(read(problems, key)).isEmpty();
    assertThat(problems.errorCount()).isEqualTo(1);
  }
}
