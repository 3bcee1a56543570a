package dev.millrace.control.telemetry;

import dev.millrace.core.node.NodeType;
import dev.millrace.engine.graph.GraphNode;
import dev.millrace.engine.pipeline.Pipeline;
import dev.millrace.engine.pipeline.PipelineSnapshot;
import dev.millrace.engine.pipeline.PipelineState;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A pipeline at one moment: its figures and the shape of its graph. `sources` are ids of nodes;
/// `links` are all edges, also those without a queue.
public record PipelineView(PipelineSnapshot snapshot, Set<String> sources, List<Link> links) {

  /// An edge between the nodes of two ids: the only branch that goes this way, null for all, and
  /// what it does when it is full (`block`, `drop_oldest`, `drop_newest`).
  public record Link(String from, String to, @Nullable String branch, String strategy) {

    /// One that takes every frame and keeps it.
    public Link(String from, String to) {
      this(from, to, null, "block");
    }
  }

  public PipelineView {
    sources = Set.copyOf(sources);
    links = List.copyOf(links);
  }

  public static PipelineView of(Pipeline pipeline) {
    var nodes = pipeline.graph().nodes();
    return new PipelineView(
        pipeline.snapshot(),
        nodes.stream()
            .filter(node -> node.type().role() == NodeType.Role.SOURCE)
            .map(GraphNode::id)
            .collect(Collectors.toUnmodifiableSet()),
        pipeline.graph().edges().stream()
            .map(
                edge ->
                    new Link(
                        nodes.get(edge.from()).id(),
                        nodes.get(edge.to()).id(),
                        edge.branch(),
                        edge.overflow().name().toLowerCase(Locale.ROOT)))
            .toList());
  }

  public String name() {
    return snapshot.name();
  }

  /// Events its sources have emitted.
  long eventsRead() {
    return snapshot.nodes().stream()
        .filter(node -> sources.contains(node.id()))
        .mapToLong(PipelineSnapshot.NodeLine::framesOut)
        .sum();
  }

  long errors() {
    return snapshot.nodes().stream().mapToLong(PipelineSnapshot.NodeLine::errors).sum();
  }

  long rejected() {
    return snapshot.nodes().stream().mapToLong(PipelineSnapshot.NodeLine::rejected).sum();
  }

  /// Why it failed, or what a node says keeps it from working; null when all is well.
  @Nullable String error() {
    if (snapshot.state() instanceof PipelineState.Error(var message, var recoverable)) {
      return message;
    }
    for (var node : snapshot.nodes()) {
      if (node.trouble() != null) {
        return node.id() + ": " + node.trouble();
      }
    }
    return null;
  }
}
