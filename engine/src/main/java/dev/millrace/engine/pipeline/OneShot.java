package dev.millrace.engine.pipeline;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.node.Node;
import dev.millrace.core.node.Progress;
import dev.millrace.core.node.ReadableSink;
import dev.millrace.core.node.TriggeredSource;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.time.Clock;
import dev.millrace.engine.flow.NodeFailure;
import dev.millrace.engine.flow.NodeStats;
import dev.millrace.engine.flow.SoloStage;
import dev.millrace.engine.flow.Stage;
import dev.millrace.engine.flow.Tracing;
import dev.millrace.engine.graph.Graph;
import dev.millrace.engine.graph.GraphNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// Runs a graph on its caller's thread, without queues: a few frames enter at the entries, and each
/// node handles all of its frames before the next one begins, in topological order. Every call has
/// instances of its own, so equal calls come to equal results. For tests of graphs and for a single
/// run from a command line; what flows is held in memory.
///
/// A node fails as in a pipeline, by [Stage]; the first failure that nothing handles ends the run.
/// Sources that take no triggers run to their end, or to a limit, and are then asked to end.
public final class OneShot {
  private static final int FRAMES_PER_POLL = 64;

  private final String name;
  private final Graph graph;
  private final Clock clock;
  private final PipelineServices services;
  private final Limits limits;

  /// How much a source may make, and how long a node may be waited for.
  public record Limits(int framesPerSource, Duration patience) {
    public static final Limits DEFAULT = new Limits(10_000, Duration.ofSeconds(10));

    public Limits {
      if (framesPerSource < 1) {
        throw new IllegalArgumentException("framesPerSource " + framesPerSource + " < 1");
      }
    }
  }

  /// What came of a run: by node, in the order they ran, the frames it emitted, or keeps if it
  /// keeps them for readers, oldest first; up to the first failure, if there was one.
  public record Result(Map<String, List<Frame>> frames, @Nullable NodeFailure failure) {}

  public OneShot(String name, Graph graph, Clock clock, PipelineServices services, Limits limits) {
    this.name = name;
    this.graph = graph;
    this.clock = clock;
    this.services = services;
    this.limits = limits;
  }

  /// One empty frame into every entry; the result has all nodes.
  ///
  /// @throws ProblemException naming the node that could not be made or opened
  public Result executeOnce() throws ProblemException, InterruptedException {
    var all = new LinkedHashSet<String>();
    graph.nodes().forEach(node -> all.add(node.id()));
    return execute(List.of(Frame.trigger(0, 0)), all);
  }

  /// `triggers` into every entry; the result has the nodes that are in `chosen`.
  public Result execute(List<Frame> triggers, Set<String> chosen)
      throws ProblemException, InterruptedException {
    var run = new Run(triggers, chosen);
    try {
      run.open();
      return run.go();
    } finally {
      run.close();
    }
  }

  /// One execution. Confined to its caller's thread, except for wake-ups.
  private final class Run {
    private final List<Frame> triggers;
    private final Set<String> chosen;
    private final List<Solo> solos = new ArrayList<>(); // in topological order
    private final Map<Integer, List<Frame>> waiting = new LinkedHashMap<>(); // by node index
    private final Map<String, List<Frame>> results = new LinkedHashMap<>();

    Run(List<Frame> triggers, Set<String> chosen) throws ProblemException {
      this.triggers = triggers;
      this.chosen = chosen;
      var tracing = new Tracing(name, () -> 0);
      for (var node : graph.order()) {
        solos.add(new Solo(node, tracing));
      }
    }

    /// The last nodes first.
    void open() throws ProblemException {
      for (var solo : solos.reversed()) {
        try {
          solo.stage.open(solo.context);
        } catch (Throwable failure) {
          if (failure instanceof InterruptedException) {
            Thread.currentThread().interrupt();
          }
          throw new ProblemException(Instances.notOpened(name, solo.node, failure), failure);
        }
      }
    }

