package dev.millrace.engine.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.node.Execution;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.engine.EngineMetric;
import dev.millrace.engine.fixture.Breaking;
import dev.millrace.engine.fixture.Collecting;
import dev.millrace.engine.fixture.Each;
import dev.millrace.engine.fixture.EngineFixture;
import dev.millrace.engine.fixture.Numbers;
import java.io.IOException;
import java.time.Duration;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A node that fails in one of its calls, and what becomes of the run.
@Timeout(60)
class FailingNodeTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  private final EngineFixture engine = new EngineFixture();

  @AfterEach
  void stop() {
    engine.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"auto", "off"})
  void aFailingNodeEndsThePipelineAndReleasesEverybody(String fusion) throws Exception {
    var source = engine.source("numbers", new Numbers(Long.MAX_VALUE));
    engine.transform("pass", Each.passing());
    engine.transform(
        "breaks",
        new Each(
            (f, out) -> {
              if (f.sequence() == 1_000) {
                throw new IOException("boom");
              }
              out.emit(f);
            }));
    var behind = engine.sink("behind", new Collecting(Execution.NATIVE));
    var beside = engine.sink("beside", new Collecting());
    var pipeline =
        engine.pipeline(
            "{\"fusion\":\"" + fusion + "\"}",
            "numbers -> pass -> breaks -> behind",
            "pass -> beside");
    pipeline.start();

    var end = pipeline.awaitEnd();

    assertThat(end).isInstanceOf(PipelineState.Error.class);
    var failure = pipeline.failure();
    assertThat(failure).isNotNull();
    assertThat(failure)
        .hasMessageContaining("node breaks")
        .hasMessageContaining("1000")
        .hasMessageContaining("boom")
        .hasRootCauseInstanceOf(IOException.class);
    assertThat(behind.sequences()).isEqualTo(numbers(1, 999).boxed().toList());
    assertThat(behind.finished).isTrue();
    assertThat(behind.closings).isEqualTo(1);
    assertThat(beside.closings).isEqualTo(1);
    assertThat(source.closed).isTrue();
    assertThat(behind.positions()).allMatch(position -> position.ordinal() < 1_000);
    assertThat(engine.metrics.count(EngineMetric.NODE_ERRORS, "p", "breaks")).isEqualTo(1);
    assertThat(engine.metrics.count(EngineMetric.NODE_FRAMES_IN, "p", "breaks")).isEqualTo(999);
    assertThat(pipeline.drain(LONG)).isInstanceOf(DrainReport.Failed.class);
    assertThat(pipeline.health().healthy()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"ready", "process", "batchEnd", "idle", "finish"})
  void aNodeMayFailInEveryCallAndThePipelineEnds(String call) throws Exception {
    // Only an input that goes on shows for certain that it was empty at some time.
    engine.source("numbers", new Numbers(call.equals("idle") ? Long.MAX_VALUE : 100));
    engine.transform("breaks", new Breaking(call, Execution.INLINE).processor());
    var sink = engine.sink("sink", new Collecting(Execution.WAITING));
    engine.sink("inline", new Collecting());
    engine.transform("pass", Each.passing());
    var pipeline =
        engine.pipeline(
            "{\"channel_capacity\":1}", "numbers -> pass -> breaks -> sink", "pass -> inline");
    pipeline.start();

    assertThat(pipeline.awaitEnd()).isInstanceOf(PipelineState.Error.class);
    assertThat(pipeline.failure()).hasMessageContaining("failed in " + call);
    assertThat(sink.closings).isEqualTo(1);
  }

  @Test
  void aNodeThatFailsToCloseDisturbsNobody() throws Exception {
    engine.source("numbers", new Numbers(100));
    engine.transform("breaks", new Breaking("close", Execution.INLINE).processor());
    var sink = engine.sink("sink", new Collecting());
    var pipeline = engine.pipeline("{}", "numbers -> breaks -> sink");
    pipeline.start();

    assertThat(pipeline.awaitEnd()).isEqualTo(new PipelineState.Completed(100));
    assertThat(sink.closings).isEqualTo(1);
    assertThat(engine.metrics.count(EngineMetric.NODE_ERRORS, "p", "breaks")).isEqualTo(1);
  }

  @Test
  void aNodeThatFailsToOpenIsNamedAndWhatWasOpenIsClosed() {
    var source = engine.source("numbers", new Numbers(100));
    engine.transform("breaks", new Breaking("open", Execution.INLINE).processor());
    var sink = engine.sink("sink", new Collecting(Execution.NATIVE));
    var pipeline = engine.pipeline("{}", "numbers -> breaks -> sink");

    assertThatThrownBy(pipeline::start)
        .isInstanceOf(ProblemException.class)
        .hasMessageContaining("node breaks could not be opened: ");

    assertThat(sink.closings).isEqualTo(1);
    assertThat(source.closed).isFalse();
    assertThat(pipeline.state()).isInstanceOf(PipelineState.Error.class);
    assertThat(pipeline.end()).isDone();
    assertThatThrownBy(pipeline::start)
        .hasMessage("Invalid state transition: Error -> Initializing");
  }

  @Test
  void aCallThatEmitsWithoutEndFails() throws Exception {
    engine.source("numbers", new Numbers(1));
    engine.transform(
        "floods",
        new Each(
            (f, out) -> {
              while (true) {
                out.emit(f);
              }
            }));
    var sink = engine.sink("sink", new Collecting(Execution.NATIVE));
    var pipeline = engine.pipeline("{}", "numbers -> floods -> sink");
    pipeline.start();

    assertThat(pipeline.awaitEnd()).isInstanceOf(PipelineState.Error.class);
    assertThat(pipeline.failure()).hasMessageContaining("65536");
    assertThat(sink.count()).isZero();
  }

  private static LongStream numbers(long first, long last) {
    return LongStream.rangeClosed(first, last);
  }
}
