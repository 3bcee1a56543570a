package dev.millrace.engine.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.node.Execution;
import dev.millrace.core.node.NodeContext;
import dev.millrace.core.node.Outlet;
import dev.millrace.core.node.Processor;
import dev.millrace.engine.fixture.Collecting;
import dev.millrace.engine.fixture.Numbers;
import dev.millrace.engine.fixture.Ticks;
import dev.millrace.testkit.Await;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Runs that are cut off and go on.
@Timeout(120)
class CheckpointTest extends CheckpointedRuns {
  CheckpointTest(@TempDir Path data) {
    super(data);
  }

  @ParameterizedTest
  @ValueSource(strings = {"auto", "off"})
  void aRunThatWasCutOffGoesOnWithoutLossOrDouble(String fusion) throws Exception {
    var settings = "{" + EVERY_50 + ",\"fusion\":\"" + fusion + "\",\"channel_capacity\":20}";
    var graph = engine.graph(settings, "ticks -> sum -> out");
    var expected = uninterrupted(graph);

    cutOffAfter(graph, 400, 3);
    runToItsEnd(graph);

    assertThat(ledger.lines()).isEqualTo(expected);
  }

  @Test
  void severalCutsMakeNoDifference() throws Exception {
    var graph = engine.graph(SETTINGS, "ticks -> sum -> waitingSum -> out", "sum -> out");
    var expected = sorted(uninterrupted(graph));

    for (int cut = 1; cut <= 8; cut++) {
      cutOffAfter(graph, cut * 100L, 1);
    }
    runToItsEnd(graph);

    assertThat(sorted(ledger.lines())).isEqualTo(expected);
  }

  @Test
  void aDrainedRunGoesOnExactlyWhereItHadCome() throws Exception {
    var graph = engine.graph(SETTINGS, "ticks -> sum -> out");
    var expected = uninterrupted(graph);

    allowed.set(333); // no multiple of what is between two checkpoints
    var first = start(graph);
    Await.until("all is through", () -> frames(first, "out") > 250);
    assertThat(first.drain()).isInstanceOf(DrainReport.Clean.class);
    var atDrain = ledger.lines();
    allowed.set(Long.MAX_VALUE);
    runToItsEnd(graph);

    assertThat(ledger.lines()).isEqualTo(expected).startsWith(atDrain.toArray(String[]::new));
  }

  @Test
  void aRunThatCameToItsEndLeavesNothingAndTheNextBeginsAnew() throws Exception {
    var graph = engine.graph(SETTINGS, "ticks -> sum -> out");
    runToItsEnd(graph);
    var once = ledger.lines();
    assertThat(folder()).doesNotExist();

    runToItsEnd(graph);

    assertThat(ledger.lines()).isEqualTo(once);
  }

  @Test
  void aRunThatIsForgottenLeavesNothingToGoOnFrom() throws Exception {
    allowed.set(333);
    var run = start(engine.graph(SETTINGS, "ticks -> sum -> out"));
    Await.until("there is a checkpoint", () -> written(run) > 0);
    run.close();
    assertThat(folder()).isNotEmptyDirectory();

    run.forgetCheckpoints();

    assertThat(folder()).doesNotExist();
  }

  @Test
  void aSourceThatHasEndedDoesNotBeginAgainBesideOneThatHasNot() throws Exception {
    engine.sources("few", () -> new Ticks(9, 120, Execution.INLINE, new AtomicLong(1_000)));
    var graph = engine.graph(SETTINGS, "few -> waitingSum -> out", "ticks -> sum -> out");
    var expected = sorted(uninterrupted(graph));

    allowed.set(200);
    var first = start(graph);
    Await.until("few has ended", () -> ended(first, "few"));
    allowed.set(600);
    sources.forEach(Ticks::lookAgain);
    long before = written(first);
    Await.until("checkpoints follow", () -> written(first) > before + 2);
    first.close();
    allowed.set(Long.MAX_VALUE);
    runToItsEnd(graph);

    assertThat(sorted(ledger.lines())).isEqualTo(expected);
  }

