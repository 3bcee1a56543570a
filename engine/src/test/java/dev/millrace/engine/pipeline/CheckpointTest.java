package dev.millrace.engine.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.node.Execution;
import dev.millrace.core.node.NodeContext;
import dev.millrace.core.node.Outlet;
import dev.millrace.core.node.Processor;
import dev.millrace.core.node.Progress;
import dev.millrace.core.node.Source;
import dev.millrace.core.node.SourcePosition;
import dev.millrace.core.node.Stateful;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.engine.EngineMetric;
import dev.millrace.engine.fixture.Collecting;
import dev.millrace.engine.fixture.Counting;
import dev.millrace.engine.fixture.EngineFixture;
import dev.millrace.engine.fixture.Ledger;
import dev.millrace.engine.fixture.LogLines;
import dev.millrace.engine.fixture.Numbers;
import dev.millrace.engine.fixture.Ticks;
import dev.millrace.engine.graph.Graph;
import dev.millrace.testkit.Await;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Runs that are cut off and go on: `ticks -> sum -> out` and what can be built around it.
@Timeout(120)
class CheckpointTest {
  private static final String EVERY_50 = "\"checkpoint\":{\"interval_ms\":2,\"every_frames\":50}";
  private static final String SETTINGS = "{" + EVERY_50 + ",\"channel_capacity\":20}";

  private final EngineFixture engine = new EngineFixture();
  private final Path data;
  private final AtomicLong allowed = new AtomicLong(Long.MAX_VALUE);
  private final List<Ticks> sources = new CopyOnWriteArrayList<>();
  private final Ledger ledger = new Ledger();
  private long last = 1_000; // frame of the source

  CheckpointTest(@TempDir Path data) {
    this.data = data;
  }

  @BeforeEach
  void types() {
    engine.sources("ticks", () -> ticks(1));
    engine.sources("others", () -> ticks(2));
    engine.transforms("sum", () -> new Counting(3, Execution.INLINE));
    engine.transforms("waitingSum", () -> new Counting(4, Execution.WAITING));
    engine.sinks("out", () -> ledger.sink(Execution.NATIVE));
  }

  @AfterEach
  void close() {
    engine.close();
  }

