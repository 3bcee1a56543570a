package dev.millrace.engine.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.frame.Frame;
import dev.millrace.engine.graph.Graph;
import dev.millrace.testkit.Await;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Changes of nodes whose work several instances share.
@Timeout(60)
class ApplyWorkersTest extends ChangeOfGraph {
  @Test
  void otherCountsOfWorkersTakeTheirPlacesUnderLoad() throws Exception {
    for (var settings : List.of("{}", "{\"channel_capacity\":1}")) {
      nodes.sinks.clear();
      var counts = List.of("", " 1 3", " 2 2", "", " 3 3", " 1 2");
      var pipeline = start(workers(settings, 1, false, ""));
      for (int gain = 2; gain < 20; gain++) {
        int now = gain;
        var count = counts.get(gain % counts.size());
        assertThat(pipeline.apply(workers(settings, gain, gain % 4 == 0, count)))
            .isInstanceOf(ApplyReport.Applied.class);
        Await.until("it is heard", () -> gainOf(last("sink"), "gain") == now);
        int least = count.isEmpty() ? 1 : Integer.parseInt(count.substring(1, 2));
        assertThat(pipeline.snapshot().nodes().get(1).workers()).isGreaterThanOrEqualTo(least);
        boolean gauged =
            new String(engine.metrics.exposition(), StandardCharsets.UTF_8)
                .contains("millrace_engine_node_instances{");
        assertThat(gauged).isEqualTo(!count.isEmpty() && !count.endsWith("1"));
      }
      assertThat(pipeline.drain()).isInstanceOf(DrainReport.Clean.class);
      assertInOrder("sink", 0);
      assertThat(pipeline.metrics().values().stream().map(NodeMetrics::framesProcessed).distinct())
          .hasSize(1);
    }
  }

  @Test
  void sharedWorkThatStaysGoesOnBesideWhatChanges() throws Exception {
    var pipeline = start(behindWorkers(1));
    for (int gain = 2; gain < 20; gain++) {
      int now = gain;
      assertThat(pipeline.apply(behindWorkers(gain)))
          .isEqualTo(
              new ApplyReport.Applied(
                  List.of("source", "many", "sink"), List.of("gain"), List.of(), List.of()));
      Await.until("it is heard", () -> gainOf(last("sink"), "gain") == now);
    }
    Await.until("the old ones are closed", () -> nodes.open.get() == 3 + 3);
    assertThat(pipeline.drain()).isInstanceOf(DrainReport.Clean.class);
    assertInOrder("sink", 0);
  }

  @Test
  void framesOfSeveralWorkersThatWaitForARetryAreNotLostInAChange() throws Exception {
    var pipeline = start(failing("{}", "1 false"));
    for (int i = 2; i < 12; i++) {
      Await.until("it has failed", () -> nodes.failures.get() % 3 != 0);
      var workers = i % 3 == 0 ? "" : " 2 3";
      assertThat(pipeline.apply(failing("{}", i + " false" + workers)))
          .isInstanceOf(ApplyReport.Applied.class);
      flows("sink");
    }
    assertThat(pipeline.drain()).isInstanceOf(DrainReport.Clean.class);
    assertInOrder("sink", 0);
    assertThat(pipeline.snapshot().nodes().get(1).upkeep().skipped()).isZero();
  }

  @Test
  void triggersGoOnThroughAnEntryThatGetsAndLosesWorkers() throws Exception {
    var pipeline = start(entry("1 false"));
    var feeding =
        CompletableFuture.runAsync(
            () -> {
              try {
                for (int i = 1; i <= 5_000; i++) {
                  pipeline.trigger(Frame.trigger(0, i));
                }
              } catch (Exception failure) {
                throw new AssertionError(failure);
              }
            });
    for (int gain = 2; !feeding.isDone(); gain++) {
      var next = entry(gain + (gain % 4 < 2 ? " true" : " false") + (gain % 3 == 0 ? "" : " 2 3"));
      assertThat(pipeline.apply(next)).isInstanceOf(ApplyReport.Applied.class);
    }
    feeding.get();
    assertThat(pipeline.drain()).isInstanceOf(DrainReport.Clean.class);
    assertThat(frames("sink").stream().map(Frame::sequence))
        .isEqualTo(LongStream.rangeClosed(1, 5_000).boxed().toList());
  }

  @Test
  void workersThatDoNotOpenLeaveTheOldGraphRunning() throws Exception {
    var pipeline = start(workers("{}", 1, true, " 2 2"));
    nodes.breaksOpen = true;
    assertRefused(pipeline.apply(workers("{}", 2, false, " 3 3")), "E_NODE_OPEN", "gain");
    nodes.breaksOpen = false;
    assertStillRuns(pipeline);
  }

  @Test
  void aStuckWorkerHasTheChangeRefusedAndTheOthersGoOn() throws Exception {
    var settings = "{\"drain_timeout_ms\":200}";
    var pipeline = start(stuck(settings, "1 false 2 3"));
    nodes.inside.await();
    assertRefused(pipeline.apply(stuck(settings, "2 false")), "E_CHANGE", "stuck");
    nodes.gate.countDown();
    Await.until("frames come", () -> count("sink") > 1_000);
    assertThat(pipeline.apply(stuck(settings, "3 false 1 2")))
        .isInstanceOf(ApplyReport.Applied.class);
    assertThat(pipeline.drain()).isInstanceOf(DrainReport.Clean.class);
    assertInOrder("sink", 0);
  }

  private Graph behindWorkers(int gain) {
    return nodes.graph(
        "{}",
        List.of(
            "count source 1 false",
            "gain many 1 true 3 3",
            "gain gain " + gain + " false",
            "sink sink 1 false"),
        List.of("source many", "many gain", "gain sink"));
  }
}
