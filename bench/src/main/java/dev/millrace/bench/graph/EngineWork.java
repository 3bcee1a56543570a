package dev.millrace.bench.graph;

import dev.millrace.core.problem.ProblemException;
import dev.millrace.engine.graph.Graph;

/// Three stages as a graph of the engine: a document is compiled, workers run its chains; frames
/// are counted and positions told, as in production.
final class EngineWork implements AutoCloseable {
  private final WorkNodes nodes = new WorkNodes(Work.FRAMES);
  private final Graph graph;
  private final EngineHost host;

  private EngineWork(String settings, int chains, int workers) {
    graph = EngineHost.read(document(settings), nodes.catalogue());
    if (graph.chains().size() != chains) {
      throw new IllegalStateException("not " + chains + " chains but " + graph.chains());
    }
    host = new EngineHost(workers);
  }

  /// One chain of three nodes without a queue between them, on one worker.
  static EngineWork fused() {
    return new EngineWork("{}", 1, 1);
  }

  /// Three chains with two channels of `capacity` frames, on `workers` workers; 0 takes one per
  /// core.
  static EngineWork queued(int capacity, int workers) {
    return new EngineWork(
        "{\"fusion\": \"off\", \"channel_capacity\": " + capacity + "}", 3, workers);
  }

  /// Runs a pipeline to its end and returns its sum.
  long run() throws ProblemException, InterruptedException {
    var _ = host.run(graph);
    return nodes.sum();
  }

  @Override
  public void close() {
    host.close();
  }

  private static String document(String settings) {
    return """
    {
      "pipeline_config": %s,
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
    """
        .formatted(settings);
  }
}
