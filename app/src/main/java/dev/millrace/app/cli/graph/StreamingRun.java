package dev.millrace.app.cli.graph;

import dev.millrace.app.cli.ExitCode;
import dev.millrace.app.cli.Interrupts;
import dev.millrace.app.cli.Messages;
import dev.millrace.core.frame.Frame;
import dev.millrace.core.node.NodeType;
import dev.millrace.core.node.ReadableSink;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.engine.graph.GraphNode;
import dev.millrace.engine.pipeline.DrainReport;
import dev.millrace.engine.pipeline.Pipeline;
import dev.millrace.engine.schedule.EngineRuntime;
import dev.millrace.engine.schedule.EngineSpec;
import dev.millrace.engine.tap.Tap;
import dev.millrace.engine.tap.TapOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/// One pipeline from its start to its drain, fed with triggers. The main thread waits; a virtual
/// one feeds, another one reads the frames of a node that does not keep them itself.
final class StreamingRun implements AutoCloseable {
  private static final long MOST_WAITING_BYTES = 512L << 20; // to be collected

  private final GraphFile.Sound sound;
  private final Optional<GraphNode> collected;
  private final EngineRuntime runtime;
  private final Pipeline pipeline;
  private final CountDownLatch stop = new CountDownLatch(1);
  private final List<Frame> tapped = new ArrayList<>(); // the reader's until it has ended

  /// What the run came to.
  record End(List<Frame> frames, String report, String sentence, ExitCode code) {}

  StreamingRun(GraphFile.Sound sound, Optional<GraphNode> collected, Workbench bench) {
    this.sound = sound;
    this.collected = collected;
    this.runtime = new EngineRuntime(EngineSpec.DEFAULT, bench.clock(), bench.metrics());
    this.pipeline = new Pipeline(sound.name(), sound.graph(), runtime, bench.services());
  }

  /// Feeds at most `most` triggers and runs until they are handled and every source has ended, the
  /// time is over, a node fails, or INT or TERM.
  End go(long most, LongFunction<Frame> trigger, long intervalMillis, @Nullable Duration limit)
      throws ProblemException, InterruptedException {
    Interrupts.handle(stop::countDown, () -> {});
    runtime.start();
    long start = System.nanoTime();
    var tap = tap();
    var reader = tap == null ? null : Thread.ofVirtual().start(() -> read(tap));
    pipeline.start();
    var _ = pipeline.end().thenRun(stop::countDown);
    Thread.ofVirtual().name("millrace-triggers").start(() -> feed(most, trigger, intervalMillis));
    if (limit == null) {
      stop.await();
    } else {
      var _ = stop.await(limit.toMillis(), TimeUnit.MILLISECONDS);
    }
    var drained = pipeline.drain();
    double seconds = (System.nanoTime() - start) / 1e9;
    if (reader != null) {
      reader.join();
    }
    return end(drained, seconds, tap == null ? 0 : tap.missed());
  }

  @Override
  public void close() {
    pipeline.close();
    runtime.close();
  }

  private End end(DrainReport drained, double seconds, long missed) {
    var more =
        missed == 0
            ? ""
            : "; " + Messages.count(missed, "frame") + " came too fast to be collected";
    return switch (drained) {
      case DrainReport.Clean(var frames) ->
          end(
              sound.name()
                  + ": "
                  + Messages.count(frames, "frame")
                  + " at the end in "
                  + GraphRun.seconds(seconds)
                  + more,
              ExitCode.OK);
      case DrainReport.Failed(var failure) ->
          end("error: " + failure.getMessage(), ExitCode.FAILED);
      case DrainReport.TimedOut late ->
          end(
              "error: the drain ran out of time; "
                  + Messages.count(late.frames(), "frame")
                  + " were left: "
                  + late.left(),
              ExitCode.DRAIN_TIMED_OUT);
    };
  }

  private End end(String sentence, ExitCode code) {
    var kept = collected.flatMap(node -> pipeline.collected(node.id())).orElse(tapped);
    return new End(kept, pipeline.report(), sentence, code);
  }

  /// On a node that does not keep its frames: what it makes, or what a sink is given.
  private @Nullable Tap tap() {
    if (collected.isEmpty() || collected.get().fresh().get() instanceof ReadableSink) {
      return null;
    }
    var node = collected.get();
    var pattern = node.type().role() == NodeType.Role.SINK ? "*->" + node.id() : node.id();
    return pipeline.tap(
        pattern,
        TapOptions.DEFAULT
            .withQueueFrames(TapOptions.MAX_QUEUE_FRAMES)
            .withQueueBytes(MOST_WAITING_BYTES));
  }

  private void read(Tap tap) {
    try {
      while (!tap.ended()) {
        var event = tap.poll(Duration.ofSeconds(1));
        if (event != null) {
          tapped.add(event.frame());
        }
      }
    } catch (InterruptedException over) {
      Thread.currentThread().interrupt();
    }
  }

  private void feed(long most, LongFunction<Frame> trigger, long intervalMillis) {
    var graph = sound.graph();
    try {
      if (GraphRun.takesTriggers(graph)) {
        boolean stopped = false;
        for (long i = 0; i < most && !stopped; i++) {
          pipeline.trigger(trigger.apply(i));
          stopped = i + 1 < most && stop.await(intervalMillis, TimeUnit.MILLISECONDS);
        }
      }
      boolean alone =
          graph.nodes().stream().noneMatch(node -> node.isSource() && !GraphRun.isTriggered(node));
      if (alone) {
        stop.countDown();
      }
    } catch (ProblemException ended) {
      stop.countDown(); // it has failed or is being stopped; the drain says which
    } catch (InterruptedException over) {
      Thread.currentThread().interrupt();
    }
  }
}
