package dev.millrace.engine.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.SamplePool;
import dev.millrace.core.frame.Samples;
import dev.millrace.core.node.NodeContext;
import dev.millrace.core.node.Outlet;
import dev.millrace.core.node.Processor;
import dev.millrace.core.node.Progress;
import dev.millrace.core.node.Source;
import dev.millrace.core.node.SourcePosition;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.time.Clock;
import dev.millrace.core.time.SystemClock;
import dev.millrace.engine.fixture.Clicks;
import dev.millrace.engine.fixture.Collecting;
import dev.millrace.engine.fixture.Each;
import dev.millrace.engine.fixture.EngineFixture;
import dev.millrace.engine.fixture.Faulty;
import dev.millrace.engine.fixture.Keeping;
import dev.millrace.engine.fixture.Numbers;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class OneShotTest {
  private final EngineFixture engine = new EngineFixture(new SystemClock(), 1);

  @AfterEach
  void stop() {
    engine.close();
  }

  private OneShot oneShot(OneShot.Limits limits, String... paths) {
    return new OneShot("once", engine.graph("{}", paths), engine.clock, engine.services(), limits);
  }

  @Test
  void anEmptyFrameEntersEverywhereAndEveryNodeRunsOnTheCallersThread() throws Exception {
    engine.transforms("a", () -> onlyOn(Thread.currentThread()));
    engine.transforms("b", () -> onlyOn(Thread.currentThread()));
    engine.transforms("both", Keeping::new);
    var once = oneShot(OneShot.Limits.DEFAULT, "a -> both", "b -> both");

    var result = once.executeOnce();

    assertThat(result.failure()).isNull();
    assertThat(result.frames().keySet()).containsExactly("a", "b", "both");
    assertThat(result.frames().get("both"))
        .containsExactly(Frame.trigger(0, 0), Frame.trigger(0, 0));
  }

  private static void passTime(Clock clock) {
    long until = clock.nanoTime() + 2_000_000;
    while (clock.nanoTime() - until < 0) {
      Thread.onSpinWait();
    }
  }

  private static Processor onlyOn(Thread thread) {
    return new Each(
        (frame, out) -> {
          assertThat(Thread.currentThread()).isEqualTo(thread);
          out.emit(frame);
        });
  }

  @Test
  void threeCallsComeToThreeEqualResults() throws Exception {
    engine.transforms(
        "counts",
        () -> {
          var count = new AtomicInteger();
          return new Each(
              (f, out) -> out.emit(Frame.trigger(count.incrementAndGet(), f.sequence())));
        });
    engine.transforms("keeps", Keeping::new);
    var once = oneShot(OneShot.Limits.DEFAULT, "counts -> keeps");

    var first = once.executeOnce();

    assertThat(first.frames().get("keeps")).containsExactly(Frame.trigger(1, 0));
    assertThat(once.executeOnce().frames()).isEqualTo(first.frames());
    assertThat(once.executeOnce().frames()).isEqualTo(first.frames());
  }

  @Test
  void givenFramesEnterInOrderAndOnlyChosenNodesAreShown() throws Exception {
    engine.transforms("a", Each::passing);
    engine.transforms(
        "twice",
        () ->
            new Each(
                (f, out) -> {
                  out.emit(f);
                  out.emit(f);
                }));
    engine.source("clicks", new Clicks(5, false));
    var sink = engine.sink("sink", new Collecting());
    var once = oneShot(OneShot.Limits.DEFAULT, "a -> twice -> sink", "clicks -> sink");

    var result = once.execute(List.of(Frame.trigger(1, 1), Frame.trigger(1, 2)), Set.of("twice"));

    assertThat(result.frames()).containsOnlyKeys("twice");
    assertThat(result.frames().get("twice"))
        .extracting(Frame::sequence)
        .containsExactly(1L, 1L, 2L, 2L);
    assertThat(sink.sequences()).containsExactly(1L, 1L, 2L, 2L, 1L, 2L);
    assertThat(sink.finished).isTrue();
    assertThat(sink.closings).isEqualTo(1);
  }

  @Test
  void theFirstErrorEndsTheRunAndIsReturned() throws Exception {
    engine.transforms(
        "breaks",
        () ->
            new Each(
                (frame, out) -> {
                  if (frame.sequence() == 3) {
                    throw new IOException("boom");
                  }
                  out.emit(frame);
                }));
    var sink = engine.sink("sink", new Collecting());
    var once = oneShot(OneShot.Limits.DEFAULT, "breaks -> sink");

    var result =
        once.execute(
            LongStream.rangeClosed(1, 5).mapToObj(n -> Frame.trigger(0, n)).toList(),
            Set.of("breaks", "sink"));

    assertThat(result.failure())
        .hasMessageContaining("node breaks failed in process on the frame with sequence 3");
    assertThat(result.frames().get("breaks")).extracting(Frame::sequence).containsExactly(1L, 2L);
    assertThat(result.frames()).doesNotContainKey("sink");
    assertThat(sink.count()).isZero();
    assertThat(sink.closings).isEqualTo(1);
  }

  @Test
  void sourcesRunToTheirEndOrToTheLimit() throws Exception {
    engine.source("few", new Numbers(70));
    engine.source(
        "endless", new Numbers(1, Long.MAX_VALUE, dev.millrace.core.node.Execution.INLINE));
    engine.source("silent", new Silent());
    engine.source("slow", new Ticking());
    engine.sink("sink", new Collecting());
    var once =
        oneShot(
            new OneShot.Limits(100, Duration.ofMillis(20)),
            "few -> sink",
            "endless -> sink",
            "silent -> sink",
            "slow -> sink");

    var result = once.executeOnce();

    assertThat(result.failure()).isNull();
    assertThat(result.frames().get("few")).hasSize(70);
    assertThat(result.frames().get("endless")).hasSize(100);
    assertThat(result.frames().get("silent")).isEmpty();
    assertThat(result.frames().get("slow")).hasSize(3);
  }

  @Test
  void triggersMayEnterAtOneNodeAlone() throws Exception {
    engine.transforms("a", Each::passing);
    engine.transforms("b", Each::passing);
    var sink = engine.sink("sink", new Collecting());
    var graph = engine.graph("{}", "a -> sink", "b -> sink");
    var runner = OneShot.runner(engine.clock, engine.services(), OneShot.Limits.DEFAULT);

    var frames = runner.run(graph, List.of(Frame.trigger(0, 4)), "b", Set.of("a", "b", "sink"));

    assertThat(frames.get("a")).isEmpty();
    assertThat(frames.get("b")).containsExactly(Frame.trigger(0, 4));
    assertThat(frames.get("sink")).as("what it was given").containsExactly(Frame.trigger(0, 4));
    assertThat(sink.sequences()).containsExactly(4L);
  }

  @Test
  void aRetryWaitsOnTheCallersThreadUntilTheClockSaysSo() throws Exception {
    var faulty = new Faulty().fails(0, 2);
    engine.transforms("faulty", faulty::fresh);
    engine.sink("sink", new Collecting());
    var graph =
        engine.read(
            """
            {"nodes":[{"id":"faulty","type":"faulty",
              "restart":{"Exponential":{"base_ms":10,"max_ms":20,"max_attempts":5}}},
              {"id":"sink","type":"sink"}],
             "connections":[{"from":"faulty","to":"sink"}]}\
            """);
    long start = engine.clock.nanoTime();

    var result =
        new OneShot("once", graph, engine.clock, engine.services(), OneShot.Limits.DEFAULT)
            .executeOnce();

    assertThat(result.failure()).isNull();
    assertThat(result.frames().get("sink")).hasSize(1);
    assertThat(faulty.attempts).hasValue(3);
    assertThat(faulty.complaint).isNull();
    assertThat(faulty.closed).hasValue(faulty.opened.get());
    assertThat(engine.clock.nanoTime() - start).isGreaterThanOrEqualTo(30_000_000);
  }

  @Test
  void aRunThatFailsGivesAllArraysBack() throws Exception {
    engine.transforms("lends", Lending::new);
    engine.transforms(
        "breaks",
        () ->
            new Each(
                (frame, out) -> {
                  out.emit(frame);
                  if (frame.sequence() == 3) {
                    throw new IOException("boom");
                  }
                }));
    engine.sink("sink", new Collecting());
    var samples = new SamplePool(10, true);
    var graph = engine.graph("{}", "lends -> breaks -> sink", "lends -> sink");
    var triggers = LongStream.range(0, 100).mapToObj(i -> Frame.trigger(0, i)).toList();

    var result =
        new OneShot("once", graph, engine.clock, engine.services(), OneShot.Limits.DEFAULT, samples)
            .execute(triggers, Set.of("breaks"));

    assertThat(result.failure()).hasMessageContaining("with sequence 3");
    assertThat(result.frames().get("breaks")).hasSize(3);
    assertThat(result.frames().get("breaks").getFirst().body())
        .isEqualTo(Samples.of("x", new double[] {1}));
    assertThat(samples.inUse()).isZero();
  }

  @Test
  void aRunPastItsDeadlineFails() throws Exception {
    engine.transforms("slow", () -> new Each((frame, out) -> passTime(engine.clock)));
    engine.sink("sink", new Collecting());
    var graph = engine.graph("{\"deadline_ms\":1}", "slow -> sink");

    var result =
        new OneShot("once", graph, engine.clock, engine.services(), OneShot.Limits.DEFAULT)
            .executeOnce();

    assertThat(result.failure()).hasMessageContaining("the run took longer than its deadline");
  }

  @Test
  void aNodeThatIsNeverReadyIsNamed() throws Exception {
    engine.transforms("a", Each::passing);
    engine.sink("sink", new Collecting().stopped());
    var once = oneShot(new OneShot.Limits(100, Duration.ofMillis(10)), "a -> sink");

    assertThat(once.executeOnce().failure())
        .hasMessageContaining("node sink failed in ready")
        .hasMessageContaining("it was not ready for PT0.01S");
  }

  @Test
  void aNodeThatDoesNotOpenIsNamedAndTheOthersAreClosed() {
    engine.transforms("a", Unopened::new);
    var sink = engine.sink("sink", new Collecting());
    var once = oneShot(OneShot.Limits.DEFAULT, "a -> sink");

    assertThatThrownBy(once::executeOnce)
        .isInstanceOf(ProblemException.class)
        .hasMessageContaining("node a could not be opened");
    assertThat(sink.closings).isEqualTo(1);
  }

  private static final class Lending implements Processor {
    private @Nullable NodeContext context;

    @Override
    public void open(NodeContext opened) {
      context = opened;
    }

    @Override
    public void process(Frame frame, Outlet outlet) {
      var buffer = java.util.Objects.requireNonNull(context).samples().take(1);
      buffer.array()[0] = 1;
      outlet.emit(frame.withBody(Samples.of("x", buffer)));
    }
  }

  private static final class Unopened implements Processor {
    @Override
    public void open(NodeContext context) throws IOException {
      throw new IOException("no device");
    }

    @Override
    public void process(Frame frame, Outlet outlet) {}
  }

  /// Never has anything, and ends when asked to.
  private static final class Silent implements Source {
    private boolean drained;

    @Override
    public Progress poll(Outlet outlet, int limit) {
      return drained ? Progress.DONE : Progress.AWAIT;
    }

    @Override
    public @Nullable SourcePosition position() {
      return null;
    }

    @Override
    public void drain() {
      drained = true;
    }
  }

  /// A frame a millisecond, three in all.
  private static final class Ticking implements Source {
    private @Nullable NodeContext context;
    private long ticks;

    @Override
    public void open(NodeContext opened) {
      context = opened;
    }

    @Override
    public Progress poll(Outlet outlet, int limit) {
      outlet.emit(Frame.trigger(0, ++ticks));
      return ticks == 3
          ? Progress.DONE
          : Progress.at(java.util.Objects.requireNonNull(context).clock().nanoTime() + 1_000_000);
    }

    @Override
    public @Nullable SourcePosition position() {
      return null;
    }
  }
}
