package dev.millrace.engine.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.Metadata;
import dev.millrace.core.frame.SampleBuffer;
import dev.millrace.core.frame.SampleLender;
import dev.millrace.core.frame.Samples;
import dev.millrace.core.node.Execution;
import dev.millrace.core.node.NodeContext;
import dev.millrace.core.node.Outlet;
import dev.millrace.core.node.Processor;
import dev.millrace.core.node.Progress;
import dev.millrace.core.node.Source;
import dev.millrace.core.node.SourcePosition;
import dev.millrace.engine.fixture.Collecting;
import dev.millrace.engine.fixture.Each;
import dev.millrace.engine.fixture.EngineFixture;
import dev.millrace.engine.flow.Batch;
import dev.millrace.testkit.Await;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class LentSamplesTest {
  private static final int GRAPHS = 60;

  enum Ending {
    ALONE,
    FAILED,
    DRAINED,
    CLOSED
  }

  /// Arrays that went back are NaN here: no node ever reads one, and none stays away.
  @ParameterizedTest
  @EnumSource
  void howeverAGraphEndsNoArrayIsReadTooLateAndAllComeBack(Ending ending) throws Exception {
    for (long seed = 1; seed <= GRAPHS; seed++) {
      long frames = ending == Ending.ALONE || ending == Ending.FAILED ? 1_500 : Long.MAX_VALUE;
      var graph = new LentGraph(seed, frames, ending == Ending.FAILED ? 700 : 0);
      try (var engine = new EngineFixture()) {
        var json = graph.register(engine);
        var about = "seed " + seed + ": " + json;
        var pipeline = engine.pipeline(engine.read(json));
        pipeline.start();
        switch (ending) {
          case ALONE, FAILED -> pipeline.awaitEnd();
          case DRAINED -> {
            sourceRuns(pipeline);
            pipeline.drain();
          }
          case CLOSED -> {
            sourceRuns(pipeline);
            pipeline.close();
            pipeline.awaitEnd();
          }
        }
        assertThat(graph.complaints()).as(about).isEmpty();
        assertThat(engine.runtime.samples().inUse()).as(about).isZero();
      }
    }
  }

  private static void sourceRuns(Pipeline pipeline) {
    Await.until(
        "the source has made frames",
        () -> pipeline.snapshot().nodes().getFirst().framesOut() > 500);
  }

  @Test
  void threeNodesInARowMakeNoArraysOnceTheyRun() throws Exception {
    try (var engine = new EngineFixture()) {
      engine.source("make", new Make());
      engine.transform("gain", new Gain());
      var sink = engine.sink("sink", new Count());
      var pipeline = engine.pipeline("{}", "make -> gain -> sink");
      pipeline.start();
      Await.until("frames flow", () -> sink.seen.get() > 5_000);
      long made = engine.runtime.samples().made();

      Await.until("more frames flow", () -> sink.seen.get() > 100_000);

      assertThat(engine.runtime.samples().made())
          .isEqualTo(made)
          .isLessThanOrEqualTo(2 * Batch.MAX_FRAMES + 2);
      var metrics = new String(engine.metrics.exposition(), StandardCharsets.UTF_8);
      assertThat(metrics).contains("millrace_engine_samples_made " + made + ".0");
      assertThat(metrics).contains("millrace_engine_samples_in_use ");
      pipeline.drain();
      assertThat(engine.runtime.samples().inUse()).isZero();
      assertThat(engine.runtime.samples().idle()).isEqualTo((int) made);
    }
  }

  @Test
  void anArrayCannotBeTakenOutsideOfACall() throws Exception {
    try (var engine = new EngineFixture()) {
      var source = engine.source("make", new Make());
      engine.sink("sink", new Count());
      var pipeline = engine.pipeline("{}", "make -> sink");
      pipeline.start();
      pipeline.drain();
      assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> source.lend().take(4)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("outside of a call");
    }
  }

  @ParameterizedTest
  @EnumSource(Execution.class)
  void aNodeThatUndoesTheCountOfHoldersFailsAndAllOthersEnd(Execution execution) throws Exception {
    try (var engine = new EngineFixture()) {
      engine.source("make", new Make());
      engine.transform("before", Each.passing());
      engine.transform(
          "bad",
          new Each(
              execution,
              (frame, outlet) -> {
                outlet.emit(frame);
                ((Samples) frame.body()).release();
                ((Samples) frame.body()).release();
              }));
      var sink = engine.sink("sink", new Collecting());
      var pipeline = engine.pipeline("{}", "make -> before -> bad -> sink");
      pipeline.start();

      assertThat(pipeline.awaitEnd()).isInstanceOf(PipelineState.Error.class);

      assertThat(sink.closings).isOne();
    }
  }

  private static final class Make implements Source {
    private @Nullable SampleLender lender;
    private long next;
    private boolean drained;

    SampleLender lend() {
      return Objects.requireNonNull(lender);
    }

    @Override
    public void open(NodeContext context) {
      lender = context.samples();
    }

    @Override
    public Progress poll(Outlet outlet, int limit) {
      for (int i = 0; i < limit && !drained; i++) {
        var buffer = lend().take(64);
        java.util.Arrays.fill(buffer.array(), 1);
        outlet.emit(new Frame(0, next++, Samples.of("a", buffer), Metadata.NONE));
      }
      return drained ? Progress.DONE : Progress.MORE;
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

  private static final class Gain implements Processor {
    private @Nullable SampleLender lender;

    @Override
    public void open(NodeContext context) {
      lender = context.samples();
    }

    @Override
    public void process(Frame frame, Outlet outlet) {
      var in = (Samples) frame.body();
      var fresh = Objects.requireNonNull(lender).take(in.channel(0).length);
      for (int i = 0; i < fresh.length(); i++) {
        fresh.array()[i] = 2 * in.channel(0)[i];
      }
      outlet.emit(frame.withBody(in.replaced(new @Nullable SampleBuffer[] {fresh})));
    }
  }

  private static final class Count implements Processor {
    private final AtomicLong seen = new AtomicLong();

    @Override
    public void process(Frame frame, Outlet outlet) {
      seen.incrementAndGet();
    }
  }
}
