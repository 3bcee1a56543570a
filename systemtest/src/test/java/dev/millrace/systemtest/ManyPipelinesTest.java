package dev.millrace.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.testkit.Await;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/// A hundred pipelines of fifty nodes, each at fifty frames a second through fused chains, queues,
/// a fork and a join: every frame comes through, and nobody who asks the process waits for them.
@Isolated("it measures delays")
class ManyPipelinesTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int PIPELINES = 100;
  private static final int NODES = 50;
  private static final int KEPT = 10; // frames
  private static final double INTERVAL_MILLIS = 20;
  private static final double LIMIT_MILLIS = 100; // for every single answer
  private static final int ATTEMPTS = 3; // others may want the machine as well

  private static final List<String> TRUNK = ids("trunk", 20);
  private static final List<String> LEFT = ids("left", 12);
  private static final List<String> RIGHT = ids("right", 12);

  @TempDir private Path folder;

  @Test
  void aHundredPipelinesRunForAFewSecondsAndNothingIsLostOrLate() throws InterruptedException {
    runFor(Duration.ofSeconds(5));
  }

  @Test
  @Tag("slow")
  void aHundredPipelinesRunForAMinuteAndNothingIsLostOrLate() throws InterruptedException {
    runFor(Duration.ofSeconds(60));
  }

  private void runFor(Duration duration) throws InterruptedException {
    Graphs.write(folder.resolve("graph.json"), graph());
    var config = Graphs.write(folder.resolve("millrace.yaml"), config());
    try (var process = MillraceProcess.start(folder, "run", config.toString())) {
      var address = process.awaitReady();
      var health = new ArrayList<HealthProbe.Result>();
      do {
        health.add(probed(address, duration));
      } while (health.getLast().max() >= LIMIT_MILLIS && health.size() < ATTEMPTS);
      long frames = 0;
      for (int i = 0; i < PIPELINES; i++) {
        frames += stopped(new PipelineClient(address, "p" + i));
      }
      long late = Exposition.of(address).sum("millrace_signals_late_ticks_total", "node=\"clock\"");
      report(health, frames, late);
      assertThat(health.getLast().max()).as("%s", health).isLessThan(LIMIT_MILLIS);
      double due = PIPELINES * duration.toMillis() / INTERVAL_MILLIS;
      assertThat((double) frames + late).as("ticks, %s of them late", late).isGreaterThan(due);
    }
  }

  private static HealthProbe.Result probed(URI address, Duration duration)
      throws InterruptedException {
    try (var probe = HealthProbe.start(address)) {
      long began = System.nanoTime();
      Await.until(
          PATIENCE.plus(duration),
          () -> System.nanoTime() - began > duration.toNanos(),
          () -> "time does not pass");
      return probe.stop();
    }
  }

  /// How many frames the pipeline made; every node has handled each of them once, without an error.
  private static long stopped(PipelineClient pipeline) {
    pipeline.move("stop");
    var counts = pipeline.metrics();
    assertThat(counts).hasSize(NODES);
    long ticks = counts.path("clock").path("frames_processed").asLong();
    counts.forEachEntry(
        (id, node) -> {
          assertThat(node.path("frames_processed").asLong())
              .as("%s/%s", pipeline.name(), id)
              .isEqualTo(id.equals("both") ? 2 * ticks : ticks);
          assertThat(node.path("errors_count").asLong()).isZero();
        });
    assertThat(ticks).isGreaterThanOrEqualTo(KEPT);
    var kept = pipeline.collected("out");
    assertThat(kept).hasSize(KEPT);
    for (int i = 0; i < KEPT; i++) {
      assertThat(kept.path(i).path("sequence_id").asLong()).isEqualTo(ticks - KEPT + i);
      assertThat(kept.path(i).path("payload")).hasSize(2);
    }
    return ticks;
  }

  private static String config() {
    return "server: { port: 0 }\npipelines:\n"
        + IntStream.range(0, PIPELINES)
            .mapToObj(i -> "  - { name: p" + i + ", file: graph.json }\n")
            .collect(Collectors.joining());
  }

  private static String graph() {
    var nodes = new ArrayList<String>();
    nodes.add(node("clock", "TriggerSource", "\"interval_ms\":" + INTERVAL_MILLIS));
    nodes.add(node("tone", "SineGenerator", "\"frame_size\":64"));
    TRUNK.forEach(id -> nodes.add(node(id, "Gain", "\"gain\":1.01")));
    LEFT.forEach(id -> nodes.add(node(id, "Gain", "\"gain\":0.5")));
    RIGHT.forEach(id -> nodes.add(node(id, "Filter", "")));
    nodes.add(node("both", "Merge", "\"prefix\":true"));
    nodes.add(node("spectrum", "FFT", ""));
    nodes.add(node("said", "Gain", ""));
    nodes.add(node("out", "Collect", "\"terminal\":true,\"max_frames\":" + KEPT));
    var edges = new ArrayList<String>();
    edge(edges, "clock", "tone");
    line(edges, "tone", TRUNK);
    line(edges, TRUNK.getLast(), LEFT);
    line(edges, TRUNK.getLast(), RIGHT);
    edge(edges, LEFT.getLast(), "both");
    edge(edges, RIGHT.getLast(), "both");
    line(edges, "both", List.of("said", "spectrum", "out"));
    return "{\"nodes\":["
        + String.join(",\n", nodes)
        + "],\n\"connections\":["
        + String.join(",\n", edges)
        + "]}";
  }

  private static void line(List<String> edges, String from, List<String> ids) {
    var last = from;
    for (var id : ids) {
      edge(edges, last, id);
      last = id;
    }
  }

  private static void edge(List<String> edges, String from, String to) {
    edges.add("{\"from\":\"" + from + "\",\"to\":\"" + to + "\"}");
  }

  private static String node(String id, String type, String config) {
    return "{\"id\":\"" + id + "\",\"type\":\"" + type + "\",\"config\":{" + config + "}}";
  }

  private static List<String> ids(String word, int count) {
    return IntStream.range(0, count).mapToObj(i -> word + i).toList();
  }

  @SuppressWarnings("SystemOut") // the figures are part of what this test is for
  private static void report(List<HealthProbe.Result> health, long frames, long late) {
    System.out.printf(
        "100 pipelines of 50 nodes: %,d frames, %,d late ticks; /healthz: %s%n",
        frames, late, health);
  }
}
