package dev.millrace.engine.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.frame.Frame;
import dev.millrace.engine.fixture.Collecting;
import dev.millrace.engine.fixture.EngineFixture;
import dev.millrace.engine.fixture.Numbers;
import dev.millrace.engine.graph.Graph;
import dev.millrace.engine.graph.GraphNode;
import dev.millrace.engine.tap.TapOptions;
import dev.millrace.testkit.Await;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ApplyTest {
  private final EngineFixture engine = new EngineFixture();
  private final ChangingGraph nodes = new ChangingGraph();

  @AfterEach
  void stop() {
    nodes.gate.countDown();
    engine.close();
    Await.until("all instances are closed", () -> nodes.open.get() == 0);
  }

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

  @Test
  void anyChangeOfAnyGraphKeepsEachFrameOfAPathOnceAndInOrder() throws Exception {
    long seed = System.nanoTime();
    var random = new Random(seed);
    var shape = new Shape(random);
    var pipeline = start(shape.graph(nodes));
    for (int change = 0; change < 200; change++) {
      shape.change();
      var report = pipeline.apply(shape.graph(nodes));
      assertThat(report)
          .as("seed %s change %s", seed, change)
          .isNotInstanceOf(ApplyReport.Refused.class);
      assertThat(pipeline.state()).as("seed %s", seed).isEqualTo(new PipelineState.Running());
      assertThat(pipeline.snapshot().nodes()).hasSameSizeAs(pipeline.graph().nodes());
      var now = pipeline.graph().nodes();
      assertThat(nodes.open.get())
          .as("seed %s: open instances", seed)
          .isBetween(
              now.stream().mapToInt(GraphNode::workersMin).sum(),
              now.stream().mapToInt(GraphNode::workersMax).sum());
      if (change % 10 == 0) {
        flows("end0");
      }
    }
    assertThat(pipeline.drain()).as("seed %s", seed).isInstanceOf(DrainReport.Clean.class);
    assertThat(nodes.open).as("seed %s", seed).hasValue(0);
    for (int lane = 0; lane < Shape.LANES; lane++) {
      assertInOrder("end" + lane, seed);
    }
    for (var sink : nodes.sinks.keySet()) {
      assertWithoutGaps(sink, seed);
    }
  }

  /// Lanes of gains between a source and a sink; changes insert, remove and alter nodes at any
  /// place, and join and cut side branches.
  private static final class Shape {
    static final int LANES = 3;
    private final Random random;
    private final List<List<String>> lanes = new ArrayList<>();
    private final List<String> sides = new ArrayList<>(); // `node sink`
    private int next;
    private int revision;

    Shape(Random random) {
      this.random = random;
      for (int i = 0; i < LANES; i++) {
        lanes.add(new ArrayList<>(List.of("gain fix" + i + " 1 false")));
      }
    }

    void change() {
      var lane = lanes.get(random.nextInt(LANES));
      int at = random.nextInt(lane.size());
      switch (random.nextInt(5)) {
        case 0, 1 -> lane.add(at, gain("g" + next++));
        case 2 -> {
          if (lane.size() > 1 && !lane.get(at).contains(" fix")) {
            var gone = id(lane.remove(at));
            sides.removeIf(side -> side.startsWith(gone + " "));
          }
        }
        case 3 -> lane.set(at, gain(id(lane.get(at))));
        default -> {
          if (sides.isEmpty() || random.nextBoolean()) {
            sides.add(id(lane.get(at)) + " side" + next++);
          } else {
            sides.remove(random.nextInt(sides.size()));
          }
        }
      }
    }

    Graph graph(ChangingGraph nodes) {
      var all = new ArrayList<String>();
      var edges = new ArrayList<String>();
      for (int i = 0; i < LANES; i++) {
        var last = "source" + i;
        all.add("count " + last + " 1 true");
        for (var node : lanes.get(i)) {
          all.add(node);
          edges.add(last + " " + id(node));
          last = id(node);
        }
        all.add("sink end" + i + " 1 " + (i == 1));
        edges.add(last + " end" + i);
      }
      for (var side : sides) {
        all.add("sink " + side.split(" ", -1)[1] + " 1 false");
        edges.add(side);
      }
      return nodes.graph("{\"channel_capacity\":20}", all, edges);
    }

    private String gain(String id) {
      return "gain "
          + id
          + " "
          + ++revision
          + " "
          + ChangingGraph.flag(random)
          + ChangingGraph.workers(random);
    }

    private static String id(String node) {
      return node.split(" ", -1)[1];
    }
  }

  private Pipeline start(Graph graph) throws Exception {
    var pipeline = engine.pipeline(graph);
    pipeline.start();
    return pipeline;
  }

  private static ApplyReport applied(Pipeline pipeline, Graph next) {
    try {
      return pipeline.apply(next);
    } catch (InterruptedException interrupted) {
      throw new AssertionError(interrupted);
    }
  }

  private Graph line(String settings, int gain) {
    return nodes.graph(
        settings,
        List.of("count source 1 false", "gain gain " + gain + " false", "sink sink 1 false"),
        List.of("source gain", "gain sink"));
  }

  private Graph workers(String settings, int gain, boolean waits, String workers) {
    return nodes.graph(
        settings,
        List.of(
            "count source 1 false",
            "gain gain " + gain + " " + waits + workers,
            "sink sink 1 false"),
        List.of("source gain", "gain sink"));
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

  private Graph entry(int gain) {
    return entry(gain + " false");
  }

  private Graph entry(String gain) {
    return nodes.graph(
        "{\"channel_capacity\":5}",
        List.of("gain gain " + gain, "sink sink 1 false"),
        List.of("gain sink"));
  }

  private Graph stuck(String settings, int gain) {
    return stuck(settings, gain + " false");
  }

  private Graph stuck(String settings, String gain) {
    return nodes.graph(
        settings,
        List.of("count source 1 false", "stuck stuck " + gain, "sink sink 1 false"),
        List.of("source stuck", "stuck sink"));
  }

  private Graph failing(String settings, int gain) {
    return nodes.graph(
        settings,
        List.of(
            "count source 1 false",
            "failing care 1 false",
            "gain gain " + gain + " false",
            "sink sink 1 false"),
        List.of("source care", "care gain", "gain sink"));
  }

  private Graph failing(String settings, String care) {
    return nodes.graph(
        settings,
        List.of("count source 1 false", "failing care " + care, "sink sink 1 false"),
        List.of("source care", "care sink"));
  }

  private Graph gathering(String type) {
    return nodes.graph(
        "{}",
        List.of("count source 1 false", type + " middle 1 false", "sink sink 1 false"),
        List.of("source middle", "middle sink"));
  }

  private void assertStillRuns(Pipeline pipeline) throws Exception {
    assertThat(pipeline.state()).isEqualTo(new PipelineState.Running());
    flows("sink");
    assertThat(pipeline.apply(line("{}", 9))).isInstanceOf(ApplyReport.class);
    assertThat(pipeline.drain()).isInstanceOf(DrainReport.Clean.class);
    assertInOrder("sink", 0);
  }

  private static void assertRefused(ApplyReport report, String code, String what) {
    assertThat(report)
        .isInstanceOfSatisfying(
            ApplyReport.Refused.class,
            refused -> {
              assertThat(refused.problem().code()).isEqualTo(code);
              assertThat(refused.problem().what()).contains(what);
            });
  }

  private void flows(String sink) {
    int now = count(sink);
    Await.until("frames come", () -> count(sink) > now + 100);
  }

  /// Each frame of the source once, in order, and each node's instances one after another.
  private void assertInOrder(String sink, long seed) {
    var seen = frames(sink);
    Map<String, List<String>> switches = new HashMap<>();
    for (int i = 0; i < seen.size(); i++) {
      assertThat(seen.get(i).sequence()).as("seed %s sink %s", seed, sink).isEqualTo(i + 1);
      seen.get(i)
          .metadata()
          .entries()
          .forEach(
              (node, gain) -> {
                var gains = switches.computeIfAbsent(node, any -> new ArrayList<>());
                if (gains.isEmpty() || !gains.getLast().equals(gain)) {
                  gains.add(gain);
                }
              });
    }
    assertThat(seen).as("seed %s", seed).isNotEmpty();
    assertThat(switches.getOrDefault("gain", List.of())).doesNotHaveDuplicates();
  }

  /// All frames between the first and the last, once, each node's instances as they came.
  private void assertWithoutGaps(String sink, long seed) {
    long before = 0;
    Map<String, Integer> revisions = new HashMap<>();
    for (var frame : frames(sink)) {
      if (before > 0) {
        assertThat(frame.sequence()).as("seed %s sink %s", seed, sink).isEqualTo(before + 1);
      }
      before = frame.sequence();
      for (var node : frame.metadata().entries().keySet()) {
        if (!node.equals("from")) {
          int now = gainOf(frame, node);
          var last = revisions.put(node, now);
          assertThat(last == null ? 0 : last).as("seed %s", seed).isLessThanOrEqualTo(now);
        }
      }
    }
  }

  private static int gainOf(Frame frame, String node) {
    return Integer.parseInt(frame.metadata().entries().getOrDefault(node, "0"));
  }

  private int count(String sink) {
    var frames = nodes.sinks.getOrDefault(sink, List.of());
    synchronized (frames) {
      return frames.size();
    }
  }

  private Frame last(String sink) {
    var frames = nodes.sinks.getOrDefault(sink, List.of());
    synchronized (frames) {
      return frames.isEmpty() ? Frame.trigger(0, 0) : frames.getLast();
    }
  }

  private List<Frame> frames(String sink) {
    var frames = nodes.sinks.getOrDefault(sink, List.of());
    synchronized (frames) {
      return List.copyOf(frames);
    }
  }
}
