package dev.millrace.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.metric.Metrics;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class EngineAliasesTest {
  @Test
  void otherNamesShowTheSameFiguresOnceTheyAreAskedFor() {
    var metrics = new Metrics();
    metrics.counter(EngineMetric.NODE_FRAMES_IN, "p", "a").inc(3);
    assertThat(shown(metrics)).doesNotContain("graph_");

    EngineAliases.show(metrics);

    assertThat(shown(metrics))
        .contains("graph_node_frames_total{node=\"a\",pipeline=\"p\"} 3.0")
        .contains("millrace_engine_node_frames_in_total{node=\"a\",pipeline=\"p\"} 3.0");
    assertThat(EngineAliases.names().values()).allMatch(name -> name.startsWith("graph_"));

    metrics.gauge(EngineMetric.POOL_ACTIVE, () -> 2, "q");
    metrics.gauge(EngineMetric.POOL_WAITING, () -> 3, "q");
    assertThat(shown(metrics))
        .contains("graph_pool_active{pool=\"q\"} 2.0", "graph_pool_waiting{pool=\"q\"} 3.0");

    EngineAliases.hide(metrics);

    assertThat(shown(metrics)).doesNotContain("graph_").contains("node_frames_in_total");
  }

  private static String shown(Metrics metrics) {
    return new String(metrics.exposition(), StandardCharsets.UTF_8);
  }
}
