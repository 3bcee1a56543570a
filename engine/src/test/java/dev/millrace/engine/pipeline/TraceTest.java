package dev.millrace.engine.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import dev.millrace.core.frame.Body;
import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.Metadata;
import dev.millrace.core.node.Execution;
import dev.millrace.core.node.Outlet;
import dev.millrace.core.node.Processor;
import dev.millrace.core.node.Progress;
import dev.millrace.core.node.Source;
import dev.millrace.core.node.SourcePosition;
import dev.millrace.core.trace.Correlation;
import dev.millrace.engine.fixture.Collecting;
import dev.millrace.engine.fixture.Each;
import dev.millrace.engine.fixture.EngineFixture;
import dev.millrace.engine.fixture.LogLines;
import dev.millrace.engine.fixture.Numbers;
import dev.millrace.engine.flow.Batch;
import dev.millrace.engine.schedule.EngineSpec;
import dev.millrace.testkit.Await;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// One id follows a sampled frame through its nodes into the log.
@Timeout(60)
class TraceTest {
  private final EngineFixture engine = new EngineFixture();

  @AfterEach
  void stop() {
    engine.close();
  }

  @ParameterizedTest
  @EnumSource(Execution.class)
  void aNodeWorksUnderTheIdOfATracedFrameAndUnderNoneOtherwise(Execution execution)
      throws Exception {
    traceEvery(10);
    var bound = new ConcurrentHashMap<Long, String>();
    engine.source("numbers", new Numbers(1_000));
    engine.transform("through", noting(execution, bound));
    var sink = engine.sink("sink", new Collecting());
    run("numbers -> through -> sink");

    assertThat(sink.count()).isEqualTo(1_000);
    for (var frame : sink.frames()) {
      boolean due = frame.sequence() % 10 == 0;
      assertThat(idOf(frame) != null).as(frame.toString()).isEqualTo(due);
      assertThat(bound.get(frame.sequence())).isEqualTo(due ? idOf(frame) : "none");
    }
    assertThat(sink.frames().stream().map(TraceTest::idOf).filter(Objects::nonNull))
        .hasSize(100)
        .doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @ValueSource(strings = {"auto", "off"})
  void branchesOfOneFrameShareItsId(String fusion) throws Exception {
    traceEvery(7);
    engine.source("numbers", new Numbers(100));
    engine.transform("left", Each.passing());
    engine.transform("right", Each.passing());
    var one = engine.sink("one", new Collecting());
    var other = engine.sink("other", new Collecting(Execution.NATIVE));
    run("{\"fusion\":\"" + fusion + "\"}", "numbers -> left -> one", "numbers -> right -> other");

    assertThat(ids(one.frames())).hasSize(14).isEqualTo(ids(other.frames()));
  }

  @Test
  void whatANodeMakesOfATracedFrameInheritsTheIdUnlessItHasOne() throws Exception {
    traceEvery(2);
    engine.source("numbers", new Numbers(2));
    engine.transform(
        "split",
        new Each(
            (frame, out) -> {
              out.emit(frame.withBody(new Body.Text("kept")));
              out.emit(new Frame(0, frame.sequence(), new Body.Text("anew"), Metadata.NONE));
              out.emit(made(frame, "language", "is"));
              out.emit(made(frame, "trace_id", "its own"));
            }));
    var sink = engine.sink("sink", new Collecting());
    run("numbers -> split -> sink");

    var frames = sink.frames();
    assertThat(frames.subList(0, 3)).allMatch(frame -> idOf(frame) == null);
    var id = Objects.requireNonNull(idOf(frames.get(4)));
    assertThat(frames.get(5).metadata().entries()).isEqualTo(Map.of("trace_id", id));
    assertThat(frames.get(6).metadata().entries())
        .isEqualTo(Map.of("language", "is", "trace_id", id));
    assertThat(idOf(frames.get(7))).isEqualTo("its own");
  }

  @Test
  void aFrameThatComesWithItsRequestsIdIsTracedAlsoWhenNothingIsSampled() throws Exception {
    var bound = new ConcurrentHashMap<Long, String>();
    engine.source("requests", new Requests());
    engine.transform("through", noting(Execution.NATIVE, bound));
    engine.sink("sink", new Collecting());
    run("requests -> through -> sink");

    assertThat(bound).isEqualTo(Map.of(1L, "none", 2L, "request-2", 3L, "none"));
  }

  @Test
  void theEndOfABatchBearsTheIdOfATracedFrameInIt() throws Exception {
    traceEvery(100);
    var sink = engine.sink("sink", new BatchNoting());
    engine.source("numbers", new Numbers(10 * Batch.MAX_FRAMES));
    engine.transform("filter", new Each((frame, out) -> out.emit(frame)));
    run("numbers -> filter -> sink");

    assertThat(sink.batches).hasSizeGreaterThanOrEqualTo(10);
    int traced = 0;
    for (var batch : sink.batches) {
      var ids = batch.frames.stream().map(TraceTest::idOf).filter(Objects::nonNull).toList();
      assertThat(batch.bound).isEqualTo(ids.isEmpty() ? null : ids.getLast());
      traced += ids.size();
    }
    assertThat(traced).isEqualTo(10 * Batch.MAX_FRAMES / 100);
    assertThat(sink.boundElsewhere).containsOnly("none");
  }

  @Test
  void tracingBeginsAndEndsWhileThePipelineRuns() throws Exception {
    engine.source("numbers", new Numbers(Long.MAX_VALUE));
    var traced = new CopyOnWriteArrayList<String>();
    engine.sink(
        "sink",
        new Each(
            (frame, out) -> {
              var id = Correlation.id();
              if (id != null && traced.size() < 10) {
                traced.add(id);
              }
            }));
    var pipeline = engine.pipeline("{}", "numbers -> sink");
    pipeline.start();
    Await.until("frames flow", () -> pipeline.snapshot().nodes().getLast().framesIn() > 10_000);
    assertThat(traced).isEmpty();

    traceEvery(1_000);
    Await.until("frames are traced", () -> traced.size() == 10);
    traceEvery(0);
    long seen = pipeline.snapshot().nodes().getLast().framesIn();
    Await.until(
        "what was under way is through",
        () -> pipeline.snapshot().nodes().getLast().framesIn() > seen + 10_000);
    traced.clear();
    long later = pipeline.snapshot().nodes().getLast().framesIn();
    Await.until(
        "more has flowed", () -> pipeline.snapshot().nodes().getLast().framesIn() > later + 10_000);
    assertThat(traced).isEmpty();
    pipeline.drain();
  }

  @Test
  void aTracedFrameLeavesOneDebugLinePerNode() throws Exception {
    traceEvery(50);
    engine.source("numbers", new Numbers(100));
    engine.transform("through", Each.passing());
    var sink = engine.sink("sink", new Collecting(Execution.NATIVE));
    try (var log = LogLines.debug()) {
      run("numbers -> through -> sink");

      var ids = ids(sink.frames());
      assertThat(ids).hasSize(2);
      for (var id : ids) {
        var lines =
            log.lines().stream().filter(line -> id.equals(line.pairs().get("trace_id"))).toList();
        assertThat(lines)
            .extracting(line -> line.pairs().get("node"))
            .containsExactly("numbers", "through", "sink");
        assertThat(lines).allMatch(line -> line.level() == Level.DEBUG);
        assertThat(lines).allMatch(line -> "p".equals(line.pairs().get("pipeline")));
        assertThat(lines).allMatch(line -> id.equals(line.boundId()));
        assertThat(lines.subList(1, 3))
            .allMatch(line -> line.pairs().get("micros") instanceof Long micros && micros >= 0);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void aFailureIsLoggedWithPipelineNodeSequenceAndTheIdIfThereIsOne(int every) throws Exception {
    traceEvery(every);
    engine.source("numbers", new Numbers(10));
    engine.sink(
        "sink",
        new Each(
            (frame, out) -> {
              if (frame.sequence() == 7) {
                throw new IllegalStateException("seven");
              }
            }));
    try (var log = LogLines.warnings()) {
      var pipeline = run("numbers -> sink");

      var failure = Objects.requireNonNull(pipeline.failure());
      assertThat(failure.sequence()).isEqualTo(7);
      assertThat(failure.traceId() != null).isEqualTo(every == 1);
      var line =
          log.lines().stream()
              .filter(any -> any.message().contains("node sink failed"))
              .findFirst()
              .orElseThrow();
      assertThat(line.level()).isEqualTo(Level.ERROR);
      assertThat(line.message()).contains("in process").contains("seven");
      assertThat(line.boundId()).isEqualTo(failure.traceId());
      assertThat(line.pairs())
          .containsEntry("pipeline", "p")
          .containsEntry("node", "sink")
          .containsEntry("sequence", 7L);
      assertThat(line.pairs().get("trace_id")).isEqualTo(failure.traceId());
    }
  }

  @Test
  void aFailureAtTheEndOfABatchBearsTheIdOfItsTracedFrame() throws Exception {
    traceEvery(1);
    engine.source("numbers", new Numbers(1));
    engine.sink(
        "sink",
        new Processor() {
          @Override
          public void process(Frame frame, Outlet outlet) {}

          @Override
          public void batchEnd(@Nullable SourcePosition position, Outlet outlet) {
            throw new IllegalStateException("no commit under " + Correlation.id());
          }
        });
    var failure = Objects.requireNonNull(run("numbers -> sink").failure());

    assertThat(failure.traceId()).isNotNull();
    assertThat(failure).hasMessageContaining("no commit under " + failure.traceId());
  }

  private Pipeline run(String settings, String... paths) throws Exception {
    var pipeline =
        paths.length == 0 ? engine.pipeline("{}", settings) : engine.pipeline(settings, paths);
    pipeline.start();
    pipeline.awaitEnd();
    return pipeline;
  }

  private void traceEvery(int frames) {
    engine.runtime.apply(EngineSpec.DEFAULT.withTraceEvery(frames));
  }

  private static Each noting(Execution execution, Map<Long, String> bound) {
    return new Each(
        execution,
        (frame, out) -> {
          var id = Correlation.id();
          bound.put(frame.sequence(), id == null ? "none" : id);
          out.emit(frame);
        });
  }

  private static Frame made(Frame from, String key, String value) {
    return from.withMetadata(new Metadata(Map.of(key, value)));
  }

  private static List<String> ids(List<Frame> frames) {
    return frames.stream().map(TraceTest::idOf).filter(Objects::nonNull).toList();
  }

  private static @Nullable String idOf(Frame frame) {
    return frame.metadata().entries().get(Correlation.METADATA_KEY);
  }

  /// Notes what is bound when; read by the test after the end.
  private static final class BatchNoting implements Processor {
    final List<Ended> batches = new CopyOnWriteArrayList<>();
    final List<String> boundElsewhere = new CopyOnWriteArrayList<>();
    private final List<Frame> inHand = new ArrayList<>();

    record Ended(List<Frame> frames, @Nullable String bound) {}

    @Override
    public void process(Frame frame, Outlet outlet) {
      inHand.add(frame);
    }

    @Override
    public void batchEnd(@Nullable SourcePosition position, Outlet outlet) {
      batches.add(new Ended(List.copyOf(inHand), Correlation.id()));
      inHand.clear();
    }

    @Override
    public void idle(Outlet outlet) {
      boundElsewhere.add(String.valueOf(Objects.requireNonNullElse(Correlation.id(), "none")));
    }

    @Override
    public void finish(Outlet outlet) {
      idle(outlet);
    }
  }

  /// Three frames, the second with the id of a request.
  private static final class Requests implements Source {
    @Override
    public Progress poll(Outlet outlet, int limit) {
      outlet.emit(Frame.trigger(0, 1));
      outlet.emit(made(Frame.trigger(0, 2), Correlation.METADATA_KEY, "request-2"));
      outlet.emit(Frame.trigger(0, 3));
      return Progress.DONE;
    }

    @Override
    public @Nullable SourcePosition position() {
      return null;
    }
  }
}
