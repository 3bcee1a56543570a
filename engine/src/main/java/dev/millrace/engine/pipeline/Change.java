package dev.millrace.engine.pipeline;

import dev.millrace.core.node.Execution;
import dev.millrace.core.node.Joining;
import dev.millrace.engine.graph.Alike;
import dev.millrace.engine.graph.Graph;
import dev.millrace.engine.graph.GraphNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// How one graph differs from another, node by node. Pure.
record Change(
    Graph from,
    Graph to,
    List<String> kept,
    List<String> changed,
    List<String> added,
    List<String> removed) {

  static Change between(Graph from, Graph to) {
    var kept = new ArrayList<String>();
    var changed = new ArrayList<String>();
    var added = new ArrayList<String>();
    for (var node : to.nodes()) {
      var old = from.find(node.id());
      var list = old.isEmpty() ? added : stays(from, old.get(), to, node) ? kept : changed;
      list.add(node.id());
    }
    var removed =
        from.nodes().stream().map(GraphNode::id).filter(id -> to.find(id).isEmpty()).toList();
    return new Change(from, to, kept, changed, added, removed);
  }

  /// A node with a thread of its own keeps it only with its place: the thread is its chain's, as
  /// are several instances. One that tells its inputs apart was told of them when it was opened.
  private static boolean stays(Graph from, GraphNode old, Graph to, GraphNode node) {
    return Alike.nodes(old, node)
        && (from.inputs(old).equals(to.inputs(node)) || !(node.fresh().get() instanceof Joining))
        && ((node.execution() == Execution.INLINE && node.workersMax() == 1)
            || from.isEntry(old) == to.isEntry(node));
  }

  Set<String> staying() {
    return new HashSet<>(kept);
  }

  boolean isNone() {
    return changed.isEmpty()
        && added.isEmpty()
        && removed.isEmpty()
        && Alike.settings(from.settings(), to.settings())
        && edges(from).equals(edges(to));
  }

  /// Why the change takes another run; empty if it does not.
  Optional<String> needsNewRun() {
    if (!Alike.settings(from.settings(), to.settings())) {
      return Optional.of("its pipeline_config changes");
    }
    if (to.nodes().isEmpty()) {
      return Optional.of("no node is left");
    }
    for (var node : from.nodes()) {
      boolean leaves = changed.contains(node.id()) || removed.contains(node.id());
      if (leaves && node.isSource() && node.execution() != Execution.INLINE) {
        return Optional.of("the source " + node.id() + " must deliver what its peers have sent");
      }
      if (leaves && node.execution() == Execution.NATIVE) {
        var same = comesLike(node);
        if (same.isPresent()) {
          return Optional.of(
              node.id() + " and " + same.get() + " may write the same file, one after the other");
        }
      }
    }
    return Optional.empty();
  }

  /// A node that comes and is of the type of `node`. What a node with native execution holds, such
  /// as a file, one instance alone may hold, and the new one is open before the old one is closed.
  private Optional<String> comesLike(GraphNode node) {
    return to.nodes().stream()
        .filter(other -> changed.contains(other.id()) || added.contains(other.id()))
        .filter(other -> other.type().name().equals(node.type().name()))
        .map(GraphNode::id)
        .findFirst();
  }

  private static Map<Link.Place, Integer> edges(Graph graph) {
    var counts = new HashMap<Link.Place, Integer>();
    for (var edge : graph.edges()) {
      var place =
          new Link.Place(
              graph.nodes().get(edge.from()).id(),
              graph.nodes().get(edge.to()).id(),
              edge.capacity(),
              edge.overflow(),
              edge.timeoutMillis(),
              edge.branch(),
              edge.ownCapacity());
      counts.merge(place, 1, Integer::sum);
    }
    return counts;
  }
}
