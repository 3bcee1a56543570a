package dev.millrace.bench.graph;

import dev.millrace.core.document.Documents;
import dev.millrace.core.metric.Metrics;
import dev.millrace.core.node.NodeCatalogue;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.problem.Problems;
import dev.millrace.core.signal.SignalBus;
import dev.millrace.core.time.SystemClock;
import dev.millrace.engine.graph.Graph;
import dev.millrace.engine.pipeline.Pipeline;
import dev.millrace.engine.pipeline.PipelineServices;
import dev.millrace.engine.pipeline.PipelineSnapshot;
import dev.millrace.engine.pipeline.PipelineState;
import dev.millrace.engine.schedule.EngineRuntime;
import dev.millrace.engine.schedule.EngineSpec;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// The engine as production has it, and nothing else of the product: workers, timers, metrics. Runs
/// graphs one after the other, each to its end. For one thread.
final class EngineHost implements AutoCloseable {
  private final SystemClock clock = new SystemClock();
  private final Metrics metrics = new Metrics();
  private final SignalBus signals = new SignalBus(1_024, clock, metrics);
  private final EngineRuntime runtime;
  private final PipelineServices services =
      new PipelineServices(metrics, signals, Path.of("."), false);

  /// `workers` as in the configuration: 0 takes one per core.
  EngineHost(int workers) {
    runtime = new EngineRuntime(EngineSpec.DEFAULT.withWorkers(workers), clock, metrics).start();
  }

  /// Reads and validates a graph document.
  ///
  /// @throws IllegalStateException with every problem of a document that is not valid
  static Graph read(String document, NodeCatalogue catalogue) {
    var problems = new Problems();
    return Documents.parse("bench", document.getBytes(StandardCharsets.UTF_8), problems)
        .flatMap(tree -> Graph.read(tree, catalogue, problems))
        .orElseThrow(() -> new IllegalStateException(problems.toString()));
  }

  /// Starts a pipeline, lets it run to its end, and returns what it counted.
  PipelineSnapshot run(Graph graph) throws ProblemException, InterruptedException {
    try (var pipeline = new Pipeline("bench", graph, runtime, services)) {
      pipeline.start();
      var end = pipeline.awaitEnd();
      if (!(end instanceof PipelineState.Completed)) {
        throw new IllegalStateException("the pipeline ended as " + end, pipeline.failure());
      }
      return pipeline.snapshot();
    }
  }

  @Override
  public void close() {
    runtime.close();
    signals.close();
    clock.close();
  }
}
