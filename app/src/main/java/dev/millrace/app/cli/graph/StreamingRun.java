package dev.millrace.app.cli.graph;

import dev.millrace.app.cli.ExitCode;
import dev.millrace.app.cli.ExitException;
import dev.millrace.app.cli.Interrupts;
import dev.millrace.app.cli.Messages;
import dev.millrace.core.frame.Frame;
import dev.millrace.core.node.NodeType;
import dev.millrace.core.node.ReadableSink;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.engine.graph.GraphNode;
import dev.millrace.engine.pipeline.Checkpoints;
import dev.millrace.engine.pipeline.DrainReport;
import dev.millrace.engine.pipeline.Pipeline;
import dev.millrace.engine.schedule.EngineRuntime;
import dev.millrace.engine.schedule.EngineSpec;
import dev.millrace.engine.tap.Tap;
import dev.millrace.engine.tap.TapOptions;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/// One pipeline from its start to its drain, fed with triggers. The main thread waits; a virtual
/// one feeds, another one writes the frames of a node as they come, unless that keeps them itself.
final class StreamingRun implements AutoCloseable {
  private static final int MOST_BEHIND = TapOptions.MAX_QUEUE_FRAMES / 4; // frames to be written
  private static final long MOST_WAITING_BYTES = 512L << 20; // to be written
  private static final int LOOK_EVERY = 256; // triggers
  private static final int SILENT_SECONDS = 2;

  private final GraphFile.Sound sound;
  private final Optional<GraphNode> collected;
  private final EngineRuntime runtime;
  private final Pipeline pipeline;
  private final FrameWriter out; // the reader's until it has ended
  private final CountDownLatch stop = new CountDownLatch(1);

  // Written by the reader, read once it has ended.
  private @Nullable ExitException unwritten;

  private volatile long written; // by the reader, for whoever feeds

  /// At most `most` triggers, `intervalMillis` apart; the run ends behind the last if `endsRun`.
  record Feed(long most, LongFunction<Frame> trigger, long intervalMillis, boolean endsRun) {
    boolean hasNoEnd() {
      return !endsRun || most == Long.MAX_VALUE;
    }
  }

  /// What the run came to.
  record End(String report, String sentence, ExitCode code) {}

  StreamingRun(
      GraphFile.Sound sound,
      Optional<GraphNode> collected,
      Workbench bench,
      Checkpoints checkpoints,
      FrameWriter out) {
    this.sound = sound;
    this.collected = collected;
    this.out = out;
    this.runtime = new EngineRuntime(EngineSpec.DEFAULT, bench.clock(), bench.metrics());
    this.pipeline =
        new Pipeline(sound.name(), sound.graph(), runtime, bench.services(), checkpoints);
  }

  /// Feeds and runs until all triggers are handled, every source has ended, the time is over, a
  /// node fails, or INT or TERM.
  ///
  /// @throws ExitException if frames cannot be written
  End go(Feed feed, @Nullable Duration limit, PrintWriter err)
      throws ProblemException, InterruptedException, ExitException {
    Interrupts.handle(stop::countDown, () -> {});
    runtime.start();
    long start = System.nanoTime();
    var tap = tap();
    var reader = tap == null ? null : Thread.ofVirtual().start(() -> read(tap));
    pipeline.start();
    var _ = pipeline.end().thenRun(stop::countDown);
    Thread.ofVirtual().name("millrace-triggers").start(() -> feed(feed, tap));
    await(feed, limit, err);
    var drained = pipeline.drain();
    double seconds = (System.nanoTime() - start) / 1e9;
    if (reader != null) {
      reader.join();
    }
    for (var frame : collected.flatMap(node -> pipeline.collected(node.id())).orElse(List.of())) {
      out.write(frame);
    }
    if (unwritten != null) {
      throw unwritten;
    }
    return end(drained, seconds, tap == null ? 0 : tap.missed());
  }

  /// Waits for the end, and says after a while how to bring it about if it may never come.
  private void await(Feed feed, @Nullable Duration limit, PrintWriter err)
      throws InterruptedException {
    if (limit != null) {
      var _ = stop.await(limit.toMillis(), TimeUnit.MILLISECONDS);
      return;
    }
    if (feed.hasNoEnd() && !stop.await(SILENT_SECONDS, TimeUnit.SECONDS)) {
      err.println(sound.name() + " runs; Ctrl-C drains it");
    }
    stop.await();
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
    return new End(pipeline.report(), sentence, code);
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
    long count = 0;
    try {
      while (!tap.ended()) {
        var event = tap.poll(Duration.ofSeconds(1));
        if (event != null) {
          out.write(event.frame());
          written = ++count;
        }
      }
    } catch (InterruptedException over) {
      Thread.currentThread().interrupt();
    } catch (ExitException failure) {
      unwritten = failure;
      stop.countDown();
    }
  }

  /// Waits for the reader when it is far behind: a tap that is full leaves frames out.
  private void letReaderCatchUp(Tap tap) throws InterruptedException {
    while (shown() - written - tap.missed() > MOST_BEHIND && stop.getCount() > 0) {
      var _ = stop.await(1, TimeUnit.MILLISECONDS);
    }
  }

  /// How many frames of the collected node have come by.
  private long shown() {
    var node = collected.orElseThrow();
    boolean sink = node.type().role() == NodeType.Role.SINK;
    return pipeline.snapshot().nodes().stream()
        .filter(line -> line.id().equals(node.id()))
        .mapToLong(line -> sink ? line.framesIn() : line.framesOut())
        .sum();
  }

  private void feed(Feed feed, @Nullable Tap tap) {
    try {
      boolean stopped = false;
      long start = System.nanoTime();
      for (long i = 0; i < feed.most() && !stopped; i++) {
        if (tap != null && i % LOOK_EVERY == 0) {
          letReaderCatchUp(tap);
        }
        pipeline.trigger(feed.trigger().apply(i));
        // From the first one, so that what a trigger takes does not add up.
        long due = start + TimeUnit.MILLISECONDS.toNanos((i + 1) * feed.intervalMillis());
        stopped = i + 1 < feed.most() && stop.await(due - System.nanoTime(), TimeUnit.NANOSECONDS);
      }
      if (feed.endsRun()) {
        stop.countDown();
      }
    } catch (ProblemException ended) {
      stop.countDown(); // it has failed or is being stopped; the drain says which
    } catch (InterruptedException over) {
      Thread.currentThread().interrupt();
    }
  }
}
