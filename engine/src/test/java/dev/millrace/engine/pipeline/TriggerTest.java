package dev.millrace.engine.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.node.Execution;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.engine.EngineMetric;
import dev.millrace.engine.fixture.Clicks;
import dev.millrace.engine.fixture.Collecting;
import dev.millrace.engine.fixture.Each;
import dev.millrace.engine.fixture.EngineFixture;
import dev.millrace.engine.fixture.Numbers;
import dev.millrace.engine.flow.NodeFailure;
import dev.millrace.testkit.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class TriggerTest {
  private final EngineFixture engine = new EngineFixture();

  @AfterEach
  void stop() {
    engine.close();
  }

  @ParameterizedTest
  @EnumSource(Execution.class)
  void aTriggerEntersWhereNoEdgeLeadsAndIsNoNode(Execution execution) throws Exception {
    engine.transform("first", new Each(execution, (frame, out) -> out.emit(frame)));
    var sink = engine.sink("sink", new Collecting());
    var pipeline = engine.pipeline("{}", "first -> sink");
    pipeline.start();

    for (int i = 0; i < 1_000; i++) {
      pipeline.trigger(Frame.trigger(5, i));
    }
    assertThat(pipeline.state()).isEqualTo(new PipelineState.Running());

    assertThat(pipeline.drain()).isEqualTo(new DrainReport.Clean(1_000));
    assertThat(sink.sequences()).isEqualTo(LongStream.range(0, 1_000).boxed().toList());
    assertThat(pipeline.snapshot().nodes())
        .extracting(PipelineSnapshot.NodeLine::id, PipelineSnapshot.NodeLine::framesIn)
        .containsExactly(tuple("first", 1_000L), tuple("sink", 1_000L));
  }

  @Test
  void everyEntryGetsACopyAndOneCanBeChosen() throws Exception {
    engine.transform("a", Each.passing());
    engine.source("clicks", new Clicks(2, false));
    var left = engine.sink("left", new Collecting());
    var right = engine.sink("right", new Collecting());
    var pipeline = engine.pipeline("{}", "a -> left", "clicks -> right");
    pipeline.start();

    pipeline.trigger(Frame.trigger(1, 10));
    pipeline.trigger(Frame.trigger(1, 11), "clicks");
    assertThat(pipeline.offer(Frame.trigger(1, 12), "a")).isTrue();
    assertThatThrownBy(() -> pipeline.trigger(Frame.trigger(1, 13), "left"))
        .isInstanceOf(ProblemException.class)
        .hasMessageContaining("the pipeline p has no entry left")
        .hasMessageContaining("a, clicks");
    pipeline.drain();

    assertThat(left.sequences()).containsExactly(10L, 12L);
    assertThat(right.sequences()).containsExactlyInAnyOrder(1L, 2L, 10L, 11L);
  }

  @Test
  void aTriggerIsRefusedWithASentenceBeforeAfterAndWithoutAnEntry() throws Exception {
    engine.transform("a", Each.passing());
    engine.transform(
        "breaks",
        new Each(
            (frame, out) -> {
              throw new IllegalStateException("boom");
            }));
    engine.source("numbers", new Numbers(Long.MAX_VALUE));
    engine.sink("sink", new Collecting());
    var pipeline = engine.pipeline("{}", "a -> sink");
    refused(pipeline, "is not running yet");
    pipeline.start();
    pipeline.drain();
    refused(pipeline, "is being stopped or has ended");

    var none = engine.pipeline("{}", "numbers -> sink");
    none.start();
    refused(none, "has no entry");

    var failing = engine.pipeline("{}", "breaks -> sink");
    failing.start();
    failing.trigger(Frame.trigger(0, 41));
    assertThat(failing.awaitEnd()).isInstanceOf(PipelineState.Error.class);
    refused(failing, "has failed: node breaks failed in process on the frame with sequence 41");
  }

  @Test
  void aFailureSaysTheSequenceUnsignedAndTheCauseWithoutItsPackage() {
    var failure = new NodeFailure("a", "process", -2, null, new IllegalStateException("no \u03BC"));
    assertThat(failure)
        .hasMessage(
            "node a failed in process on the frame with sequence 18446744073709551614:"
                + " IllegalStateException: no \u03BC");
    assertThat(new NodeFailure("a", "open", -1, null, new IllegalStateException()))
        .hasMessage("node a failed in open: java.lang.IllegalStateException");
  }

  private static void refused(Pipeline pipeline, String sentence) {
    var frame = Frame.trigger(0, 0);
    assertThatThrownBy(() -> pipeline.trigger(frame)).hasMessageContaining(sentence);
    assertThatThrownBy(() -> pipeline.offer(frame)).hasMessageContaining(sentence);
  }

  @Test
  void aFullEntryHoldsBackWhoeverTriggersAndAnInterruptLeavesNothingBehind() throws Exception {
    engine.transform("a", Each.passing());
    engine.transform("b", Each.passing());
    var stuck = engine.sink("stuck", new Collecting().stopped());
    var open = engine.sink("open", new Collecting());
    var pipeline = engine.pipeline("{\"channel_capacity\":5}", "a -> stuck", "b -> open");
    pipeline.start();

    int taken = 0;
    while (pipeline.offer(Frame.trigger(0, taken))) {
      taken++;
      int now = taken;
      Await.until("the open branch has it", () -> open.count() == now);
    }
    assertThat(taken).isEqualTo(5);
    var caught = new AtomicReference<Throwable>();
    var waiting =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    pipeline.trigger(Frame.trigger(0, 99));
                  } catch (InterruptedException | ProblemException thrown) {
                    caught.set(thrown);
                  }
                });
    Await.until("it waits", () -> waiting.getState() == Thread.State.WAITING);
    assertThat(pipeline.offer(Frame.trigger(0, 98), "b")).isFalse(); // somebody is ahead
    waiting.interrupt();
    waiting.join();
    assertThat(caught.get()).isInstanceOf(InterruptedException.class);
    assertThat(pipeline.offer(Frame.trigger(0, 6), "b")).isTrue();
    stuck.resume();

    assertThat(pipeline.drain()).isInstanceOf(DrainReport.Clean.class);
    assertThat(stuck.sequences()).containsExactly(0L, 1L, 2L, 3L, 4L);
    assertThat(open.sequences()).containsExactly(0L, 1L, 2L, 3L, 4L, 6L);
  }

  @Test
  void whoWaitsIsServedInTheOrderTheyCame() throws Exception {
    engine.transform("a", Each.passing());
    var sink = engine.sink("sink", new Collecting().stopped());
    var pipeline = engine.pipeline("{\"channel_capacity\":1}", "a -> sink");
    pipeline.start();
    pipeline.trigger(Frame.trigger(0, 0));
    var threads = new ArrayList<Thread>();
    for (int i = 1; i <= 8; i++) {
      long sequence = i;
      var thread = Thread.ofPlatform().start(() -> insist(pipeline, sequence));
      threads.add(thread);
      Await.until("it waits", () -> thread.getState() == Thread.State.WAITING);
    }
    sink.resume();
    for (var thread : threads) {
      thread.join();
    }
    pipeline.drain();
    assertThat(sink.sequences()).isEqualTo(LongStream.rangeClosed(0, 8).boxed().toList());
  }

  private static void insist(Pipeline pipeline, long sequence) {
    try {
      pipeline.trigger(Frame.trigger(0, sequence));
    } catch (InterruptedException | ProblemException failed) {
      throw new IllegalStateException(failed);
    }
  }

  @Test
  void aSourceThatHasEndedTakesNoTriggersAndTheOthersStillDo() throws Exception {
    engine.source("clicks", new Clicks(3, true));
    engine.transform("a", Each.passing());
    var left = engine.sink("left", new Collecting());
    var right = engine.sink("right", new Collecting());
    var pipeline = engine.pipeline("{}", "clicks -> left", "a -> right");
    pipeline.start();
    Await.until("the clicks have come", () -> left.count() == 3);
    Await.until("their source has ended", () -> left.finished);

    pipeline.trigger(Frame.trigger(0, 50));
    assertThatThrownBy(() -> pipeline.trigger(Frame.trigger(0, 51), "clicks"))
        .hasMessageContaining("its sources have ended");
    pipeline.drain();

    assertThat(left.count()).isEqualTo(3);
    assertThat(right.sequences()).containsExactly(50L);
  }

  @Test
  void whatAFailureLeavesAtAnEntryIsCounted() throws Exception {
    var reached = new CountDownLatch(1);
    var go = new CountDownLatch(1);
    engine.transform(
        "breaks",
        new Each(
            Execution.WAITING,
            (frame, out) -> {
              reached.countDown();
              go.await();
              throw new IllegalStateException("boom");
            }));
    engine.sink("sink", new Collecting());
    var pipeline = engine.pipeline("{}", "breaks -> sink");
    pipeline.start();
    pipeline.trigger(Frame.trigger(0, 0));
    reached.await();
    for (int i = 1; i < 10; i++) {
      pipeline.trigger(Frame.trigger(0, i));
    }
    go.countDown();
    pipeline.awaitEnd();

    assertThat(engine.metrics.count(EngineMetric.EDGE_DISCARDED_FRAMES, "p", "", "breaks"))
        .isEqualTo(9);
  }

  /// Threads trigger and offer while another stops the pipeline: what was accepted arrives in every
  /// branch, in each thread's order, and nothing else does.
  @Test
  void whatWasAcceptedArrivesEverywhereWhenEverSomebodyStops() throws Exception {
    for (long seed = 1; seed <= 30; seed++) {
      var random = new Random(seed);
      int run = (int) seed;
      engine.transform("a" + run, Each.passing());
      engine.transform("b" + run, new Each(Execution.WAITING, (f, out) -> out.emit(f)));
      var left = engine.sink("left" + run, new Collecting(Execution.NATIVE));
      var right = engine.sink("right" + run, new Collecting());
      var pipeline =
          engine.pipeline(
              "{\"channel_capacity\":" + (1 + random.nextInt(80)) + "}",
              "a" + run + " -> left" + run,
              "b" + run + " -> right" + run);
      pipeline.start();
      var accepted = new ConcurrentLinkedQueue<Long>();
      var threads = new ArrayList<Thread>();
      for (int t = 0; t < 4; t++) {
        long number = t;
        threads.add(Thread.ofVirtual().start(() -> flood(pipeline, number, accepted)));
      }
      int enough = random.nextInt(2_000);
      Await.until("some were taken", () -> accepted.size() >= enough);
      if (random.nextBoolean()) {
        pipeline.pause(Duration.ofSeconds(10));
      }
      var report = pipeline.drain();
      for (var thread : threads) {
        thread.join();
      }
      assertThat(report).as("seed %s", seed).isInstanceOf(DrainReport.Clean.class);
      var expected = accepted.stream().sorted().toList();
      for (var sink : List.of(left, right)) {
        assertThat(sink.sequences().stream().sorted().toList())
            .as("seed %s", seed)
            .isEqualTo(expected);
        for (long t = 0; t < 4; t++) {
          long number = t;
          assertThat(sink.sequences().stream().filter(one -> one / 1_000_000 == number).toList())
              .as("seed %s thread %s", seed, number)
              .isSorted();
        }
      }
      pipeline.close();
    }
  }

  private static void flood(Pipeline pipeline, long thread, ConcurrentLinkedQueue<Long> accepted) {
    try {
      for (long i = 0; i < 1_000_000; i++) {
        long sequence = thread * 1_000_000 + i;
        if (thread % 2 == 0) {
          pipeline.trigger(Frame.trigger(0, sequence));
          accepted.add(sequence);
        } else if (pipeline.offer(Frame.trigger(0, sequence))) {
          accepted.add(sequence);
        } else {
          LockSupport.parkNanos(1_000);
        }
      }
    } catch (ProblemException refused) {
      // stopped, as it should be
    } catch (InterruptedException interrupted) {
      throw new IllegalStateException(interrupted);
    }
  }
}
