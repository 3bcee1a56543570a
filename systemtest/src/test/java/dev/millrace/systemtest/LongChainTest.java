package dev.millrace.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A chain of as many nodes as a graph may have, fused and with a queue behind each, on stacks too
/// small for a call per node.
class LongChainTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration VALIDATED_WITHIN = Duration.ofSeconds(2);
  private static final int NODES = 10_000;
  private static final String LAST = "n" + (NODES - 1);
  private static final List<String> FUSIONS = List.of("auto", "off");
  private static final Map<String, String> SMALL_STACKS = Map.of("JDK_JAVA_OPTIONS", "-Xss256k");

  @TempDir private Path folder;

  @Test
  void theServerValidatesAndRunsIt() {
    int frames = 100;
    try (var process =
        MillraceProcess.start(folder, SMALL_STACKS, "run", "--set", "server.port=0")) {
      var address = process.awaitReady();
      for (var fusion : FUSIONS) {
        var graph = graph(fusion);
        long began = System.nanoTime();
        var pipeline = PipelineClient.make(address, fusion, graph);
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(VALIDATED_WITHIN);
        pipeline.move("start");
        for (int i = 0; i < frames; i++) {
          assertThat(pipeline.trigger("n0").status()).isEqualTo(202);
        }
        assertThat(pipeline.whole().path("nodes")).hasSize(NODES);
        pipeline.move("stop");
        var counts = pipeline.metrics();
        assertThat(counts).hasSize(NODES);
        for (var node : counts) {
          assertThat(node.path("frames_processed").asInt()).as("%s", node).isEqualTo(frames);
        }
        assertThat(pipeline.collected(LAST)).hasSize(frames);
      }
      assertThat(process.err()).doesNotContain("StackOverflow");
      process.terminate();
      assertThat(process.awaitExit(PATIENCE)).as(process.err()).isZero();
    }
  }

  /// At once there are no chains and no queues, so that fusion makes no difference there.
  @ParameterizedTest
  @CsvSource({"auto, --once", "off, "})
  void aRunWithoutAServerComesToTheSame(String fusion, @Nullable String once) {
    var file = Graphs.write(folder.resolve(fusion + ".json"), graph(fusion)).toString();
    var args = new ArrayList<>(List.of("graph", "run", file));
    args.addAll(List.of("--triggers", "3", "--collect", LAST));
    if (once != null) {
      args.add(once);
    }
    try (var process = MillraceProcess.start(folder, SMALL_STACKS, args.toArray(String[]::new))) {
      assertThat(process.awaitExit(PATIENCE)).as(process.err()).isZero();
      assertThat(process.out().lines()).hasSize(3);
    }
  }

  private static String graph(String fusion) {
    var nodes = new ArrayList<String>();
    nodes.add("{\"id\":\"n0\",\"type\":\"SineGenerator\",\"config\":{\"frame_size\":8}}");
    var edges = new ArrayList<String>();
    for (int i = 1; i < NODES; i++) {
      var type = i == NODES - 1 ? "Collect" : "Gain";
      nodes.add("{\"id\":\"n" + i + "\",\"type\":\"" + type + "\"}");
      edges.add("{\"from\":\"n" + (i - 1) + "\",\"to\":\"n" + i + "\"}");
    }
    return "{\"pipeline_config\":{\"fusion\":\"%s\"},\"nodes\":[%s],\"connections\":[%s]}"
        .formatted(fusion, String.join(",", nodes), String.join(",", edges));
  }
}
