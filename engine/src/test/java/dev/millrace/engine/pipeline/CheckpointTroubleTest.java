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
import dev.millrace.engine.fixture.LogLines;
import dev.millrace.engine.fixture.Ticks;
import dev.millrace.testkit.Await;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Comparator;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Checkpoints that cannot be used, or cannot be written.
@Timeout(120)
class CheckpointTroubleTest extends CheckpointedRuns {
  CheckpointTroubleTest(@TempDir Path data) {
    super(data);
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
  void aFolderOutsideOfTheDataDirectoryIsRefused() {
    var graph = engine.graph("{\"checkpoint\":{\"dir\":\"../elsewhere\"}}", "ticks -> sum -> out");
    var run = engine.keeping(data, graph, Checkpoints.CONTINUE);
    assertThatThrownBy(run::start)
        .isInstanceOf(ProblemException.class)
        .hasMessageContaining("leaves the data directory");
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
