package dev.millrace.engine.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.frame.Frame;
import dev.millrace.engine.graph.Graph;
import dev.millrace.engine.tap.TapOptions;
import dev.millrace.testkit.Await;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ApplyTest extends ChangeOfGraph {
  @Test
  void aGainChangesBetweenTwoFramesUnderLoadAndNoFrameIsLost() throws Exception {
    for (var settings : List.of("{}", "{\"fusion\":\"off\"}", "{\"channel_capacity\":1}")) {
      nodes.sinks.clear();
      var pipeline = start(line(settings, 1));
      for (int gain = 2; gain < 30; gain++) {
        int now = gain;
        long begun = System.nanoTime();
        assertThat(pipeline.apply(line(settings, gain)))
            .isEqualTo(
                new ApplyReport.Applied(
                    List.of("source", "sink"), List.of("gain"), List.of(), List.of()));
        Await.until("it is heard", () -> gainOf(last("sink"), "gain") == now);
        assertThat(System.nanoTime() - begun).as("nanoseconds").isLessThan(1_000_000_000L);
      }
      assertThat(pipeline.drain()).isInstanceOf(DrainReport.Clean.class);
      assertInOrder("sink", 0);
      assertThat(pipeline.metrics().values().stream().map(NodeMetrics::framesProcessed).distinct())
          .hasSize(1);
    }
  }

  @Test
  void whatSaysTheSameIsNotChanged() throws Exception {
    var pipeline = start(line("{}", 1));
    assertThat(pipeline.apply(line("{\"drain_timeout_ms\":7}", 1)))
        .isEqualTo(new ApplyReport.Unchanged());
    assertThat(pipeline.graph().settings().drainTimeout()).isEqualTo(Duration.ofMillis(7));
  }

  @Test
  void aSinkThatGathersByTheClockWritesAtOnceWhenItLeaves() throws Exception {
    var pipeline = start(timed(1));
    for (int gain = 2; gain < 12; gain++) {
      int now = count("sink");
      long counted = nodes.counted.get();
      Await.until("frames are gathered", () -> nodes.counted.get() > counted + 100);
      assertThat(count("sink")).isEqualTo(now);
      assertThat(pipeline.apply(timed(gain))).isInstanceOf(ApplyReport.Applied.class);
      assertThat(count("sink")).isGreaterThan(now);
    }
    assertThat(pipeline.drain()).isInstanceOf(DrainReport.Clean.class);
    assertInOrder("sink", 0);
  }

  private Graph timed(int gain) {
    return nodes.graph(
        "{}",
        List.of("count source 1 true", "timed sink " + gain + " false"),
        List.of("source sink"));
  }

  @Test
  void aNodeThatGetsAnotherInputTakesWhatAFullNodeBeforeItHasToHandOn() throws Exception {
    var settings = "{\"drain_timeout_ms\":3000,\"fusion\":\"off\"}";
    nodes.sinksHold = true;
    var pipeline = start(line(settings, 1));
    Await.until(
        "both queues are full",
        () -> pipeline.snapshot().edges().stream().allMatch(edge -> edge.fill() == 1));
    var next =
        nodes.graph(
            settings,
            List.of(
                "count source 1 false",
                "count other 1 false",
                "gain gain 2 false",
                "sink sink 1 false"),
            List.of("source gain", "gain sink", "other sink"));
    var report = new CompletableFuture<ApplyReport>();
    var changing = Thread.ofPlatform().start(() -> report.complete(applied(pipeline, next)));
    Await.until("chains are held", () -> changing.getState() == Thread.State.WAITING);

    nodes.sinksGoOn();

    assertThat(report.get()).isInstanceOf(ApplyReport.Applied.class);
    assertThat(pipeline.drain()).isInstanceOf(DrainReport.Clean.class);
  }

  @Test
  void aNodeThatLeavesHandsOnWhatItHas() throws Exception {
    var pipeline = start(gathering("gather"));
    for (int i = 0; i < 20; i++) {
      flows("sink");
      assertThat(pipeline.apply(gathering(i % 2 == 0 ? "gain" : "gather")))
          .isInstanceOf(ApplyReport.Applied.class);
    }
    assertThat(pipeline.drain()).isInstanceOf(DrainReport.Clean.class);
    assertInOrder("sink", 0);
  }

  @Test
  void framesThatWaitForARetryAreNotLostInAChange() throws Exception {
    var pipeline = start(failing("{}", 1));
    for (int i = 2; i < 12; i++) {
      Await.until("it has failed", () -> nodes.failures.get() % 3 != 0);
      assertThat(pipeline.apply(failing("{}", i))).isInstanceOf(ApplyReport.Applied.class);
      flows("sink");
    }
    assertThat(pipeline.drain()).isInstanceOf(DrainReport.Clean.class);
    assertInOrder("sink", 0);
    assertThat(pipeline.snapshot().nodes().get(1).upkeep().skipped()).isZero();
  }

  @Test
  void aChangedSourceGoesOnWhereTheOldOneWas() throws Exception {
    var pipeline = start(line("{}", 1));
    for (int i = 2; i < 20; i++) {
      flows("sink");
      var next =
          nodes.graph(
              "{}",
              List.of("count source " + i + " false", "gain gain 1 false", "sink sink 1 false"),
              List.of("source gain", "gain sink"));
      assertThat(pipeline.apply(next)).isInstanceOf(ApplyReport.Applied.class);
    }
    assertThat(pipeline.drain()).isInstanceOf(DrainReport.Clean.class);
    assertInOrder("sink", 0);
  }

  @Test
  void aKeyThatChangesItsKindWorksAsWhatItIsNow() throws Exception {
    var pipeline = start(line("{}", 1));
    var next =
        nodes.graph(
            "{}",
            List.of("count other 1 false", "gain source 1 false", "sink sink 1 false"),
            List.of("other source", "source sink"));
    assertThat(pipeline.apply(next))
        .isEqualTo(
            new ApplyReport.Applied(
                List.of("sink"), List.of("source"), List.of("other"), List.of("gain")));
    Await.until(
        "other frames come", () -> last("sink").metadata().entries().containsValue("other"));
  }

  @Test
  void aTapFindsItsNodeAgain() throws Exception {
    var pipeline = start(line("{}", 1));
    try (var tap = pipeline.tap("gain", TapOptions.DEFAULT)) {
      assertThat(tap.poll(Duration.ofSeconds(10))).isNotNull();
      assertThat(pipeline.apply(line("{}", 2))).isInstanceOf(ApplyReport.Applied.class);
      Await.until(
          "the new gain is seen",
          () -> {
            try {
              var event = tap.poll(Duration.ofSeconds(1));
              return event != null && gainOf(event.frame(), "gain") == 2;
            } catch (InterruptedException interrupted) {
              throw new AssertionError(interrupted);
            }
          });
    }
  }

  @Test
  void triggersGoOnThroughAChangedEntry() throws Exception {
    var pipeline = start(entry(1));
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
      assertThat(pipeline.apply(entry(gain))).isInstanceOf(ApplyReport.Applied.class);
    }
    feeding.get();
    assertThat(pipeline.drain()).isInstanceOf(DrainReport.Clean.class);
    assertThat(frames("sink")).hasSize(5_000);
    for (int i = 0; i < 5_000; i++) {
      assertThat(frames("sink").get(i).sequence()).isEqualTo(i + 1);
    }
  }

  @Test
  void aPipelineMayEndDuringAChange() throws Exception {
    for (int i = 0; i < 40; i++) {
      nodes.sinks.clear();
      var pipeline = start(line("{}", 1));
      var change = CompletableFuture.supplyAsync(() -> applied(pipeline, line("{}", 2)));
      var other = CompletableFuture.supplyAsync(() -> applied(pipeline, line("{}", 3)));
      if (i % 2 == 0) {
        flows("sink");
        assertThat(pipeline.drain()).isInstanceOf(DrainReport.Clean.class);
        assertInOrder("sink", 0);
      } else {
        pipeline.close();
      }
      assertThat(change.get()).isNotNull();
      assertThat(other.get()).isNotNull();
      assertThat(pipeline.end()).isDone();
    }
  }
}