  private Ticks ticks(int number) {
    var made = new Ticks(number, last, Execution.INLINE, allowed);
    sources.add(made);
    return made;
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
  void aTornNewestCheckpointIsPassedOverForTheOneBefore() throws Exception {
    var graph = engine.graph(SETTINGS, "ticks -> sum -> out");
    var expected = uninterrupted(graph);
    cutOffAfter(graph, 400, 3);
    var newest = checkpoints().getLast();
    Files.write(newest, Arrays.copyOf(Files.readAllBytes(newest), 30));

    runToItsEnd(graph);

    assertThat(ledger.lines()).isEqualTo(expected);
    assertThat(engine.metrics.count(EngineMetric.CHECKPOINTS_SKIPPED, "p", "unreadable"))
        .isEqualTo(1);
  }

  @Test
  void aStateThatIsRefusedIsPassedOverForTheOneBefore() throws Exception {
    var picky = new Picky();
    engine.transforms("picky", () -> picky.node());
    var graph = engine.graph(SETTINGS, "ticks -> sum -> picky -> out");
    var expected = uninterrupted(graph);
    cutOffAfter(graph, 400, 3);
    picky.refusals.set(2);

    var second = engine.keeping(data, graph, Checkpoints.CONTINUE);
    second.start();
    assertThat(second.awaitEnd()).isInstanceOf(PipelineState.Completed.class);

    assertThat(ledger.lines()).isEqualTo(expected);
    assertThat(engine.metrics.count(EngineMetric.CHECKPOINTS_SKIPPED, "p", "refused")).isEqualTo(2);
    assertThat(picky.open).hasValue(0);
  }

  @Test
  void whereNoneFitsTheRunBeginsAnewAndSaysSoUntilItHasItsOwn() throws Exception {
    var picky = new Picky();
    engine.transforms("picky", () -> picky.node());
    var graph = engine.graph(SETTINGS, "ticks -> sum -> picky -> out");
    var expected = uninterrupted(graph);
    cutOffAfter(graph, 400, 3);
    picky.refusals.set(1_000);

    allowed.set(10);
    var second = start(graph);
    assertThat(second.health().troubles())
        .singleElement()
        .satisfies(
            trouble -> {
              assertThat(trouble.node()).isEqualTo("picky");
              assertThat(trouble.sentence()).contains("began anew");
            });
    allowed.set(Long.MAX_VALUE);
    sources.forEach(Ticks::lookAgain);
    Await.until("there is one", () -> written(second) > 0 || over(second));
    Await.until("it is well again", () -> second.health().troubles().isEmpty());
    assertThat(second.awaitEnd()).isInstanceOf(PipelineState.Completed.class);

    assertThat(ledger.lines()).isEqualTo(expected);
  }

  @Test
  void aNodeThatIsNewOrOfAnotherVersionBeginsAnewWithAWarning() throws Exception {
    var before =
        engine.read(
            "{\"pipeline_config\":{"
                + EVERY_50
                + "},\"nodes\":["
                + "{\"id\":\"ticks\",\"type\":\"ticks\"},{\"id\":\"a\",\"type\":\"sum\"},"
                + "{\"id\":\"out\",\"type\":\"out\"}],"
                + "\"connections\":[{\"from\":\"ticks\",\"to\":\"a\"},{\"from\":\"a\",\"to\":\"out\"}]}");
    var after =
        engine.read(
            "{\"pipeline_config\":{"
                + EVERY_50
                + "},\"nodes\":[{\"id\":\"ticks\",\"type\":\"ticks\"},"
                + "{\"id\":\"a\",\"type\":\"sum\",\"version\":\"2\"},{\"id\":\"b\",\"type\":\"sum\"},"
                + "{\"id\":\"out\",\"type\":\"out\"}],\"connections\":[{\"from\":\"ticks\",\"to\":\"a\"},"
                + "{\"from\":\"a\",\"to\":\"b\"},{\"from\":\"b\",\"to\":\"out\"}]}");
    cutOffAfter(before, 400, 1);
    allowed.set(Long.MAX_VALUE);
    try (var logged = LogLines.warnings()) {
      runToItsEnd(after);
      assertThat(logged.lines().stream().map(LogLines.Line::message))
          .anyMatch(line -> line.contains("p/a begins anew") && line.contains("version=2"))
          .anyMatch(line -> line.contains("p/b begins anew") && line.contains("nothing of it"));
    }
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
  void aFolderOutsideOfTheDataDirectoryIsRefused() {
    var graph = engine.graph("{\"checkpoint\":{\"dir\":\"../elsewhere\"}}", "ticks -> sum -> out");
    var run = engine.keeping(data, graph, Checkpoints.CONTINUE);
    assertThatThrownBy(run::start)
        .isInstanceOf(ProblemException.class)
        .hasMessageContaining("leaves the data directory");
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
  void aNodeThatFailsLeavesTheLastGoodOneAndTheNextRunGoesOnFromIt() throws Exception {
    var fails = new AtomicBoolean(true);
    engine.transforms("breaks", () -> new Breaking(fails));
    var graph = engine.graph(SETTINGS, "ticks -> sum -> breaks -> out");
    fails.set(false);
    var expected = uninterrupted(graph);
    fails.set(true);

    var first = start(graph);
    assertThat(first.awaitEnd()).isInstanceOf(PipelineState.Error.class);
    first.close();
    assertThat(checkpoints()).isNotEmpty();
    fails.set(false);
    runToItsEnd(graph);

    assertThat(ledger.lines()).isEqualTo(expected);
  }

  @Test
  void aSourceThatTakesNoBarrierHoldsTheOthersUpForTheTimeoutOnly() throws Exception {
    var stuck = engine.source("stuck", new Stuck());
    var settings =
        "{\"checkpoint\":{\"interval_ms\":50,\"timeout_ms\":10},\"channel_capacity\":20}";
    var graph = engine.graph(settings, "ticks -> sum -> out", "stuck -> sum");
    var run = start(graph);
    Await.until("all is through", () -> frames(run, "sum") == last);
    Await.until("two were given up", () -> failed(run) > 1);
    assertThat(written(run)).isZero();
    stuck.released.countDown();
    assertThat(run.awaitEnd()).isInstanceOf(PipelineState.Completed.class);
  }

  /// Stands in its first poll, deaf to interrupts, until it is released.
  private static final class Stuck implements Source {
    private final CountDownLatch released = new CountDownLatch(1);

    @Override
    public Execution execution() {
      return Execution.NATIVE;
    }

    @Override
    public Progress poll(Outlet outlet, int limit) {
      while (released.getCount() > 0) {
        try {
          released.await();
        } catch (InterruptedException deaf) {
          // as native code would be
        }
      }
      return Progress.DONE;
    }

    @Override
    public @Nullable SourcePosition position() {
      return null;
    }
  }

  @Test
  void aStateThatIsTooLargeCostsTheCheckpointAndNothingElse() throws Exception {
    var settings =
        "{\"checkpoint\":{\"interval_ms\":0,\"every_frames\":50,\"max_node_state\":\"8B\"}}";
    var graph = engine.graph(settings, "ticks -> sum -> out");
    var expected = uninterrupted(graph);
    var run = start(graph);
    assertThat(run.awaitEnd()).isInstanceOf(PipelineState.Completed.class);
    assertThat(ledger.lines()).isEqualTo(expected);
    assertThat(failed(run)).isPositive();
    assertThat(written(run)).isZero();
  }

  @Test
  void aDiskThatFailsCostsCheckpointsAndIsTold() throws Exception {
    var graph =
        engine.graph("{\"checkpoint\":{\"interval_ms\":5,\"dir\":\"x\"}}", "ticks -> sum -> out");
    last = Long.MAX_VALUE;
    var run = start(graph);
    Await.until("one is written", () -> written(run) > 0);
    Await.until("a file is in the way", () -> replacedByFile(data.resolve("x")));
    Await.until("one has failed", () -> failed(run) > 0);
    assertThat(run.state()).isInstanceOf(PipelineState.Running.class);
    assertThat(run.health().healthy()).isFalse();
    Files.delete(data.resolve("x"));
    Await.until("it works again", () -> run.health().healthy());
    assertThat(run.drain()).isInstanceOf(DrainReport.Clean.class);
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

  @Test
  void aRunThatIsClosedWhileItStartsKeepsItsCheckpoints() throws Exception {
    var graph = engine.graph(SETTINGS, "ticks -> sum -> out");
    cutOffAfter(graph, 400, 2);
    var before = checkpoints();
    var run = engine.keeping(data, graph, Checkpoints.CONTINUE);
    run.close();
    assertThatThrownBy(
            () -> {
              run.start();
              run.start();
            })
        .isInstanceOf(IllegalStateException.class);
    assertThat(checkpoints()).isEqualTo(before);
  }

  /// What a run of its own comes to that nothing interrupts; the ledger is left as that run did.
  private List<String> uninterrupted(Graph graph) throws Exception {
    long held = allowed.getAndSet(Long.MAX_VALUE);
    var run = engine.keeping(data, graph, Checkpoints.NONE);
    run.start();
    assertThat(run.awaitEnd()).isInstanceOf(PipelineState.Completed.class);
    run.close();
    allowed.set(held);
    return ledger.lines();
  }

  /// Cuts a run off in the middle of its work, once its source may have come to `frames` and there
  /// are so many checkpoints.
  private void cutOffAfter(Graph graph, long frames, int checkpoints) throws Exception {
    allowed.set(frames);
    var run = start(graph);
    Await.until("checkpoints are written", () -> written(run) >= checkpoints || over(run));
    run.close();
    allowed.set(Long.MAX_VALUE);
  }

  private void runToItsEnd(Graph graph) throws Exception {
    var run = start(graph);
    assertThat(run.awaitEnd()).isInstanceOf(PipelineState.Completed.class);
    run.close();
  }

  private Pipeline start(Graph graph) throws ProblemException {
    var run = engine.keeping(data, graph, Checkpoints.CONTINUE);
    run.start();
    return run;
  }

  private static long written(Pipeline run) {
    return run.checkpoints().orElseThrow().written();
  }

  private static long frames(Pipeline run, String node) {
    return Objects.requireNonNull(run.metrics().get(node)).framesProcessed();
  }

  private static long failed(Pipeline run) {
    return run.checkpoints().orElseThrow().failed();
  }

  private static boolean over(Pipeline run) {
    return run.end().isDone();
  }

  private static boolean ended(Pipeline run, String node) {
    return run.snapshot().nodes().stream()
        .anyMatch(line -> line.id().equals(node) && line.standing().state() == NodeState.ENDED);
  }

  private Path folder() {
    return data.resolve("checkpoints").resolve("p");
  }

  private List<Path> checkpoints() throws IOException {
    if (!Files.exists(folder())) {
      return List.of();
    }
    try (var files = Files.list(folder())) {
      return files.sorted().toList();
    }
  }

  /// False if somebody has just written there.
  private static boolean replacedByFile(Path folder) {
    try (var all = Files.walk(folder)) {
      for (var path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
      Files.writeString(folder, "in the way", StandardOpenOption.CREATE_NEW);
      return true;
    } catch (IOException | UncheckedIOException again) {
      return false;
    }
  }

  private static List<String> sorted(List<String> lines) {
    var copy = new ArrayList<>(lines);
    copy.sort(null);
    return copy;
  }

  /// Passes frames on, counts those that are open, and refuses so many states.
  private static final class Picky {
    private final AtomicLong refusals = new AtomicLong();
    private final AtomicLong open = new AtomicLong();

    Processor node() {
      return new PickyNode();
    }

    private final class PickyNode implements Processor, Stateful {
      @Override
      public void open(NodeContext context) {
        open.incrementAndGet();
      }

      @Override
      public void process(Frame frame, Outlet outlet) {
        outlet.emit(frame);
      }

      @Override
      public void close() {
        open.decrementAndGet();
      }

      @Override
      public void save(DataOutput out) throws IOException {
        out.writeByte(1);
      }

      @Override
      public void restore(DataInput in) throws IOException {
        if (in.readByte() != 1 || refusals.getAndDecrement() > 0) {
          throw new IOException("not mine");
        }
      }
    }
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

  /// Fails at some frame in the middle while it is told to.
  private static final class Breaking implements Processor {
    private final AtomicBoolean fails;
    private int count;

    Breaking(AtomicBoolean fails) {
      this.fails = fails;
    }

    @Override
    public void process(Frame frame, Outlet outlet) {
      if (++count > 300 && fails.get()) {
        throw new IllegalStateException("as told");
      }
      outlet.emit(frame);
    }
  }
}
