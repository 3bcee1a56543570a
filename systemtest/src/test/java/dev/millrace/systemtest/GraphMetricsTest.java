package dev.millrace.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.testkit.Await;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What `/metrics` says of a graph under the names that dashboards of signal graphs know.
class GraphMetricsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final int FRAMES = 20;
  private static final int SKIPPED = 2; // of them

  /// A node whose id a label has to escape, one that fails now and then, and an edge that drops.
  private static final String GRAPH =
      """
      {"nodes":[
         {"id":"in \\"\\\\one\\n","type":"SineGenerator","config":{"frame_size":16}},
         {"id":"gain","type":"Gain","config":{"gain":%s}},
         {"id":"again","type":"Fault","config":{"fail_every":5},"restart":"Immediate"},
         {"id":"skips","type":"Fault","config":{"fail_sequence":[3,4]},
          "error_policy":"SkipFrame"},
         {"id":"slow","type":"Delay","config":{"ms":10}},
         {"id":"out","type":"Collect","config":{"terminal":true}}],
       "connections":[
         {"from":"in \\"\\\\one\\n","to":"gain"},
         {"from":"gain","to":"again"},
         {"from":"again","to":"skips"},
         {"from":"skips","to":"slow","strategy":"drop_newest","capacity":2},
         {"from":"slow","to":"out"}]}
      """;

  @TempDir private Path folder;

  @Test
  void theNamesOfSignalGraphsAreThereWithRightValuesAndNoCounterEverFalls() {
    var config =
        Graphs.write(
            folder.resolve("millrace.yaml"),
            "server: { port: 0 }\nmetrics: { aliases: [graph] }\n");
    try (var process = MillraceProcess.start(folder, "run", config.toString())) {
      var address = process.awaitReady();
      var pipeline = PipelineClient.make(address, "p", GRAPH.formatted("1"));
      pipeline.move("start");
      trigger(address, FRAMES);
      var before = settled(address, FRAMES);
      assertSaysWhatHappened(before);

      pipeline.change(GRAPH.formatted("2"));
      var after = Exposition.of(address);
      assertNothingFell(before, after);
      trigger(address, FRAMES);
      var last = settled(address, 2 * FRAMES);
      assertNothingFell(after, last);

      pipeline.move("stop");
      assertNothingFell(last, Exposition.of(address));
      assertThat(Exposition.of(address).value(state("Completed"))).isEqualTo(1);

      Graphs.write(config, "server: { port: 0 }\n");
      Await.until(
          PATIENCE,
          () -> Exposition.of(address).series().keySet().stream().noneMatch(GraphMetricsTest::own),
          () -> "the names are still there after they were taken out of the configuration");
    }
  }

  @Test
  void theRecipeForSignalsHasThem() {
    var recipe = MillraceProcess.home().resolve("recipes/signals").toString();
    try (var process = MillraceProcess.start(folder, "run", recipe, "--set", "server.port=0")) {
      var address = process.awaitReady();
      var gain = "graph_node_frames_total{node=\"gain\",pipeline=\"signals\"}";
      Await.until("frames are counted", () -> Exposition.of(address).value(gain) > 0);
    }
  }

  private static void assertSaysWhatHappened(Exposition said) {
    var in = "{node=\"in \\\"\\\\one\\n\",pipeline=\"p\"}";
    assertThat(said.series()).containsKey("graph_node_frames_total" + in);
    assertThat(said.value("graph_node_frames_total" + in)).isEqualTo(FRAMES);
    assertThat(said.value(of("graph_node_frames_total", "again"))).isEqualTo(FRAMES);
    // Of attempts that each fifth fails of, one after the other: 5, 10, 15, 20; 20 frames take 24.
    assertThat(said.value(of("graph_node_errors_total", "again"))).isEqualTo(4);
    assertThat(said.value(of("graph_node_restarts_total", "again"))).isEqualTo(4);
    assertThat(said.value(of("graph_node_skipped_total", "skips"))).isEqualTo(SKIPPED);
    assertThat(said.value(of("graph_node_latency_seconds_count", "gain"))).isPositive();
    assertThat(said.of("graph_node_latency_seconds_bucket")).isNotEmpty();
    double dropped = said.sum("graph_edge_dropped_total", "from=\"skips\"");
    assertThat(dropped).isPositive();
    assertThat(said.value(of("graph_node_frames_total", "out")) + dropped)
        .isEqualTo(FRAMES - SKIPPED);
    var edge = "{from=\"skips\",pipeline=\"p\",to=\"slow\"}";
    assertThat(said.series()).containsKey("graph_edge_queue_depth" + edge);
    assertThat(said.value("graph_edge_capacity" + edge)).isEqualTo(2);
    assertThat(said.value(state("Running"))).isEqualTo(1);
    for (var other : List.of("Idle", "Initializing", "Paused", "Completed", "Error")) {
      assertThat(said.series()).containsKey(state(other));
      assertThat(said.value(state(other))).isZero();
    }
    assertThat(said.series()).containsKeys("graph_buffers_pooled", "graph_buffers_in_use");
  }

  private static void assertNothingFell(Exposition before, Exposition after) {
    assertThat(before.series())
        .allSatisfy(
            (name, value) -> {
              if (own(name) && !isGauge(name)) {
                assertThat(after.value(name)).as(name).isGreaterThanOrEqualTo(value);
              }
            });
  }

  private static boolean own(String series) {
    return series.startsWith("graph_");
  }

  private static boolean isGauge(String series) {
    var metric = series.contains("{") ? series.substring(0, series.indexOf('{')) : series;
    return List.of(
            "graph_edge_queue_depth",
            "graph_edge_capacity",
            "graph_pipeline_state",
            "graph_buffers_pooled",
            "graph_buffers_in_use")
        .contains(metric);
  }

  private static void trigger(URI address, int frames) {
    for (int i = 0; i < frames; i++) {
      var frame = "{\"timestamp\":0,\"sequence_id\":" + i + "}";
      var answer = Http.postJson(address, "/api/v1/pipelines/p/trigger?wait=true", frame);
      assertThat(answer.status()).as(answer.body()).isEqualTo(202);
    }
  }

  /// Once the last node has handled what comes through of so many frames.
  private static Exposition settled(URI address, int frames) {
    Await.until(
        PATIENCE,
        () -> {
          var said = Exposition.of(address);
          double dropped = said.sum("graph_edge_dropped_total", "from=\"skips\"");
          double lost = dropped + said.value(of("graph_node_skipped_total", "skips"));
          return said.value(of("graph_node_frames_total", "out")) + lost == frames;
        },
        () -> "not every frame is counted: " + Exposition.of(address).series());
    return Exposition.of(address);
  }

  private static String of(String metric, String node) {
    return metric + "{node=\"" + node + "\",pipeline=\"p\"}";
  }

  private static String state(String state) {
    return "graph_pipeline_state{pipeline=\"p\",state=\"" + state + "\"}";
  }
}
