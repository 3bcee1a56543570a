package dev.millrace.engine.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.node.Execution;
import dev.millrace.core.node.NodeContext;
import dev.millrace.core.node.Outlet;
import dev.millrace.core.node.Processor;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.engine.api.StateJson;
import dev.millrace.engine.fixture.Collecting;
import dev.millrace.engine.fixture.Each;
import dev.millrace.engine.fixture.EngineFixture;
import dev.millrace.engine.fixture.Gate;
import dev.millrace.engine.fixture.Numbers;
import dev.millrace.testkit.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LifeTest {
  private final EngineFixture engine = new EngineFixture();

  @AfterEach
  void stop() {
    engine.close();
  }

  @Test
  void aStateHasTheJsonOfTheApi() {
    assertThat(json(new PipelineState.Idle())).isEqualTo("\"Idle\"");
    assertThat(json(new PipelineState.Initializing()))
        .isEqualTo("{\"Initializing\":{\"progress\":40}}");
    assertThat(json(new PipelineState.Running()))
        .isEqualTo("{\"Running\":{\"frames_processed\":12}}");
    assertThat(json(new PipelineState.Paused())).isEqualTo("{\"Paused\":{}}");
    assertThat(json(new PipelineState.Completed(13)))
        .isEqualTo("{\"Completed\":{\"total_frames\":13}}");
    assertThat(json(new PipelineState.Error("x", false)))
        .isEqualTo("{\"Error\":{\"error_msg\":\"x\",\"recoverable\":false}}");
    assertThat(
            StateJson.of(
                    new PipelineStateChanged(
                        "p", new PipelineState.Idle(), new PipelineState.Initializing(), 5))
                .toString())
        .isEqualTo("{\"id\":\"p\",\"from\":\"Idle\",\"to\":\"Initializing\",\"time\":5}");
  }

  private static String json(PipelineState state) {
    return StateJson.of(state, 40, 12).toString();
  }

  @Test
  void theReportNamesEveryNodeInTheOrderOfTheDocument() throws Exception {
    engine.source("numbers", new Numbers(3));
    engine.sink("sink", new Collecting());
    var pipeline = engine.pipeline("{}", "numbers -> sink");
    assertThat(pipeline.report()).isEqualTo("No nodes registered");
    pipeline.start();
    pipeline.awaitEnd();

    assertThat(pipeline.report().replaceAll("Latency: [0-9]+", "Latency: 0"))
        .isEqualTo(
            """
            === Pipeline Metrics ===

            [numbers]
              Frames: 3 frames processed
              Errors: 0 errors
              Avg Latency: 0μs

            [sink]
              Frames: 3 frames processed
              Errors: 0 errors
              Avg Latency: 0μs
            """);
    assertThat(NodeMetrics.report(List.of(new NodeMetrics("a", 1, 1, 7))))
        .isEqualTo(
            """
            === Pipeline Metrics ===

            [a]
              Frames: 1 frames processed
              Errors: 1 error
              Avg Latency: 7μs
            """);
    assertThat(pipeline.metrics().get("sink"))
        .extracting(NodeMetrics::nodeId, NodeMetrics::framesProcessed, NodeMetrics::errorsCount)
        .containsExactly("sink", 3L, 0L);
    assertThat(StateJson.of(pipeline).toString()).isEqualTo("{\"Completed\":{\"total_frames\":3}}");
  }

  @Test
  void aStopDuringAStartWaitsForItAndThenStops() throws Exception {
    engine.source("numbers", new Numbers(Long.MAX_VALUE));
    var opening = engine.sink("opening", new Opening());
    var pipeline = engine.pipeline("{}", "numbers -> opening");
    var starting = Thread.ofPlatform().start(() -> starts(pipeline));
    opening.entered.await();
    assertThat(pipeline.state()).isEqualTo(new PipelineState.Initializing());
    assertThat(pipeline.progressPercent()).isZero();
    assertThatThrownBy(pipeline::resume)
        .hasMessage("Invalid state transition: Initializing -> Running");
    var report = new AtomicReference<DrainReport>();
    var stopping =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    report.set(pipeline.drain());
                  } catch (InterruptedException interrupted) {
                    throw new IllegalStateException(interrupted);
                  }
                });
    Await.until("it waits", () -> stopping.getState() == Thread.State.WAITING);
    opening.go.countDown();
    starting.join();
    stopping.join();

    assertThat(report.get()).isInstanceOf(DrainReport.Clean.class);
    assertThat(pipeline.progressPercent()).isEqualTo(100);
    assertThat(opening.closings.get()).isEqualTo(1);
  }

  @Test
  void aPipelineClosedWhileItStartsEndsWithWhatWasOpenedClosedAndNothingElseOpened()
      throws Exception {
    var source = engine.source("numbers", new Numbers(Long.MAX_VALUE));
    var opening = engine.sink("opening", new Opening());
    var pipeline = engine.pipeline("{}", "numbers -> opening");
    var starting = Thread.ofPlatform().start(() -> starts(pipeline));
    opening.entered.await();
    var closing = Thread.ofPlatform().start(pipeline::close);
    Await.until("it waits", () -> closing.getState() == Thread.State.TIMED_WAITING);
    opening.go.countDown();
    starting.join();
    closing.join();

    assertThat(pipeline.end()).isDone();
    assertThat(pipeline.state()).isInstanceOf(PipelineState.Error.class);
    assertThat(opening.closings.get()).isEqualTo(1);
    assertThat(source.closed).isFalse();
    assertThat(source.emitted.get()).isZero();
  }

  @Test
  void whoeverClosesWhileInterruptedLeavesNoNodeBehind() throws Exception {
    engine.source("numbers", new Numbers(Long.MAX_VALUE));
    var gate = engine.sink("gate", new Gate(Execution.WAITING));
    var pipeline = engine.pipeline("{}", "numbers -> gate");
    pipeline.start();
    gate.inside.await();
    var interrupted = new AtomicBoolean();
    var closing =
        Thread.ofPlatform()
            .start(
                () -> {
                  Thread.currentThread().interrupt();
                  pipeline.close();
                  interrupted.set(Thread.currentThread().isInterrupted());
                });
    Await.until("it waits", () -> closing.getState() == Thread.State.TIMED_WAITING);
    gate.open();
    closing.join();

    assertThat(interrupted).isTrue();
    assertThat(pipeline.state()).isInstanceOf(PipelineState.Completed.class);
  }

  @Test
  void aStopThatRunsOutOfTimeDuringAStartLeavesNoNodeOpen() throws Exception {
    engine.source("numbers", new Numbers(Long.MAX_VALUE));
    var opening = engine.sink("opening", new Opening());
    var pipeline = engine.pipeline("{}", "numbers -> opening");
    var starting = Thread.ofPlatform().start(() -> starts(pipeline));
    opening.entered.await();

    assertThat(pipeline.drain(Duration.ofMillis(10))).isInstanceOf(DrainReport.TimedOut.class);
    opening.go.countDown();
    starting.join();

    assertThat(pipeline.awaitEnd()).isInstanceOf(PipelineState.Error.class);
    assertThat(opening.closings.get()).isEqualTo(1);
  }

  private static void starts(Pipeline pipeline) {
    try {
      pipeline.start();
    } catch (ProblemException problem) {
      throw new IllegalStateException(problem);
    }
  }

  @Test
  void aRunThatTakesLongerThanItsDeadlineIsAborted() throws Exception {
    engine.source("numbers", new Numbers(10));
    var gate = engine.transform("gate", new Gate(Execution.WAITING));
    engine.sink("sink", new Collecting());
    var pipeline = engine.pipeline("{\"deadline_ms\":50}", "numbers -> gate -> sink");
    pipeline.start();

    Await.until("it is aborted", () -> pipeline.state() instanceof PipelineState.Error);
    gate.open();

    assertThat(pipeline.awaitEnd())
        .isEqualTo(
            new PipelineState.Error(
                "the run took longer than its deadline of 50 ms; at work: gate", true));
    assertThat(pipeline.drain()).isInstanceOf(DrainReport.Failed.class);
    assertThat(pipeline.failure()).hasMessageContaining("node gate");
  }

  @Test
  void aRunThatEndsBeforeItsDeadlineHearsNothingOfIt() throws Exception {
    engine.source("numbers", new Numbers(10));
    engine.sink("sink", new Collecting());
    var pipeline = engine.pipeline("{\"deadline_ms\":20000}", "numbers -> sink");
    pipeline.start();
    assertThat(pipeline.awaitEnd()).isEqualTo(new PipelineState.Completed(10));
  }

  @Test
  void aRandomWalkIsWhereAModelSaysItIs() throws Exception {
    for (long seed = 1; seed <= 60; seed++) {
      var random = new Random(seed);
      var run = "-" + seed;
      engine.transform("a" + run, Each.passing());
      engine.sink("sink" + run, new Collecting());
      var pipeline = engine.pipeline("{}", "a" + run + " -> sink" + run);
      var model = "Idle";
      boolean closed = false;
      long accepted = 0;
      for (int step = 0; step < 25; step++) {
        var at = model;
        switch (random.nextInt(step > 12 ? 8 : 6)) {
          case 0 -> {
            boolean allowed = at.equals("Idle");
            assertThat(allows(pipeline::start)).isEqualTo(allowed);
            model = allowed ? (closed ? "Error" : "Running") : at;
          }
          case 1 -> {
            boolean allowed = at.equals("Running");
            assertThat(allows(() -> pipeline.pause(Duration.ofSeconds(10)))).isEqualTo(allowed);
            model = allowed ? "Paused" : at;
          }
          case 2 -> {
            boolean allowed = at.equals("Paused");
            assertThat(allows(pipeline::resume)).isEqualTo(allowed);
            model = allowed ? "Running" : at;
          }
          case 6 -> {
            pipeline.drain();
            model = at.equals("Running") || at.equals("Paused") ? "Completed" : at;
          }
          case 7 -> {
            pipeline.close();
            closed = true;
            model = at.equals("Running") || at.equals("Paused") ? "Completed" : at;
          }
          default -> {
            long sequence = accepted;
            boolean[] taken = new boolean[1];
            boolean open = allows(() -> taken[0] = pipeline.offer(Frame.trigger(0, sequence)));
            assertThat(open)
                .as("seed %s step %s", seed, step)
                .isEqualTo(at.equals("Running") || at.equals("Paused"));
            assertThat(taken[0]).as("seed %s step %s", seed, step).isEqualTo(at.equals("Running"));
            accepted += taken[0] ? 1 : 0;
          }
        }
        assertThat(pipeline.state().name()).as("seed %s step %s", seed, step).isEqualTo(model);
      }
      if (!closed) {
        pipeline.drain();
        assertThat(pipeline.framesProcessed()).as("seed %s", seed).isEqualTo(accepted);
      }
    }
  }

  private interface Command {
    void run() throws ProblemException, InterruptedException;
  }

  private static boolean allows(Command command) throws InterruptedException {
    try {
      command.run();
      return true;
    } catch (IllegalStateException | ProblemException refused) {
      return false;
    }
  }

  /// Random commands from several threads: whatever happens in between, the run ends, every opened
  /// node is closed once, and the transitions are such as the table allows.
  @Test
  void randomCommandsFromManyThreadsAlwaysComeToAnEnd() throws Exception {
    for (long seed = 1; seed <= 40; seed++) {
      var random = new Random(seed);
      var run = "-" + seed;
      engine.transform("a" + run, Each.passing());
      var sink = engine.sink("sink" + run, new Collecting(Execution.WAITING));
      var pipeline = engine.pipeline("{}", "a" + run + " -> sink" + run);
      var threads = new ArrayList<Thread>();
      threads.add(Thread.ofVirtual().start(() -> starts(pipeline)));
      for (int t = 0; t < 3; t++) {
        long own = random.nextLong();
        threads.add(Thread.ofVirtual().start(() -> commands(pipeline, new Random(own))));
      }
      for (var thread : threads) {
        thread.join();
      }
      pipeline.drain(Duration.ofSeconds(10));
      pipeline.close();

      assertThat(pipeline.end()).as("seed %s", seed).isDone();
      assertThat(sink.closings).as("seed %s", seed).isLessThanOrEqualTo(1);
      PipelineState at = new PipelineState.Idle();
      for (var event : pipeline.events()) {
        assertThat(event.from()).as("seed %s", seed).isEqualTo(at);
        assertThat(at.mayBecome(event.to())).as("seed %s", seed).isTrue();
        at = event.to();
      }
      assertThat(at).as("seed %s", seed).isEqualTo(pipeline.state());
    }
  }

  private static void commands(Pipeline pipeline, Random random) {
    for (int i = 0; i < 20; i++) {
      try {
        switch (random.nextInt(12)) {
          case 0, 1, 2 -> pipeline.pause(Duration.ofSeconds(10));
          case 3, 4, 5 -> pipeline.resume();
          case 6 -> {
            if (i > 15) {
              pipeline.drain();
            }
          }
          case 7 -> {
            if (i > 18) {
              pipeline.close();
            }
          }
          default -> pipeline.offer(Frame.trigger(0, i));
        }
      } catch (IllegalStateException | ProblemException refused) {
        assertThat(refused).message().isNotEmpty();
      } catch (InterruptedException interrupted) {
        throw new IllegalStateException(interrupted);
      }
    }
  }

  @Test
  void manyPipelinesOfManyNodesStartRunAndStopSideBySide() throws Exception {
    int pipelines = Integer.getInteger("millrace.test.pipelines", 20);
    int nodes = 50;
    engine.transforms("pass", Each::passing);
    var text = new StringBuilder("{\"pipeline_config\":{\"fusion\":\"off\"},\"nodes\":[");
    for (int i = 0; i < nodes; i++) {
      text.append(i == 0 ? "" : ",").append("{\"id\":\"n%s\",\"type\":\"pass\"}".formatted(i));
    }
    text.append("],\"connections\":[");
    for (int i = 1; i < nodes; i++) {
      text.append(i == 1 ? "" : ",")
          .append("{\"from\":\"n%s\",\"to\":\"n%s\"}".formatted(i - 1, i));
    }
    var graph = engine.read(text.append("]}").toString());
    var all = new ArrayList<Pipeline>();
    long begin = System.nanoTime();
    for (int i = 0; i < pipelines; i++) {
      var pipeline = engine.named("many-" + i, graph);
      pipeline.start();
      all.add(pipeline);
    }
    long started = System.nanoTime();
    for (int i = 0; i < 100; i++) {
      for (var pipeline : all) {
        pipeline.trigger(Frame.trigger(0, i));
      }
    }
    for (var pipeline : all) {
      assertThat(pipeline.drain()).isEqualTo(new DrainReport.Clean(100));
    }
    System.out.printf(
        "%d pipelines of %d nodes, unfused: started in %d ms; 100 frames each and stop in %d ms%n",
        pipelines, nodes, (started - begin) / 1_000_000, (System.nanoTime() - started) / 1_000_000);
  }

  @Test
  void startingTwiceIsRefused() throws Exception {
    engine.source("numbers", new Numbers(1));
    engine.sink("sink", new Collecting());
    var pipeline = engine.pipeline("{}", "numbers -> sink");
    pipeline.start();
    pipeline.awaitEnd();
    assertThatThrownBy(pipeline::start)
        .hasMessage("Invalid state transition: Completed -> Initializing");
  }

  /// Opens when the test lets it.
  private static final class Opening implements Processor {
    private final CountDownLatch entered = new CountDownLatch(1);
    private final CountDownLatch go = new CountDownLatch(1);
    private final AtomicInteger closings = new AtomicInteger();

    @Override
    public void open(NodeContext context) throws InterruptedException {
      entered.countDown();
      go.await();
    }

    @Override
    public void process(Frame frame, Outlet outlet) {}

    @Override
    public void close() {
      closings.incrementAndGet();
    }
  }
}
