package dev.millrace.core.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class MetricsTest {
  private final Metrics metrics = new Metrics();

  enum Sample implements Metric {
    EVENTS("millrace_test_events_total", Kind.COUNTER),
    REFUSED("millrace_test_refused_total", Kind.COUNTER, "reason"),
    DEPTH("millrace_test_depth", Kind.GAUGE, "queue"),
    TURN("millrace_test_turn_seconds", Kind.SECONDS, "loop"),
    PLAIN("millrace_test_plain_seconds", Kind.SECONDS);

    @SuppressWarnings("ImmutableEnumChecker") // a declaration is immutable
    private final Declaration declaration;

    Sample(String name, Kind kind, String... labels) {
      declaration = Declaration.of(name, kind, "Help for " + name + ".", labels);
    }

    @Override
    public Declaration declaration() {
      return declaration;
    }
  }

  @Test
  void countersKeepTheirHandlesAndTheirNames() {
    metrics.counter(Sample.EVENTS).inc(2);
    metrics.counter(Sample.EVENTS).inc();
    metrics.counter(Sample.REFUSED, "no \"text\"").inc();
    assertThat(metrics.counter(Sample.REFUSED, "a")).isSameAs(metrics.counter(Sample.REFUSED, "a"));
    assertThat(metrics.count(Sample.EVENTS)).isEqualTo(3);
    assertThat(metrics.count(Sample.REFUSED, "never")).isZero();
    assertThat(exposition())
        .contains("# HELP millrace_test_events_total Help for millrace_test_events_total.\n")
        .contains("# TYPE millrace_test_events_total counter\n")
        .contains("\nmillrace_test_events_total 3.0\n")
        .contains("millrace_test_refused_total{reason=\"no \\\"text\\\"\"} 1.0\n");
  }

  @Test
  void gaugesAreReadWhenSomebodyLooksAndForgottenWhenTheirSubjectIsGone() {
    var depth = new double[] {1};
    metrics.gauge(Sample.DEPTH, () -> depth[0], "a");
    metrics.gauge(Sample.DEPTH, () -> 9, "b");
    depth[0] = 5;
    assertThat(exposition())
        .contains("millrace_test_depth{queue=\"a\"} 5.0\n")
        .contains("millrace_test_depth{queue=\"b\"} 9.0\n");
    metrics.gauge(Sample.DEPTH, () -> 6, "a");
    metrics.removeGauge(Sample.DEPTH, "b");
    metrics.removeGauge(Sample.TURN, "never there");
    assertThat(exposition())
        .contains("millrace_test_depth{queue=\"a\"} 6.0\n")
        .doesNotContain("queue=\"b\"");
  }

  @Test
  void durationsFallIntoBuckets() {
    metrics.seconds(Sample.TURN, "main").observe(0.003);
    metrics.seconds(Sample.TURN, "main").observe(0.2);
    metrics.seconds(Sample.PLAIN).observe(1);
    assertThat(exposition())
        .contains("millrace_test_turn_seconds_bucket{loop=\"main\",le=\"0.0025\"} 0\n")
        .contains("millrace_test_turn_seconds_bucket{loop=\"main\",le=\"0.005\"} 1\n")
        .contains("millrace_test_turn_seconds_count{loop=\"main\"} 2\n")
        .contains("millrace_test_plain_seconds_count 1\n");
  }

  @Test
  void anAliasShowsTheSameSamplesUnderAnotherName() {
    metrics.counter(Sample.REFUSED, "a").inc(3);
    metrics.gauge(Sample.DEPTH, () -> 5, "a");
    metrics.seconds(Sample.TURN, "main").observe(0.2);
    assertThat(exposition()).doesNotContain("other_");

    metrics.alias(Sample.REFUSED, "other_refused_total");
    metrics.alias(Sample.DEPTH, "other_depth");
    metrics.alias(Sample.TURN, "other_turn_seconds");

    assertThat(exposition())
        .contains("millrace_test_depth{queue=\"a\"} 5.0\n", "other_depth{queue=\"a\"} 5.0\n")
        .contains("other_turn_seconds_count{loop=\"main\"} 1\n")
        .containsPattern("other_refused_total\\{[a-z]+=\"a\"} 3.0\n");

    metrics.removeAlias(Sample.REFUSED);
    assertThat(exposition()).contains("other_depth").doesNotContain("other_refused_total");
  }

  @Test
  void labelsThatDoNotFitAreAProgrammersError() {
    assertThatThrownBy(() -> metrics.counter(Sample.REFUSED, "a", "b"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private String exposition() {
    return new String(metrics.exposition(), StandardCharsets.UTF_8);
  }
}