    Result go() throws InterruptedException {
      NodeFailure failure = null;
      for (var solo : solos) {
        try {
          handle(solo);
        } catch (NodeFailure thrown) {
          failure = thrown;
        }
        handOn(solo);
        if (failure != null) {
          break;
        }
      }
      return new Result(results, failure);
    }

    void close() {
      solos.forEach(solo -> solo.stage.close());
    }

    private void handle(Solo solo) throws NodeFailure, InterruptedException {
      var input = waiting.remove(solo.node.index());
      if (solo.instance instanceof TriggeredSource) {
        for (var frame : triggers) {
          solo.stage.trigger(frame);
        }
      } else if (solo.node.isSource()) {
        solo.runSource();
      } else {
        var frames = graph.isEntry(solo.node) ? triggers : input == null ? List.<Frame>of() : input;
        solo.awaitReady();
        if (!frames.isEmpty()) {
          solo.stage.process(frames);
        }
        solo.awaitReady();
        solo.stage.finish();
      }
    }

    private void handOn(Solo solo) {
      solo.collect();
      for (var edge : graph.outgoing(solo.node)) {
        waiting.computeIfAbsent(edge.to(), index -> new ArrayList<>()).addAll(solo.made);
      }
      if (chosen.contains(solo.node.id())) {
        results.put(
            solo.node.id(),
            solo.instance instanceof ReadableSink sink
                ? sink.frames()
                : solo.made.stream().map(Frame::detach).toList());
      }
    }
  }

  /// One node of an execution.
  private final class Solo {
    private final GraphNode node;
    private final Node instance;
    private final RunningNode context;
    private final SoloStage stage;
    private final Semaphore woken = new Semaphore(0); // released by the node and by timers
    private final List<Frame> made = new ArrayList<>();

    Solo(GraphNode node, Tracing tracing) throws ProblemException {
      this.node = node;
      this.instance = Instances.make(name, node);
      this.context =
          new RunningNode(
              name, node.id(), clock, services, stream -> OptionalLong.empty(), graph.inputs(node));
      context.wakes(woken::release);
      var stats = new NodeStats(services.metrics(), name, node.id());
      this.stage = new SoloStage(new Stage(node.id(), instance, stats, clock, tracing));
    }

    /// Takes over what the node has emitted.
    void collect() {
      made.addAll(stage.take());
    }

    void awaitReady() throws NodeFailure, InterruptedException {
      long until = clock.nanoTime() + limits.patience().toNanos();
      while (!stage.ready()) {
        if (!waits(until)) {
          throw new NodeFailure(
              node.id(),
              "ready",
              NodeFailure.NO_SEQUENCE,
              null,
              new TimeoutException("it was not ready for " + limits.patience()));
        }
      }
    }

    /// Polls until the source has ended; asks it to, when it has made enough or nothing for long.
    void runSource() throws NodeFailure, InterruptedException {
      Progress progress = Progress.MORE;
      long until = clock.nanoTime() + limits.patience().toNanos();
      boolean draining = false;
      while (!(progress instanceof Progress.Done)) {
        boolean enough = made.size() >= limits.framesPerSource() || clock.nanoTime() - until >= 0;
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
              var _ = waits(Math.min(nanos, until));
            }
            case Progress.Await() -> {
              var _ = waits(until);
            }
            case Progress.More(), Progress.Done() -> {}
          }
        }
        int left = Math.max(1, limits.framesPerSource() - made.size());
        progress = stage.poll(Math.min(FRAMES_PER_POLL, left));
        collect();
      }
    }

    /// Waits for a wake-up until `nanos` on the clock's scale.
    ///
    /// @return false if the time has passed
    private boolean waits(long nanos) throws InterruptedException {
      long delay = nanos - clock.nanoTime();
      if (delay <= 0) {
        return false;
      }
      var timer = clock.after(Duration.ofNanos(delay), woken::release);
      woken.acquire();
      timer.cancel();
      woken.drainPermits();
      return true;
    }
  }
}