  @Test
  void anewIsAnew() throws Exception {
    var graph = engine.graph(SETTINGS, "ticks -> sum -> out");
    var expected = uninterrupted(graph);
    cutOffAfter(graph, 400, 3);
    allowed.set(Long.MAX_VALUE);

    var anew = engine.keeping(data, graph, Checkpoints.ANEW);
    anew.start();
    assertThat(anew.awaitEnd()).isInstanceOf(PipelineState.Completed.class);

    assertThat(frames(anew, "ticks")).isEqualTo(last);
    assertThat(ledger.lines()).isEqualTo(expected);
  }

  @Test
  void aRunWithoutCheckpointsTouchesNoFolder() throws Exception {
    var graph = engine.graph(SETTINGS, "ticks -> sum -> out");
    var run = engine.keeping(data, graph, Checkpoints.NONE);
    run.start();
    assertThat(run.awaitEnd()).isInstanceOf(PipelineState.Completed.class);
    assertThat(run.checkpoints()).isEmpty();
    assertThat(data).isEmptyDirectory();
  }

  @Test
  void aSourceThatOnlyHasAPositionResumesThere() throws Exception {
    var numbers = new Endless();
    var graph = engine.graph(SETTINGS, "numbers -> sum -> out");
    var first = start(graph);
    Await.until("some are written", () -> written(first) > 3);
    first.close();
    numbers.end = numbers.emitted() + 500;

    runToItsEnd(graph);

    assertThat(numbers.emitted()).isLessThan(numbers.end - 50);
    var lines = ledger.lines();
    assertThat(lines).isEqualTo(uninterrupted(graph));
  }

  @Test
  void aDurableSinkThatIsBehindDecidesWhereTheSourceBegins() throws Exception {
    var durable = engine.sink("durable", new Collecting());
    var numbers = new Endless();
    var graph = engine.graph(SETTINGS, "numbers -> sum -> out", "numbers -> durable");
    var first = start(graph);
    Await.until("some are written", () -> written(first) > 1);
    first.close();
    numbers.end = numbers.emitted() + 500;
    assertThat(durable.committed(Numbers.stream(5), 30).count()).isPositive();

    runToItsEnd(graph);

    assertThat(numbers.emitted()).isEqualTo(numbers.end - 30);
  }

  /// The type `numbers`: counts to whatever is the end when an instance is made.
  private final class Endless {
    private final List<Numbers> made = new CopyOnWriteArrayList<>();
    private volatile long end = Long.MAX_VALUE; // written by the test

    Endless() {
      engine.sources(
          "numbers",
          () -> {
            var one = new Numbers(5, end, Execution.INLINE);
            made.add(one);
            return one;
          });
    }

    /// Frames of the latest instance.
    long emitted() {
      return made.getLast().emitted.get();
    }
  }

  @Test
  void lettersAndWhatFailsOnceAreWithinTheCut() throws Exception {
    engine.transforms("fails", Failing::new);
    var graph =
        engine.read(
            "{\"pipeline_config\":"
                + SETTINGS
                + ",\"nodes\":["
                + "{\"id\":\"ticks\",\"type\":\"ticks\"},{\"id\":\"sum\",\"type\":\"sum\"},"
                + "{\"id\":\"fails\",\"type\":\"fails\",\"error_policy\":\"SkipFrame\","
                + "\"restart\":{\"Exponential\":{\"base_ms\":1,\"max_ms\":2,\"max_attempts\":2}},"
                + "\"dead_letter\":\"letters\"},"
                + "{\"id\":\"letters\",\"type\":\"waitingSum\"},"
                + "{\"id\":\"out\",\"type\":\"out\"}],"
                + "\"connections\":[{\"from\":\"ticks\",\"to\":\"sum\"},"
                + "{\"from\":\"sum\",\"to\":\"fails\"},{\"from\":\"fails\",\"to\":\"out\"},"
                + "{\"from\":\"letters\",\"to\":\"out\"}]}");
    last = 400;
    var expected = sorted(uninterrupted(graph));
    for (int cut = 1; cut <= 3; cut++) {
      cutOffAfter(graph, cut * 100L, 1);
    }
    runToItsEnd(graph);
    assertThat(sorted(ledger.lines())).isEqualTo(expected);
  }

