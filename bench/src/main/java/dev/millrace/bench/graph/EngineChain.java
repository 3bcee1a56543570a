package dev.millrace.bench.graph;

import dev.millrace.core.document.Documents;
import dev.millrace.core.frame.Frame;
import dev.millrace.core.metric.Metrics;
import dev.millrace.core.node.NodeCatalogue;
import dev.millrace.core.node.NodeType;
import dev.millrace.core.node.Outlet;
import dev.millrace.core.node.Processor;
import dev.millrace.core.node.Progress;
import dev.millrace.core.node.Source;
import dev.millrace.core.node.SourcePosition;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.problem.Problems;
import dev.millrace.core.signal.SignalBus;
import dev.millrace.core.time.SystemClock;
import dev.millrace.engine.graph.Graph;
import dev.millrace.engine.pipeline.Pipeline;
import dev.millrace.engine.pipeline.PipelineServices;
import dev.millrace.engine.pipeline.PipelineState;
import dev.millrace.engine.schedule.EngineRuntime;
import dev.millrace.engine.schedule.EngineSpec;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Three stages as a graph of the engine: a document is compiled, the nodes fuse into one chain, a
/// worker runs it; frames are counted and positions told, as in production.
final class EngineChain implements AutoCloseable {
  private static final String DOCUMENT =
      """
      {
        "nodes": [
          {"id": "make", "type": "make"},
          {"id": "change", "type": "change"},
          {"id": "reduce", "type": "reduce"}
        ],
        "connections": [
          {"from": "make", "to": "change"},
          {"from": "change", "to": "reduce"}
        ]
      }
      """;

  private final SystemClock clock = new SystemClock();
  private final Metrics metrics = new Metrics();
  private final SignalBus signals = new SignalBus(1_024, clock, metrics);
  private final EngineRuntime runtime =
      new EngineRuntime(EngineSpec.DEFAULT.withWorkers(1), clock, metrics).start();
  private final PipelineServices services =
      new PipelineServices(metrics, signals, Path.of("."), false);
  private final Graph graph;

  // The sink of the last run; written when a pipeline makes its nodes, read after it has ended.
  private Reduce reduce = new Reduce();

  EngineChain() {
    var catalogue =
        new NodeCatalogue(
            List.of(
                NodeType.source("make", "Makes frames", NoConfig.class, config -> new Make()),
                NodeType.transform("change", "Changes", NoConfig.class, config -> new Change()),
                NodeType.sink("reduce", "Sums up", NoConfig.class, config -> freshReduce())));
    var problems = new Problems();
    graph =
        Documents.parse("bench", DOCUMENT.getBytes(StandardCharsets.UTF_8), problems)
            .flatMap(document -> Graph.read(document, catalogue, problems))
            .orElseThrow(() -> new IllegalStateException(problems.toString()));
    if (graph.chains().size() != 1) {
      throw new IllegalStateException("the three stages are not fused: " + graph.chains());
    }
  }

  /// Starts a pipeline, lets it run to its end, and returns its sum.
  long run() throws ProblemException, InterruptedException {
    try (var pipeline = new Pipeline("bench", graph, runtime, services)) {
      pipeline.start();
      var end = pipeline.awaitEnd();
      if (!(end instanceof PipelineState.Completed)) {
        throw new IllegalStateException("the pipeline ended as " + end, pipeline.failure());
      }
      return reduce.sum;
    }
  }

  @Override
  public void close() {
    runtime.close();
    signals.close();
    clock.close();
  }

  private Reduce freshReduce() {
    reduce = new Reduce();
    return reduce;
  }

  record NoConfig() {}

  private static final class Make implements Source {
    private int next;

    @Override
    public Progress poll(Outlet outlet, int limit) {
      int end = Math.min(next + limit, Work.FRAMES);
      while (next < end) {
        outlet.emit(Work.make(next++));
      }
      return next < Work.FRAMES ? Progress.MORE : Progress.DONE;
    }

    @Override
    public @Nullable SourcePosition position() {
      return SourcePosition.exact("bench", next);
    }
  }

  private static final class Change implements Processor {
    @Override
    public void process(Frame frame, Outlet outlet) {
      outlet.emit(Work.change(frame));
    }
  }

  private static final class Reduce implements Processor {
    private long sum; // confined to the chain; read after the pipeline has ended

    @Override
    public void process(Frame frame, Outlet outlet) {
      sum = Work.reduce(sum, frame);
    }
  }
}
