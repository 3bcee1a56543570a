package dev.millrace.engine.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.engine.fixture.Collecting;
import dev.millrace.engine.fixture.Numbers;
import dev.millrace.engine.graph.Graph;
import dev.millrace.testkit.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Changes that are not made, and what runs on then.
@Timeout(60)
class ApplyRefusedTest extends ChangeOfGraph {
  @Test
  void otherSettingsTakeANewRun() throws Exception {
    var pipeline = start(line("{}", 1));
    assertRefused(
        pipeline.apply(line("{\"channel_capacity\":7}", 2)), ApplyReport.NEEDS_NEW_RUN, "config");
  }

  @Test
  void aDurableSinkThatChangesTakesANewRun() throws Exception {
    engine.sources("numbers", () -> new Numbers(Long.MAX_VALUE));
    var sink = engine.sink("durable", new Collecting());
    var pipeline = engine.pipeline("{}", "numbers -> durable");
    pipeline.start();
    var next =
        engine.read(
            "{\"nodes\":[{\"id\":\"numbers\",\"type\":\"numbers\"},"
                + "{\"id\":\"durable\",\"type\":\"durable\",\"error_policy\":\"SkipFrame\"}],"
                + "\"connections\":[{\"from\":\"numbers\",\"to\":\"durable\"}]}");
    assertRefused(pipeline.apply(next), ApplyReport.NEEDS_NEW_RUN, "durable");
    int now = sink.count();
    Await.until("frames come", () -> sink.count() > now + 100);
  }

  @Test
  void aNodeThatMayHoldAFileIsNotThereTwice() throws Exception {
    var pipeline = start(filing("one 1"));
    assertRefused(pipeline.apply(filing("one 2")), ApplyReport.NEEDS_NEW_RUN, "one and one");
    assertRefused(pipeline.apply(filing("two 1")), ApplyReport.NEEDS_NEW_RUN, "one and two");
    assertThat(pipeline.apply(filing("one 1", "two 1")))
        .isEqualTo(
            new ApplyReport.Applied(
                List.of("source", "one"), List.of(), List.of("two"), List.of()));
    assertThat(pipeline.apply(filing("two 1"))).isInstanceOf(ApplyReport.Applied.class);
    flows("two");
  }

  private Graph filing(String... sinks) {
    var all = new ArrayList<>(List.of("count source 1 true"));
    var edges = new ArrayList<String>();
    for (var sink : sinks) {
      all.add("file " + sink + " false");
      edges.add("source " + sink.split(" ", -1)[0]);
    }
    return nodes.graph("{}", all, edges);
  }

  @Test
  void aNodeThatFailsInItsLastWordsFailsTheRun() throws Exception {
    var pipeline = start(gathering("gather"));
    nodes.finishFails = true;
    assertThat(pipeline.apply(gathering("gain"))).isInstanceOf(ApplyReport.Refused.class);
    assertThat(pipeline.awaitEnd()).isInstanceOf(PipelineState.Error.class);
  }

  @Test
  void aNodeThatDoesNotOpenLeavesTheOldGraphRunning() throws Exception {
    var pipeline = start(line("{}", 1));
    nodes.breaksOpen = true;
    assertRefused(pipeline.apply(line("{}", 2)), "E_NODE_OPEN", "gain");
    assertThat(nodes.open).hasValue(3);
    nodes.breaksOpen = false;
    assertStillRuns(pipeline);
  }

  @Test
  void aSinkThatTakesNothingHasTheChangeRefusedAndTheOldGraphGoesOn() throws Exception {
    var settings = "{\"drain_timeout_ms\":200,\"fusion\":\"off\"}";
    var pipeline = start(line(settings, 1));
    flows("sink");
    nodes.sinksHold = true;
    Await.until(
        "frames wait",
        () -> nodes.sinkHeld && pipeline.snapshot().edges().getLast().queuedFrames() > 0);
    assertRefused(
        pipeline.apply(
            nodes.graph(
                settings,
                List.of("count source 1 false", "gain gain 1 false", "sink sink 2 false"),
                List.of("source gain", "gain sink"))),
        "E_CHANGE",
        "sink");
    nodes.sinksGoOn();
    assertThat(pipeline.pause(Duration.ofSeconds(10))).isEqualTo(new HoldReport.Held());
    pipeline.resume();
    assertStillRuns(pipeline);
  }

  @Test
  void aStuckNodeHasTheChangeRefusedAndIsNamed() throws Exception {
    var settings = "{\"drain_timeout_ms\":200}";
    var pipeline = start(stuck(settings, 1));
    nodes.inside.await();
    assertRefused(pipeline.apply(stuck(settings, 2)), "E_CHANGE", "stuck");
    nodes.gate.countDown();
    Await.until("frames come", () -> count("sink") > 1_000);
    assertThat(pipeline.apply(stuck(settings, 3))).isInstanceOf(ApplyReport.Applied.class);
    assertThat(pipeline.drain()).isInstanceOf(DrainReport.Clean.class);
    assertInOrder("sink", 0);
  }
}
