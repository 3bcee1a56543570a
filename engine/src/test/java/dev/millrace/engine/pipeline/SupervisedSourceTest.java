package dev.millrace.engine.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.node.Execution;
import dev.millrace.core.node.NodeContext;
import dev.millrace.core.node.Outlet;
import dev.millrace.core.node.Progress;
import dev.millrace.core.node.Source;
import dev.millrace.core.node.SourcePosition;
import dev.millrace.core.time.FakeClock;
import dev.millrace.engine.fixture.Collecting;
import dev.millrace.engine.fixture.EngineFixture;
import dev.millrace.testkit.Await;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class SupervisedSourceTest {
  private static final String A_MINUTE =
      "\"restart\":{\"Exponential\":{\"base_ms\":60000,\"max_ms\":60000,\"max_attempts\":3}}";

  private final FakeClock clock = new FakeClock();
  private final EngineFixture engine = new EngineFixture(clock, 2);

  @AfterEach
  void stop() {
    engine.close();
  }

  @ParameterizedTest
  @EnumSource(Execution.class)
  void aSourceIsReplacedWhereItStood(Execution execution) throws Exception {
    var sink = engine.sink("sink", new Collecting());
    var openedAt = new ArrayList<Long>();
    engine.sources("source", () -> new Breaking(execution, openedAt));
    var pipeline =
        engine.pipeline(
            engine.read(
                """
                {"nodes": [{"id": "source", "type": "source", "restart": "immediate"},
                           {"id": "sink", "type": "sink"}],
                 "connections": [{"from": "source", "to": "sink"}]}
                """));

    pipeline.start();

    assertThat(pipeline.awaitEnd()).isEqualTo(new PipelineState.Completed(20));
    assertThat(sink.sequences()).isEqualTo(LongStream.rangeClosed(1, 20).boxed().toList());
    assertThat(openedAt).containsExactly(0L, 6L, 12L, 18L);
    assertThat(pipeline.snapshot().nodes().getFirst().errors()).isEqualTo(3);
  }

  @Test
  void aSourceThatWaitsToBeReplacedEndsWhenItIsDrained() throws Exception {
    var openedAt = new ArrayList<Long>();
    engine.sources("source", () -> new Breaking(Execution.INLINE, openedAt));
    engine.sink("sink", new Collecting());
    var pipeline =
        engine.pipeline(
            engine.read(
                """
                {"nodes": [{"id": "source", "type": "source", %s}, {"id": "sink", "type": "sink"}],
                 "connections": [{"from": "source", "to": "sink"}]}
                """
                    .formatted(A_MINUTE)));
    pipeline.start();
    Await.until("it failed", () -> clock.pendingTimers() > 1);

    assertThat(pipeline.drain(Duration.ofSeconds(30))).isInstanceOf(DrainReport.Clean.class);
  }

  @Test
  void aSourceBehindAnOpenCircuitIsNotPolledBeforeItsTimeUnlessItIsToEnd() throws Exception {
    var polls = new AtomicInteger();
    engine.sources("source", () -> new Failing(polls));
    engine.sink("sink", new Collecting());
    var pipeline =
        engine.pipeline(
            engine.read(
                """
                {"nodes": [{"id": "source", "type": "source", "error_policy": "SkipFrame",
                            "restart": {"CircuitBreaker":
                                        {"error_threshold": 2, "timeout_ms": 1000}}},
                           {"id": "sink", "type": "sink"}],
                 "connections": [{"from": "source", "to": "sink"}]}
                """));
    pipeline.start();
    polled(polls, 1);
    clock.advance(Duration.ofMillis(100));
    polled(polls, 2);
    for (int opened = 2; opened < 5; opened++) {
      clock.advance(Duration.ofMillis(100)); // the pause before any poll is over
      Await.until(
          "it waits on", () -> clock.pendingTimers() > 1 && EngineFixture.workersAreParked());
      assertThat(polls).hasValue(opened);
      clock.advance(Duration.ofMillis(899));
      Await.until("it waits on", EngineFixture::workersAreParked);
      assertThat(polls).hasValue(opened);
      clock.advance(Duration.ofMillis(1));
      polled(polls, opened + 1);
    }
    assertThat(pipeline.drain(Duration.ofSeconds(30))).isInstanceOf(DrainReport.Clean.class);
    assertThat(polls).hasValue(6); // it failed again, and that was its end
  }

  /// Until the source has been polled so often and waits.
  private void polled(AtomicInteger polls, int times) {
    Await.until(
        "it was polled " + times + " times",
        () ->
            polls.get() == times && clock.pendingTimers() > 1 && EngineFixture.workersAreParked());
  }

  private record Failing(AtomicInteger polls) implements Source {
    @Override
    public Progress poll(Outlet outlet, int limit) throws IOException {
      polls.incrementAndGet();
      throw new IOException("as told");
    }

    @Override
    public @Nullable SourcePosition position() {
      return null;
    }
  }

  /// Counts to 20 and breaks after six frames of an instance; resumes where it is told to.
  private static final class Breaking implements Source {
    private final Execution execution;
    private final List<Long> openedAt;
    private long last;
    private int made;

    Breaking(Execution execution, List<Long> openedAt) {
      this.execution = execution;
      this.openedAt = openedAt;
    }

    @Override
    public Execution execution() {
      return execution;
    }

    @Override
    public void open(NodeContext context) {
      last = context.resumeAfter("broken").orElse(0);
      openedAt.add(last);
    }

    @Override
    public Progress poll(Outlet outlet, int limit) throws IOException {
      for (int i = 0; i < Math.min(limit, 3) && last < 20; i++) {
        if (made == 6) {
          throw new IOException("as told");
        }
        made++;
        outlet.emit(Frame.trigger(0, ++last));
      }
      return last == 20 ? Progress.DONE : Progress.MORE;
    }

    @Override
    public SourcePosition position() {
      return SourcePosition.exact("broken", last);
    }
  }
}
