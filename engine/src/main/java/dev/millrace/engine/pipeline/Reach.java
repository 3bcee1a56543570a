package dev.millrace.engine.pipeline;

import dev.millrace.engine.graph.Graph;
import dev.millrace.engine.graph.GraphNode;
import java.util.Arrays;
import java.util.BitSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Numbers the sources of a run and tells which nodes each of them leads to. A source that stays
/// keeps its number when the graph changes; one that comes gets a number nobody has had.
final class Reach {
  private final int[] numbers; // by node index; -1 for what is no source
  private final BitSet[] reaching; // by node index: the sources, by number, that lead to it
  private final BitSet timed = new BitSet(); // by node index: a source with event time leads there
  private int next;

  /// `stays` says of a source that it is the one `before` has numbered.
  Reach(Graph graph, @Nullable Reach before, @Nullable Graph old, Predicate<GraphNode> stays) {
    numbers = new int[graph.nodes().size()];
    Arrays.fill(numbers, -1);
    next = before == null ? 0 : before.next;
    for (var node : graph.nodes()) {
      if (node.isSource()) {
        numbers[node.index()] = number(node, before, old, stays);
      }
    }
    reaching = new BitSet[numbers.length];
    Arrays.setAll(reaching, any -> new BitSet());
    for (var node : graph.order()) {
      var set = reaching[node.index()];
      if (node.isSource()) {
        set.set(numbers[node.index()]);
      }
      boolean tellsTime = timed.get(node.index()) || node.eventTime() != null;
      for (var edge : graph.incoming(node)) {
        set.or(reaching[edge.from()]);
        tellsTime |= timed.get(edge.from());
      }
      timed.set(node.index(), tellsTime);
      if (graph.deadLetters(node).isPresent()) {
        var taker = graph.deadLetters(node).get().index();
        reaching[taker].or(set);
        timed.set(taker, timed.get(taker) || tellsTime);
      }
    }
  }

  private int number(
      GraphNode node, @Nullable Reach before, @Nullable Graph old, Predicate<GraphNode> stays) {
    if (before != null && old != null && stays.test(node)) {
      return before.number(old.find(node.id()).orElseThrow());
    }
    return next++;
  }

  /// The number of a source, -1 of any other node.
  int number(GraphNode node) {
    return numbers[node.index()];
  }

  /// Whether the source `number` leads to `node`.
  boolean reaches(int number, GraphNode node) {
    return reaching[node.index()].get(number);
  }

  /// Whether `node` is a source with event time, or one leads to it.
  boolean isTimed(GraphNode node) {
    return timed.get(node.index());
  }

  /// The sources that lead to the node of that index.
  int[] into(int node) {
    return reaching[node].stream().toArray();
  }
}
