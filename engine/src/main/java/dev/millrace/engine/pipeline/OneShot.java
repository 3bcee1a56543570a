package dev.millrace.engine.pipeline;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.SamplePool;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.time.Clock;
import dev.millrace.engine.flow.NodeFailure;
import dev.millrace.engine.flow.Tracing;
import dev.millrace.engine.graph.Graph;
import dev.millrace.engine.graph.test.GraphRunner;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Runs a graph on its caller's thread, without queues: a few frames enter at the entries, and each
/// node handles all of its frames, in batches, before the next one begins, in topological order.
/// Every call has instances of its own, so equal calls come to equal results. For tests of graphs
/// and for a single run from a command line; what flows is held in memory.
///
/// A node fails and is supervised as in a pipeline, its retries waiting on the caller's thread;
/// branches and dead letters go their ways. The first failure that nothing handles ends the run.
/// Sources that take no triggers run to their end, or to a limit, and are then asked to end; the
/// others handle their triggers. As there are no queues, edges that may drop lose nothing;
/// positions are not told to sinks.
public final class OneShot {
  private static final int IDLE_ARRAYS = 1_024; // of one length, that wait for use

  private final Graph graph;
  private final Setting setting;

  /// How much a source may make, and how long a node may be waited for.
  public record Limits(int framesPerSource, Duration patience) {
    public static final Limits DEFAULT = new Limits(10_000, Duration.ofSeconds(10));

    public Limits {
      if (framesPerSource < 1) {
        throw new IllegalArgumentException("framesPerSource " + framesPerSource + " < 1");
      }
    }
  }

  /// What came of a run. `frames`: by node, in the order they ran, those it keeps for readers, or
  /// was given if it is a sink, or else emitted, oldest first, up to the first failure, if there
  /// was one; they have samples of their own. `metrics`: what each node of the graph has counted,
  /// in document order.
  public record Result(
      Map<String, List<Frame>> frames,
      Map<String, NodeMetrics> metrics,
      @Nullable NodeFailure failure) {

    /// The counts as text for people.
    public String report() {
      return NodeMetrics.report(metrics.values());
    }
  }

  /// What all nodes of a run have in common.
  record Setting(
      String name,
      Clock clock,
      PipelineServices services,
      Limits limits,
      SamplePool samples,
      Tracing tracing) {}

  public OneShot(String name, Graph graph, Clock clock, PipelineServices services, Limits limits) {
    this(name, graph, clock, services, limits, new SamplePool(IDLE_ARRAYS, false));
  }

  /// Nodes are lent arrays of `samples`; all are back when a run has ended.
  public OneShot(
      String name,
      Graph graph,
      Clock clock,
      PipelineServices services,
      Limits limits,
      SamplePool samples) {
    this.graph = graph;
    this.setting = new Setting(name, clock, services, limits, samples, new Tracing(name, () -> 0));
  }

  /// Runs the tests of graphs, each as a run of its own; what it throws is the run's failure.
  public static GraphRunner runner(Clock clock, PipelineServices services, Limits limits) {
    return (graph, frames, into, targets) -> {
      var name = graph.name().isEmpty() ? "test" : graph.name();
      var result = new OneShot(name, graph, clock, services, limits).execute(frames, into, targets);
      if (result.failure() != null) {
        throw result.failure();
      }
      return result.frames();
    };
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
  ///
  /// @throws ProblemException naming the node that could not be made or opened, or about a frame
  ///     that is too large
  public Result execute(List<Frame> triggers, Set<String> chosen)
      throws ProblemException, InterruptedException {
    return execute(triggers, null, chosen);
  }

  /// The same, with `triggers` going into the entry `into` alone, unless that is null.
  public Result execute(List<Frame> triggers, @Nullable String into, Set<String> chosen)
      throws ProblemException, InterruptedException {
    for (var frame : triggers) {
      Entries.refuseTooLarge(setting.name(), graph.settings().sampleLimit(), frame);
    }
    var run = new Run(chosen);
    try {
      run.open();
      run.enter(triggers, into);
      return run.go();
    } finally {
      run.close();
    }
  }

  /// One execution. Confined to its caller's thread.
  private final class Run {
    private final Set<String> chosen;
    private final List<SoloNode> nodes = new ArrayList<>(); // in topological order
    private final SoloNode[] byIndex = new SoloNode[graph.nodes().size()];
    private final Map<String, List<Frame>> results = new LinkedHashMap<>();

    Run(Set<String> chosen) throws ProblemException {
      this.chosen = chosen;
      for (var node : graph.order()) {
        var solo = new SoloNode(setting, graph, node);
        nodes.add(solo);
        byIndex[node.index()] = solo;
      }
    }

    /// The last nodes first.
    void open() throws ProblemException {
      for (var solo : nodes.reversed()) {
        try {
          solo.open();
        } catch (Throwable failure) {
          if (failure instanceof InterruptedException) {
            Thread.currentThread().interrupt();
          }
          throw new ProblemException(
              Instances.notOpened(setting.name(), solo.node(), failure), failure);
        }
      }
    }

    void enter(List<Frame> triggers, @Nullable String into) {
      for (var solo : nodes) {
        boolean meant = into == null || into.equals(solo.node().id());
        if (meant && (graph.isEntry(solo.node()) || solo.isTriggered())) {
          triggers.forEach(frame -> solo.stage().give(frame.detach(), 0));
        }
      }
    }

    Result go() throws InterruptedException {
      var limit = graph.settings().deadline();
      var deadline = limit == null ? null : setting.clock().nanoTime() + limit.toNanos();
      for (var solo : nodes) {
        NodeFailure failure = null;
        boolean shown = chosen.contains(solo.node().id());
        try {
          solo.handle(shown, deadline);
        } catch (NodeFailure thrown) {
          failure = thrown;
        }
        if (shown) {
          results.put(solo.node().id(), solo.frames());
        }
        if (failure != null) {
          return new Result(results, metrics(), failure);
        }
        handOn(solo);
      }
      return new Result(results, metrics(), null);
    }

    private Map<String, NodeMetrics> metrics() {
      var counts = new LinkedHashMap<String, NodeMetrics>();
      for (var node : graph.nodes()) {
        counts.put(node.id(), NodeMetrics.of(node, byIndex[node.index()].stage().stats()));
      }
      return counts;
    }

    void close() {
      nodes.forEach(solo -> solo.stage().close());
    }

    private void handOn(SoloNode solo) {
      var stage = solo.stage();
      for (var edge : graph.outgoing(solo.node())) {
        var next = graph.nodes().get(edge.to());
        int input = graph.incoming(next).indexOf(edge);
        stage.handTo(byIndex[edge.to()].stage(), input, edge.branch());
      }
      graph
          .deadLetters(solo.node())
          .ifPresent(
              taker ->
                  stage.lettersTo(byIndex[taker.index()].stage(), graph.incoming(taker).size()));
      stage.handedOn();
    }
  }
}
