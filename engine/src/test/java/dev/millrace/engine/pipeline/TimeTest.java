package dev.millrace.engine.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.node.Execution;
import dev.millrace.core.node.NodeContext;
import dev.millrace.core.node.Outlet;
import dev.millrace.core.node.Processor;
import dev.millrace.core.node.Progress;
import dev.millrace.core.node.Source;
import dev.millrace.core.node.SourcePosition;
import dev.millrace.core.time.FakeClock;
import dev.millrace.engine.EngineMetric;
import dev.millrace.engine.fixture.Collecting;
import dev.millrace.engine.fixture.Each;
import dev.millrace.engine.fixture.EngineFixture;
import dev.millrace.engine.fixture.Handed;
import dev.millrace.engine.fixture.Numbers;
import dev.millrace.testkit.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Pipelines whose nodes wait: for time, for the outside, or for ever.
@Timeout(60)
class TimeTest {
  private final FakeClock clock = new FakeClock();
  private final EngineFixture engine = new EngineFixture(clock, 2);

  @AfterEach
  void stop() {
    engine.close();
  }

  @Test
  void aSourceIsPolledAgainAtTheTimeItAskedFor() throws Exception {
    engine.source("ticks", new Ticks());
    var sink = engine.sink("sink", new Collecting());
    var pipeline = engine.pipeline("{}", "ticks -> sink");
    pipeline.start();
    for (int i = 1; i <= 5; i++) {
      int ticks = i;
      Await.until("tick " + i, () -> sink.count() == ticks);
      Await.until("the next is asked for", () -> clock.pendingTimers() == 2); // and the watchdog
      clock.advance(Duration.ofSeconds(1));
    }
    Await.until("the last tick", () -> sink.count() == 6);

    assertThat(pipeline.drain(Duration.ofMinutes(1))).isEqualTo(new DrainReport.Clean(6));
  }

  @Test
  void aSourceThatAwaitsTheOutsideIsPolledWhenItWakesAndItsChainIsIdleBetween() throws Exception {
    var mailbox = engine.source("mailbox", new Handed());
    var idler = engine.transform("idler", new CountingIdles());
    var sink = engine.sink("sink", new Collecting(Execution.NATIVE));
    var pipeline = engine.pipeline("{}", "mailbox -> idler -> sink");
    pipeline.start();
    Await.until("it is idle", () -> idler.idles == 1);

    for (int i = 1; i <= 100; i++) {
      int sent = i;
      mailbox.give(i);
      Await.until("it has arrived", () -> sink.count() == sent);
    }
    Await.until("it has been idle after each", () -> idler.idles == 101);
    int before = idler.idles;
    idler.wake();
    Await.until("it is called again though nothing came", () -> idler.idles == before + 1);

    assertThat(pipeline.drain(Duration.ofMinutes(1))).isEqualTo(new DrainReport.Clean(100));
  }

  @Test
  void aNodeThatNeverComesBackIsReportedAndCostsTheOthersNothing() throws Exception {
    var entered = new CountDownLatch(1);
    var release = new CountDownLatch(1);
    var source = engine.source("numbers", new Numbers(Long.MAX_VALUE));
    engine.transform(
        "stuck",
        new Each(
            (frame, out) -> {
              entered.countDown();
              release.await();
            }));
    var behind = engine.sink("behind", new Collecting(Execution.WAITING));
    var beside = engine.sink("beside", new Collecting(Execution.NATIVE));
    var pipeline = engine.pipeline("{}", "numbers -> stuck -> behind", "numbers -> beside");
    pipeline.start();
    entered.await();
    Await.until(
        "the source has no room left",
        () ->
            pipeline.snapshot().nodes().getFirst().standing().state() == NodeState.WAITING
                && beside.count() == source.emitted.get());
    Await.until("its worker is free", EngineFixture::workersAreParked);

    clock.advance(Duration.ofSeconds(6));

    assertThat(pipeline.awaitEnd()).isInstanceOf(PipelineState.Error.class);
    var failure = Objects.requireNonNull(pipeline.failure());
    assertThat(failure)
        .hasMessageContaining("node stuck")
        .hasMessageContaining("did not come back");
    assertThat(Objects.requireNonNull(failure.getCause()).getStackTrace())
        .anyMatch(line -> line.getMethodName().equals("await"));
    assertThat(behind.finished).isTrue();
    assertThat(beside.finished).isTrue();
    assertThat(engine.metrics.count(EngineMetric.WORKERS_REPLACED)).isEqualTo(1);
    release.countDown();
  }

  @Test
  void refusalsAreLoggedAtMostOnceASecondAndCountedAlways() throws Exception {
    var refuser = new Refuser();
    engine.source("numbers", new Numbers(1_000));
    engine.sink("refuser", refuser);
    var pipeline = engine.pipeline("{}", "numbers -> refuser");
    pipeline.start();
    pipeline.awaitEnd();
    clock.advance(Duration.ofSeconds(2));
    refuser.refuse();

    assertThat(engine.metrics.count(EngineMetric.NODE_REJECTED, "p", "refuser", "odd"))
        .isEqualTo(1_001);
  }

