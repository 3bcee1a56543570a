package dev.millrace.bench.graph;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.node.NodeCatalogue;
import dev.millrace.core.node.NodeType;
import dev.millrace.core.node.Outlet;
import dev.millrace.core.node.Progress;
import dev.millrace.core.node.Source;
import dev.millrace.core.node.SourcePosition;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.engine.graph.Graph;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A generator, two gains and a sink that keeps the last frames: 1,024 samples a frame, with the
/// product's own nodes, fed with triggers as fast as they are taken.
final class SampleChain implements AutoCloseable {
  /// Frames of one run.
  static final int FRAMES = 1 << 15;

  private static final List<String> TYPES = List.of("SineGenerator", "Gain", "Collect");

  private final Graph graph;
  private final EngineHost host;

  private SampleChain(NodeCatalogue product, String fusion, int workers) {
    graph = EngineHost.read(document(fusion), withTriggers(product));
    host = new EngineHost(workers);
  }

  /// One chain on one worker.
  static SampleChain fused(NodeCatalogue product) {
    return new SampleChain(product, "auto", 1);
  }

  /// A chain per node, with channels of the default capacity, on a worker per core.
  static SampleChain queued(NodeCatalogue product) {
    return new SampleChain(product, "off", 0);
  }

  /// Says what keeps the chain from being measured; empty when nothing does.
  static Optional<String> missing(NodeCatalogue product) {
    var missing = TYPES.stream().filter(type -> product.find(type).isEmpty()).toList();
    return missing.isEmpty()
        ? Optional.empty()
        : Optional.of("the product has no node type " + String.join(", ", missing) + " yet");
  }

  /// Sends all frames through.
  ///
  /// @return how many the last node has taken in
  /// @throws IllegalStateException if those are not all
  long run() throws ProblemException, InterruptedException {
    long arrived = host.run(graph).nodes().getLast().framesIn();
    if (arrived != FRAMES) {
      throw new IllegalStateException(arrived + " of " + FRAMES + " frames arrived");
    }
    return arrived;
  }

  @Override
  public void close() {
    host.close();
  }

  private static NodeCatalogue withTriggers(NodeCatalogue product) {
    var types = new ArrayList<NodeType<?>>(product.types());
    types.add(
        NodeType.source("triggers", "Triggers", WorkNodes.NoConfig.class, none -> new Triggers()));
    return new NodeCatalogue(types);
  }

  private static String document(String fusion) {
    return """
    {
      "pipeline_config": {"fusion": "%s"},
      "nodes": [
        {"id": "triggers", "type": "triggers"},
        {"id": "sine", "type": "SineGenerator", "config": {"frame_size": 1024}},
        {"id": "up", "type": "Gain", "config": {"gain": 2.5}},
        {"id": "down", "type": "Gain", "config": {"gain": 0.4}},
        {"id": "collect", "type": "Collect", "config": {"max_frames": 16}}
      ],
      "connections": [
        {"from": "triggers", "to": "sine"},
        {"from": "sine", "to": "up"},
        {"from": "up", "to": "down"},
        {"from": "down", "to": "collect"}
      ]
    }
    """
        .formatted(fusion);
  }

  private static final class Triggers implements Source {
    private int next;

    @Override
    public Progress poll(Outlet outlet, int limit) {
      int end = Math.min(next + limit, FRAMES);
      while (next < end) {
        outlet.emit(Frame.trigger(next, next++));
      }
      return next < FRAMES ? Progress.MORE : Progress.DONE;
    }

    @Override
    public @Nullable SourcePosition position() {
      return null;
    }
  }
}
