package dev.millrace.engine.pipeline;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.node.NodeType;
import dev.millrace.core.node.Progress;
import dev.millrace.core.node.ReadableSink;
import dev.millrace.core.node.SourcePosition;
import dev.millrace.core.node.TriggeredSource;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.time.Clock;
import dev.millrace.engine.flow.NodeFailure;
import dev.millrace.engine.flow.NodeStats;
import dev.millrace.engine.flow.SoloStage;
import dev.millrace.engine.flow.Stage;
import dev.millrace.engine.graph.Graph;
import dev.millrace.engine.graph.GraphNode;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// One node of a one-shot run: how long it is asked and waited for. Confined to the run's thread.
final class SoloNode {
  private static final int FRAMES_PER_POLL = 64;

  private final GraphNode node;
  private final OneShot.Limits limits;
  private final Clock clock;
  private final RunningNode context;
  private final SoloStage stage;
  private final List<Frame> given = new ArrayList<>(); // to a sink that somebody asks about
  private @Nullable SourcePosition position; // that a source has come to

  SoloNode(OneShot.Setting setting, Graph graph, GraphNode node) throws ProblemException {
    this.node = node;
    this.limits = setting.limits();
    this.clock = setting.clock();
    var services = setting.services();
    this.context =
        new RunningNode(
            setting.name(), node.id(), clock, services, this::reached, graph.inputs(node), null);
    var inner =
        new Stage(
            node.id(),
            Instances.make(setting.name(), node),
            new NodeStats(services.metrics(), setting.name(), node.id()),
            clock,
            setting.tracing(),
            node.fresh(),
            node.supervision(),
            services.metrics());
    var time = node.eventTime();
    if (time != null) {
      inner.tellsTimeBy(time.source(services.metrics(), setting.name(), node.id()));
    }
    var samples = graph.settings().sampleLimit();
    if (samples != null) {
      inner.limit(samples);
    }
    context.tellsTime(inner::watermarkMicros);
    this.stage = new SoloStage(inner, clock, graph.deadLetters(node).isPresent());
    context.wakes(stage::wake);
    context.lends(stage.wire(setting.samples()));
  }

  GraphNode node() {
    return node;
  }

  SoloStage stage() {
    return stage;
  }

  boolean isTriggered() {
    return stage.node() instanceof TriggeredSource;
  }

  void open() throws Exception {
    stage.open(context);
  }

  /// Everything this node has to do in the run, before `deadlineNanos`, if there is one.
  void handle(boolean shown, @Nullable Long deadlineNanos)
      throws NodeFailure, InterruptedException {
    if (node.isSource()) {
      while (stage.hasWaiting()) {
        inTime(deadlineNanos);
        stage.trigger();
      }
      if (!isTriggered()) {
        runSource(deadlineNanos);
      }
      return;
    }
    do {
      inTime(deadlineNanos);
      awaitReady();
      if (stage.hasWaiting()) {
        note(shown);
        stage.process();
      }
    } while (stage.hasWaiting());
    awaitReady();
    stage.finish();
  }

  /// What the node shows of the run: what it keeps, what a sink was given, else what it made.
  List<Frame> frames() {
    if (stage.node() instanceof ReadableSink sink) {
      return sink.frames();
    }
    return node.type().role() == NodeType.Role.SINK
        ? List.copyOf(given)
        : stage.made().stream().map(Frame::detach).toList();
  }

  private void note(boolean shown) {
    if (shown && node.type().role() == NodeType.Role.SINK) {
      stage.nextBatch().forEach(frame -> given.add(frame.detach()));
    }
  }

  private void awaitReady() throws NodeFailure, InterruptedException {
    long until = clock.nanoTime() + limits.patience().toNanos();
    while (!stage.ready()) {
      if (!stage.await(until)) {
        throw late("ready", "it was not ready for " + limits.patience());
      }
    }
  }

  private void inTime(@Nullable Long deadlineNanos) throws NodeFailure {
    if (deadlineNanos != null && clock.nanoTime() - deadlineNanos >= 0) {
      throw late("its run", "the run took longer than its deadline");
    }
  }

  private NodeFailure late(String doing, String sentence) {
    return new NodeFailure(
        node.id(), doing, NodeFailure.NO_SEQUENCE, null, new TimeoutException(sentence));
  }

  /// Polls until the source has ended; asks it to, when it has made enough or nothing for long.
  private void runSource(@Nullable Long deadlineNanos) throws NodeFailure, InterruptedException {
    Progress progress = Progress.MORE;
    long until = clock.nanoTime() + limits.patience().toNanos();
    boolean draining = false;
    while (!(progress instanceof Progress.Done)) {
      inTime(deadlineNanos);
      boolean enough =
          stage.madeCount() >= limits.framesPerSource() || clock.nanoTime() - until >= 0;
      if (enough && draining) {
        return;
      }
      if (enough) {
        stage.drain();
        draining = true;
        until = clock.nanoTime() + limits.patience().toNanos();
      } else if (!draining) {
        switch (progress) {
          case Progress.At(var nanos) -> {
            var _ = stage.await(Math.min(nanos, until));
          }
          case Progress.Await() -> {
            var _ = stage.await(until);
          }
          case Progress.More(), Progress.Done() -> {}
        }
      }
      int left = Math.max(1, limits.framesPerSource() - stage.madeCount());
      progress = stage.poll(Math.min(FRAMES_PER_POLL, left));
      position = stage.position();
    }
  }

  /// A fresh instance goes on where the old one was.
  private OptionalLong reached(String stream) {
    var now = position;
    return now != null && now.stream().equals(stream)
        ? OptionalLong.of(now.ordinal())
        : OptionalLong.empty();
  }
}