  @Test
  void aWaitingSourceIsInterruptedOutOfItsWaitToDrain() throws Exception {
    engine.source("waits", new WaitsForEver());
    var sink = engine.sink("sink", new Collecting());
    var pipeline = engine.pipeline("{}", "waits -> sink");
    pipeline.start();

    assertThat(pipeline.drain(Duration.ofMinutes(1))).isEqualTo(new DrainReport.Clean(1));
    assertThat(sink.count()).isEqualTo(1);
  }

  @Test
  void aDrainDoesNotInterruptANodeThatIsWaitingForItsPeer() throws Exception {
    var answer = new CountDownLatch(1);
    var asked = new CountDownLatch(1);
    var source = engine.source("numbers", new Numbers(Long.MAX_VALUE));
    engine.transform(
        "asks",
        new Each(
            Execution.WAITING,
            (frame, out) -> {
              asked.countDown();
              answer.await();
              out.emit(frame);
            }));
    var sink = engine.sink("sink", new Collecting());
    var pipeline = engine.pipeline("{}", "numbers -> asks -> sink");
    pipeline.start();
    asked.await();
    Await.until("the channel is full", () -> source.emitted.get() == 100);

    var report = CompletableFuture.supplyAsync(() -> drained(pipeline));
    Await.until("the source has heard of it", source.drained::get);
    answer.countDown();

    assertThat(report.get()).isEqualTo(new DrainReport.Clean(source.emitted.get()));
    assertThat(sink.count()).isEqualTo(100);
  }

  private static DrainReport drained(Pipeline pipeline) {
    try {
      return pipeline.drain(Duration.ofMinutes(1));
    } catch (InterruptedException interrupted) {
      throw new AssertionError(interrupted);
    }
  }

  @Test
  void aNativeNodeThatNeverComesBackIsLeftBehindAndThePipelineEndsAllTheSame() throws Exception {
    var release = new CountDownLatch(1);
    engine.source("numbers", new Numbers(Long.MAX_VALUE));
    var stuck = new CountDownLatch(1);
    engine.sink(
        "stuck",
        new Each(
            Execution.NATIVE,
            (frame, out) -> {
              stuck.countDown();
              ignoringInterrupts(release);
            }));
    var pipeline = engine.pipeline("{}", "numbers -> stuck");
    pipeline.start();
    stuck.await();

    pipeline.close();

    assertThat(pipeline.awaitEnd())
        .isEqualTo(new PipelineState.Error("did not come back: [stuck]", false));
    release.countDown();
  }

  private static void ignoringInterrupts(CountDownLatch release) {
    boolean released = false;
    while (!released) {
      try {
        release.await();
        released = true;
      } catch (InterruptedException ignored) {
        released = false;
      }
    }
  }

  private static final class Ticks implements Source {
    private long made;
    private boolean draining;
    private @Nullable NodeContext context;

    @Override
    public void open(NodeContext opened) {
      context = opened;
    }

    @Override
    public Progress poll(Outlet outlet, int limit) {
      if (draining) {
        return Progress.DONE;
      }
      made++;
      outlet.emit(Frame.trigger(made, made));
      return Progress.at(
          Objects.requireNonNull(context).clock().nanoTime() + Duration.ofSeconds(1).toNanos());
    }

    @Override
    public @Nullable SourcePosition position() {
      return null;
    }

    @Override
    public void drain() {
      draining = true;
    }
  }

  private static final class CountingIdles implements Processor {
    private volatile int idles; // written by the node's thread, read by the test
    private volatile @Nullable NodeContext context; // written by open, read by the test
    private final List<Frame> held = new ArrayList<>();

    void wake() {
      Objects.requireNonNull(context).wake();
    }

    @Override
    public void open(NodeContext opened) {
      context = opened;
    }

    @Override
    public void process(Frame frame, Outlet outlet) {
      held.add(frame);
    }

    @Override
    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread at a time
    public void idle(Outlet outlet) {
      idles++;
      held.forEach(outlet::emit);
      held.clear();
    }
  }

  private static final class Refuser implements Processor {
    private volatile @Nullable NodeContext context; // written by open, read by the test

    @Override
    public void open(NodeContext opened) {
      context = opened;
    }

    @Override
    public void process(Frame frame, Outlet outlet) {
      refuse();
    }

    void refuse() {
      Objects.requireNonNull(context).rejected("odd", "an odd frame");
    }
  }

  private static final class WaitsForEver implements Source {
    private final CountDownLatch never = new CountDownLatch(1);
    private boolean emitted;
    private boolean draining;

    @Override
    public Execution execution() {
      return Execution.WAITING;
    }

    @Override
    public Progress poll(Outlet outlet, int limit) throws Exception {
      if (!emitted) {
        emitted = true;
        outlet.emit(Frame.trigger(1, 1));
        return Progress.MORE;
      }
      if (!draining) {
        never.await();
      }
      return Progress.DONE;
    }

    @Override
    public @Nullable SourcePosition position() {
      return null;
    }

    @Override
    public void drain() {
      draining = true;
    }
  }
}
