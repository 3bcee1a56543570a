package dev.millrace.engine.flow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.metric.Metrics;
import dev.millrace.engine.EngineMetric;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class NodeStatsTest {
  private static final int FRAMES = 500_000;

  /// As when a node takes another's place, whose end is counted meanwhile.
  @Test
  void eachFrameIsPublishedOnceWhoeverPublishes() throws Exception {
    var metrics = new Metrics();
    var stats = new NodeStats(metrics, "p", "node");
    var successor = stats.share();
    var counting = Thread.ofPlatform().start(() -> count(stats));
    count(successor);
    counting.join();

    assertThat(stats.framesIn()).isEqualTo(2 * FRAMES);
    assertThat(metrics.count(EngineMetric.NODE_FRAMES_IN, "p", "node")).isEqualTo(2 * FRAMES);
  }

  private static void count(NodeStats stats) {
    for (int i = 0; i < FRAMES; i++) {
      stats.handled(1);
      stats.publish();
    }
  }
}