  @Test
  void aBarrierGoesThroughAnEdgeThatDrops() throws Exception {
    var graph =
        engine.read(
            "{\"pipeline_config\":"
                + SETTINGS
                + ",\"nodes\":["
                + "{\"id\":\"ticks\",\"type\":\"ticks\"},{\"id\":\"slow\",\"type\":\"waitingSum\"},"
                + "{\"id\":\"out\",\"type\":\"out\"}],"
                + "\"connections\":[{\"from\":\"ticks\",\"to\":\"slow\",\"capacity\":3,"
                + "\"strategy\":\"drop_oldest\"},{\"from\":\"slow\",\"to\":\"out\",\"capacity\":3,"
                + "\"strategy\":\"drop_newest\"}]}");
    last = Long.MAX_VALUE;
    var run = start(graph);
    Await.until("checkpoints are written", () -> written(run) > 3);
    assertThat(run.drain()).isInstanceOf(DrainReport.Clean.class);
    assertThat(failed(run)).isZero();
  }

  @Test
  void nothingBeginsWhileTheRunIsPausedAndAllGoesOnAfterwards() throws Exception {
    var graph = engine.graph(SETTINGS, "ticks -> sum -> out");
    var expected = uninterrupted(graph);
    allowed.set(500);
    var run = start(graph);
    assertThat(run.pause(Duration.ofSeconds(10))).isInstanceOf(HoldReport.Held.class);
    var coordinator = run.coordinator().orElseThrow();
    coordinator.begin();
    assertThat(coordinator.wanted()).isNull();
    run.resume();
    allowed.set(Long.MAX_VALUE);
    sources.forEach(Ticks::lookAgain);
    assertThat(run.awaitEnd()).isInstanceOf(PipelineState.Completed.class);
    assertThat(ledger.lines()).isEqualTo(expected);
  }

  @Test
  void framesFromOutsideAreWithinTheCutOnceTheyAreInTheGraph() throws Exception {
    var graph = engine.graph(SETTINGS, "sum -> out");
    var first = start(graph);
    for (int i = 1; i <= 200; i++) {
      first.trigger(Frame.trigger(1, i));
    }
    assertThat(first.drain()).isInstanceOf(DrainReport.Clean.class);
    var second = start(graph);
    for (int i = 201; i <= 400; i++) {
      second.trigger(Frame.trigger(1, i));
    }
    assertThat(second.drain()).isInstanceOf(DrainReport.Clean.class);
    var inTwo = ledger.lines();

    var whole = engine.keeping(data, graph, Checkpoints.ANEW);
    whole.start();
    for (int i = 1; i <= 400; i++) {
      whole.trigger(Frame.trigger(1, i));
    }
    assertThat(whole.drain()).isInstanceOf(DrainReport.Clean.class);
    assertThat(inTwo).isEqualTo(ledger.lines());
  }

  @Test
  void aChangeOfTheGraphAndCheckpointsDoNotDisturbEachOther() throws Exception {
    var one = engine.graph(SETTINGS, "ticks -> sum -> out");
    var two = engine.graph(SETTINGS, "ticks -> sum -> waitingSum", "sum -> out");
    last = Long.MAX_VALUE;
    var run = start(one);
    for (int i = 0; i < 20; i++) {
      assertThat(run.apply(i % 2 == 0 ? two : one)).isInstanceOf(ApplyReport.Applied.class);
      long before = written(run);
      Await.until("one is written after the change", () -> written(run) > before);
    }
    assertThat(failed(run)).isZero();
    assertThat(run.drain()).isInstanceOf(DrainReport.Clean.class);
    var atDrain = ledger.lines();
    allowed.set(0);
    var next = start(one);
    assertThat(next.drain()).isInstanceOf(DrainReport.Clean.class);
    assertThat(ledger.lines()).isEqualTo(atDrain);
  }

  /// Fails on every fifth frame the first time it comes, and on every seventh always.
  private static final class Failing implements Processor {
    private Set<Long> met = new HashSet<>();

    @Override
    @SuppressWarnings("unchecked") // its own set
    public void open(NodeContext context) {
      met = context.kept(HashSet.class, HashSet::new);
    }

    @Override
    public void process(Frame frame, Outlet outlet) {
      long sequence = frame.sequence();
      if (Math.floorMod(sequence, 7) == 0
          || (Math.floorMod(sequence, 5) == 0 && met.add(sequence))) {
        throw new IllegalStateException("as told");
      }
      outlet.emit(frame);
    }
  }
}
