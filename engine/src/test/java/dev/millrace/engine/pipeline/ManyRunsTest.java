package dev.millrace.engine.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.node.Execution;
import dev.millrace.engine.fixture.Collecting;
import dev.millrace.engine.fixture.EngineFixture;
import dev.millrace.engine.fixture.Numbers;
import dev.millrace.engine.graph.Graph;
import dev.millrace.testkit.Await;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Pipelines that come and go beside and after each other.
@Timeout(60)
class ManyRunsTest {
  private final EngineFixture engine = new EngineFixture();

  @AfterEach
  void stop() {
    engine.close();
  }

  @Test
  void aNameIsFreeAgainOnceItsPipelineIsClosedAHundredTimesInARow() throws Exception {
    for (int run = 1; run <= 100; run++) {
      var sinkName = "sink" + run;
      int capacity = 10 + run;
      engine.source("numbers" + run, new Numbers(Long.MAX_VALUE));
      var sink = engine.sink(sinkName, new Collecting(Execution.NATIVE));
      var pipeline =
          pipeline(
              "again",
              engine.graph(
                  "{\"channel_capacity\":%s}".formatted(capacity),
                  "numbers" + run + " -> " + sinkName));
      pipeline.start();
      Await.until("frames arrive", () -> sink.count() > 100);
      var exposed = gauges();
      assertThat(exposed).as("run %s", run).hasSize(6 + 2); // states; one edge, two figures
      assertThat(exposed)
          .as("run %s", run)
          .anyMatch(line -> line.contains("state=\"Running\"} 1"))
          .anyMatch(line -> line.contains("edge_capacity") && line.endsWith(" " + capacity + ".0"))
          .anyMatch(line -> line.contains("to=\"" + sinkName + "\""));
      if (run % 2 == 0) {
        assertThat(pipeline.drain()).isInstanceOf(DrainReport.Clean.class);
      }
      pipeline.close();
      assertThat(sink.closings).isEqualTo(1);
      assertThat(gauges()).as("run %s", run).isEmpty();
    }
  }

  @Test
  void aPipelineClosedBeforeItWasStartedShowsNothing() throws Exception {
    engine.source("numbers", new Numbers(10));
    engine.sink("sink", new Collecting());
    var pipeline = pipeline("closed", engine.graph("{}", "numbers -> sink"));
    pipeline.close();

    pipeline.start();
    pipeline.awaitEnd();

    assertThat(gauges()).isEmpty();
  }

  @Test
  void pipelinesAreDrainedSideBySideFromManyThreads() throws Exception {
    long seed = 20_261_121;
    var random = new Random(seed);
    var kinds = List.of(Execution.values());
    for (int round = 0; round < 10; round++) {
      var pipelines = new ArrayList<Pipeline>();
      var sinks = new ArrayList<Collecting>();
      for (int i = 0; i < 8; i++) {
        var id = round + "-" + i;
        engine.source("numbers" + id, new Numbers(Long.MAX_VALUE));
        sinks.add(
            engine.sink("sink" + id, new Collecting(kinds.get(random.nextInt(kinds.size())))));
        pipelines.add(
            pipeline("drained" + i, engine.graph("{}", "numbers" + id + " -> sink" + id)));
        pipelines.getLast().start();
      }
      for (var sink : sinks) {
        Await.until("frames arrive", () -> sink.count() > 0);
      }
      var reports =
          onThreads(pipelines.stream().<Callable<DrainReport>>map(p -> p::drain).toList());

      for (int i = 0; i < pipelines.size(); i++) {
        assertThat(reports.get(i))
            .as("seed %s round %s pipeline %s", seed, round, i)
            .isEqualTo(new DrainReport.Clean(sinks.get(i).count()));
        assertThat(sinks.get(i).sequences().getLast()).isEqualTo(sinks.get(i).count());
        assertThat(sinks.get(i).closings).isEqualTo(1);
        pipelines.get(i).close();
      }
    }
    assertThat(gauges()).isEmpty();
  }

  @Test
  void twoWhoDrainTheSamePipelineHearTheSame() throws Exception {
    engine.source("numbers", new Numbers(Long.MAX_VALUE));
    var sink = engine.sink("sink", new Collecting(Execution.WAITING));
    var pipeline = pipeline("twice", engine.graph("{}", "numbers -> sink"));
    pipeline.start();
    Await.until("frames arrive", () -> sink.count() > 0);

    var reports = onThreads(List.of(pipeline::drain, pipeline::drain));

    assertThat(reports).containsOnly(new DrainReport.Clean(sink.count()));
    pipeline.close();
  }

  private static List<DrainReport> onThreads(List<Callable<DrainReport>> drains) throws Exception {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var reports = new ArrayList<DrainReport>();
      for (var report : threads.invokeAll(drains, 30, TimeUnit.SECONDS)) {
        reports.add(report.get());
      }
      return reports;
    }
  }

  private Pipeline pipeline(String name, Graph graph) {
    var services =
        new PipelineServices(engine.metrics, engine.signals, Path.of("target/tmp"), false);
    return new Pipeline(name, graph, engine.runtime, services);
  }

  /// The lines of the exposition that are a pipeline's gauges.
  private List<String> gauges() {
    return new String(engine.metrics.exposition(), StandardCharsets.UTF_8)
        .lines()
        .filter(
            line ->
                line.startsWith("millrace_engine_edge_queued")
                    || line.startsWith("millrace_engine_edge_capacity")
                    || line.startsWith("millrace_engine_pipeline_state"))
        .toList();
  }
}
