package dev.millrace.engine.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.node.Execution;
import dev.millrace.core.node.NodeContext;
import dev.millrace.core.node.Outlet;
import dev.millrace.core.node.Processor;
import dev.millrace.core.node.SourcePosition;
import dev.millrace.engine.EngineMetric;
import dev.millrace.engine.fixture.Collecting;
import dev.millrace.engine.fixture.Each;
import dev.millrace.engine.fixture.EngineFixture;
import dev.millrace.engine.fixture.Numbers;
import dev.millrace.testkit.Await;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class PipelineTest {
  private final EngineFixture engine = new EngineFixture();

  @AfterEach
  void stop() {
    engine.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"auto", "off"})
  void aFiniteSourceCompletesWithTheTrueNumberOfFrames(String fusion) throws Exception {
    engine.source("numbers", new Numbers(10_000));
    engine.transform("even", new Each((f, out) -> emitIf(f.sequence() % 2 == 0, f, out)));
    var sink = engine.sink("sink", new Collecting());
    var pipeline = engine.pipeline("{\"fusion\":\"" + fusion + "\"}", "numbers -> even -> sink");

    pipeline.start();

    assertThat(pipeline.awaitEnd()).isEqualTo(new PipelineState.Completed(5_000));
    assertThat(sink.sequences())
        .isEqualTo(numbers(1, 10_000).filter(n -> n % 2 == 0).boxed().toList());
    assertThat(sink.positions().getLast())
        .isEqualTo(SourcePosition.exact(Numbers.stream(0), 10_000));
    assertThat(sink.finished).isTrue();
    assertThat(sink.closings).isEqualTo(1);
    var snapshot = pipeline.snapshot();
    assertThat(snapshot.nodes())
        .extracting(PipelineSnapshot.NodeLine::framesIn)
        .containsExactly(0L, 10_000L, 5_000L);
    assertThat(snapshot.nodes())
        .extracting(PipelineSnapshot.NodeLine::framesOut)
        .containsExactly(10_000L, 5_000L, 0L);
    assertThat(engine.metrics.count(EngineMetric.NODE_FRAMES_IN, "p", "even")).isEqualTo(10_000);
    assertThat(pipeline.health().healthy()).isTrue();
  }

  @ParameterizedTest
  @EnumSource(Execution.class)
  void nodesRunOnTheKindOfThreadTheyAskFor(Execution execution) throws Exception {
    var threads = new CopyOnWriteArrayList<Thread>();
    engine.source("numbers", new Numbers(10));
    engine.sink("sink", new ThreadNoting(execution, threads));
    var pipeline = engine.pipeline("{}", "numbers -> sink");

    pipeline.start();
    pipeline.awaitEnd();

    switch (execution) {
      case INLINE -> assertThat(threads.get(1).getName()).startsWith("millrace-engine-");
      case WAITING -> {
        assertThat(threads).extracting(Thread::isVirtual).containsOnly(true);
        assertThat(threads).extracting(Thread::getName).containsOnly("millrace-p-sink");
      }
      case NATIVE -> {
        assertThat(threads).extracting(Thread::isVirtual).containsOnly(false);
        assertThat(threads).extracting(Thread::getName).containsOnly("millrace-p-sink");
      }
    }
  }

  @Test
  void aStoppedSinkStopsTheSourceAtExactlyTheCapacityAndLosesNothing() throws Exception {
    var source = engine.source("numbers", new Numbers(1_000));
    var sink = engine.sink("sink", new Collecting(Execution.NATIVE).stopped());
    var pipeline = engine.pipeline("{\"channel_capacity\":37}", "numbers -> sink");
    pipeline.start();

    Await.until("the channel is full", () -> source.emitted.get() == 37);
    Await.until("it shows", () -> pipeline.snapshot().edges().getFirst().queuedFrames() == 37);
    assertThat(new String(engine.metrics.exposition(), StandardCharsets.UTF_8))
        .contains(
            "millrace_engine_edge_queued_frames{from=\"numbers\",pipeline=\"p\",to=\"sink\"} 37.0");
    assertThat(source.emitted.get()).isEqualTo(37);
    assertThat(sink.count()).isZero();
    sink.resume();

    assertThat(pipeline.awaitEnd()).isEqualTo(new PipelineState.Completed(1_000));
    assertThat(sink.sequences()).isEqualTo(numbers(1, 1_000).boxed().toList());
  }

  @Test
  void aStoppedSinkInAFusedChainStopsTheSourceAtOnce() throws Exception {
    var source = engine.source("numbers", new Numbers(100));
    var sink = engine.sink("sink", new Collecting().stopped());
    var pipeline = engine.pipeline("{}", "numbers -> sink");
    pipeline.start();
    Await.until("it runs", () -> pipeline.state() instanceof PipelineState.Running);
    assertThat(source.emitted.get()).isZero();

    sink.resume();

    assertThat(pipeline.awaitEnd()).isEqualTo(new PipelineState.Completed(100));
  }

  @Test
  void aSourceResumesAfterTheSlowestOfItsDurableSinks() throws Exception {
    engine.source("numbers", new Numbers(20));
    var slow = engine.sink("slow", new Collecting().committed(Numbers.stream(0), 5));
    engine.sink("fast", new Collecting(Execution.WAITING).committed(Numbers.stream(0), 15));
    engine.sink("elsewhere", new Collecting());
    engine.source("other", new Numbers(3, 1, Execution.INLINE));
    var pipeline =
        engine.pipeline("{}", "numbers -> slow", "numbers -> fast", "other -> elsewhere");

    pipeline.start();
    pipeline.awaitEnd();

    assertThat(slow.sequences()).isEqualTo(numbers(6, 20).boxed().toList());
  }

  @Test
  void aSourceBeginsAtTheBeginningWhenOneDurableSinkHasNothing() throws Exception {
    engine.source("numbers", new Numbers(20));
    var one = engine.sink("one", new Collecting().committed(Numbers.stream(0), 5));
    engine.sink("empty", new Collecting());
    var pipeline = engine.pipeline("{}", "numbers -> one", "numbers -> empty");

    pipeline.start();
    pipeline.awaitEnd();

    assertThat(one.count()).isEqualTo(20);
  }

  @Test
  void aDrainDeliversEverythingThatWasTakenIn() throws Exception {
    var source = engine.source("numbers", new Numbers(Long.MAX_VALUE));
    engine.transform("pass", new Each(Execution.WAITING, (f, out) -> out.emit(f)));
    var sink = engine.sink("sink", new Collecting(Execution.NATIVE));
    var pipeline = engine.pipeline("{}", "numbers -> pass -> sink");
    pipeline.start();
    Await.until("something flows", () -> sink.count() > 10_000);

    var report = pipeline.drain();

    assertThat(report).isEqualTo(new DrainReport.Clean(source.emitted.get()));
    assertThat(sink.count()).isEqualTo(source.emitted.get());
    assertThat(pipeline.state()).isEqualTo(new PipelineState.Completed(source.emitted.get()));
    assertThat(pipeline.drain()).isEqualTo(report);
  }

  @Test
  void aDrainThatTakesTooLongNamesTheNodesAndTheFramesLeft() throws Exception {
    engine.source("numbers", new Numbers(Long.MAX_VALUE));
    var sink = engine.sink("sink", new Collecting(Execution.NATIVE).stopped());
    var pipeline = engine.pipeline("{\"channel_capacity\":10}", "numbers -> sink");
    pipeline.start();
    Await.until(
        "the channel is full", () -> pipeline.snapshot().edges().getFirst().queuedFrames() == 10);

    var report = pipeline.drain(Duration.ofMillis(20));

    assertThat(report).isInstanceOf(DrainReport.TimedOut.class);
    assertThat(((DrainReport.TimedOut) report).frames()).isEqualTo(10);
    assertThat(((DrainReport.TimedOut) report).left()).contains(new DrainReport.Left("sink", 10));
    assertThat(sink.closings).isEqualTo(1);
    assertThat(engine.metrics.count(EngineMetric.EDGE_DISCARDED_FRAMES, "p", "numbers", "sink"))
        .isEqualTo(10);
  }

  @Test
  void drainingBeforeStartAndClosingTwiceDoNothing() throws Exception {
    engine.source("numbers", new Numbers(1));
    engine.sink("sink", new Collecting());
    var pipeline = engine.pipeline("{}", "numbers -> sink");

    assertThat(pipeline.drain()).isEqualTo(new DrainReport.Clean(0));
    assertThat(pipeline.snapshot().nodes()).isEmpty();
    pipeline.close();
    pipeline.close();
  }

  @Test
  void closingARunningPipelineClosesEveryNodeAndForgetsItsGauges() throws Exception {
    var source = engine.source("numbers", new Numbers(Long.MAX_VALUE));
    engine.transform("pass", new Each(Execution.NATIVE, (f, out) -> out.emit(f)));
    var sink = engine.sink("sink", new Collecting());
    var pipeline = engine.pipeline("{}", "numbers -> pass -> sink");
    pipeline.start();
    Await.until("something flows", () -> sink.count() > 100);

    pipeline.close();

    assertThat(source.closed).isTrue();
    assertThat(sink.closings).isEqualTo(1);
    assertThat(new String(engine.metrics.exposition(), StandardCharsets.UTF_8))
        .doesNotContain("edge_queued_frames{")
        .doesNotContain("pipeline_state{");
  }

  @Test
  void anEmptyGraphCompletesAtOnce() throws Exception {
    var pipeline = engine.pipeline("{}");
    pipeline.start();

    assertThat(pipeline.awaitEnd()).isEqualTo(new PipelineState.Completed(0));
  }

  @Test
  void statesAreAnnouncedInOrder() throws Exception {
    var seen = new CopyOnWriteArrayList<String>();
    engine.hear(PipelineStateChanged.class, change -> seen.add(change.to().name()));
    engine.source("numbers", new Numbers(1));
    engine.sink("sink", new Collecting());
    var pipeline = engine.pipeline("{}", "numbers -> sink");

    pipeline.start();
    pipeline.awaitEnd();

    Await.until("all have been told", () -> seen.size() == 3);
    assertThat(seen).containsExactly("Initializing", "Running", "Completed");
  }

  @Test
  void whatANodeSaysShowsInHealthSnapshotAndMetrics() throws Exception {
    engine.source("numbers", new Numbers(3));
    var node = engine.sink("sink", new Talkative());
    var pipeline = engine.pipeline("{}", "numbers -> sink");
    pipeline.start();
    pipeline.awaitEnd();

    assertThat(pipeline.health().troubles())
        .containsExactly(new PipelineHealth.Trouble("sink", "the disk is full"));
    assertThat(pipeline.health().healthy()).isFalse();
    assertThat(pipeline.snapshot().nodes().getLast().trouble()).isEqualTo("the disk is full");
    assertThat(pipeline.snapshot().nodes().getLast().rejected()).isEqualTo(3);
    assertThat(engine.metrics.count(EngineMetric.NODE_REJECTED, "p", "sink", "odd")).isEqualTo(3);
    node.recover();
    assertThat(pipeline.health().healthy()).isTrue();
    assertThat(pipeline.snapshot().name()).isEqualTo("p");
    assertThat(pipeline.snapshot().uptime()).isPositive();
    assertThat(pipeline.snapshot().nodes().getLast().averageLatencyMicros()).isPositive();
  }

  @Test
  void aPathThatLeavesTheDataDirectoryIsRefused() throws Exception {
    engine.source("numbers", new Numbers(1));
    engine.sink("sink", new Opening("../secret"));
    var pipeline = engine.pipeline("{}", "numbers -> sink");

    assertThatThrownBy(pipeline::start)
        .hasMessageContaining("leaves the data directory")
        .hasMessageContaining("node sink");
  }

  @Test
  void aNodeThatExpandsFramesIsHeldBackByTheSlowestBranch() throws Exception {
    engine.source("numbers", new Numbers(50));
    engine.transform(
        "many",
        new Each(
            (f, out) -> {
              for (int i = 0; i < 1_000; i++) {
                out.emit(f);
              }
            }));
    var one = engine.sink("one", new Collecting(Execution.NATIVE));
    var two = engine.sink("two", new Collecting(Execution.WAITING));
    var pipeline =
        engine.pipeline("{\"channel_capacity\":3}", "numbers -> many -> one", "many -> two");
    pipeline.start();

    assertThat(pipeline.awaitEnd()).isEqualTo(new PipelineState.Completed(100_000));
    assertThat(one.sequences()).isEqualTo(two.sequences()).isSorted().hasSize(50_000);
  }

  private static LongStream numbers(long first, long last) {
    return LongStream.rangeClosed(first, last);
  }

  private static void emitIf(boolean condition, Frame frame, Outlet outlet) {
    if (condition) {
      outlet.emit(frame);
    }
  }

  private record ThreadNoting(Execution execution, List<Thread> threads) implements Processor {
    @Override
    public void open(NodeContext context) {
      threads.add(Thread.currentThread());
    }

    @Override
    public void process(Frame frame, Outlet outlet) {
      threads.add(Thread.currentThread());
    }

    @Override
    public void close() {
      threads.add(Thread.currentThread());
    }
  }

  private record Opening(String path) implements Processor {
    @Override
    public void open(NodeContext context) throws Exception {
      context.resolve("fine/inside");
      context.resolve(path);
    }

    @Override
    public void process(Frame frame, Outlet outlet) {}
  }

  private static final class Talkative implements Processor {
    private @Nullable NodeContext context;

    @Override
    public void open(NodeContext opened) {
      context = opened;
    }

    @Override
    public void process(Frame frame, Outlet outlet) {
      var said = java.util.Objects.requireNonNull(context);
      said.rejected("odd", "frame " + frame.sequence() + " is odd");
      said.trouble("the disk is full");
    }

    void recover() {
      java.util.Objects.requireNonNull(context).recovered();
    }
  }
}
