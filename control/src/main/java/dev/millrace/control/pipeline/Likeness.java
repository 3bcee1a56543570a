package dev.millrace.control.pipeline;

import dev.millrace.core.document.Tree;
import dev.millrace.engine.graph.Graph;
import dev.millrace.engine.graph.GraphNode;
import dev.millrace.engine.graph.GraphSettings;
import java.lang.reflect.InvocationTargetException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Compares graphs by what they do, not by where their values stood in a file. Pure functions.
final class Likeness {
  private Likeness() {}

  /// Whether a run of one is a run of the other: the same nodes in the same order, with the same
  /// configs and edges. The document's own name and how long a drain may take do not touch a run.
  static boolean runAlike(Graph one, Graph other) {
    return sameSettings(one.settings(), other.settings())
        && one.edges().equals(other.edges())
        && all(one.nodes(), other.nodes());
  }

  private static boolean sameSettings(GraphSettings one, GraphSettings other) {
    return one.channelCapacity() == other.channelCapacity()
        && one.fusion() == other.fusion()
        && one.priority() == other.priority()
        && Objects.equals(one.deadlineMs(), other.deadlineMs())
        && Objects.equals(one.checkpoint(), other.checkpoint())
        && Objects.equals(one.maxFrameSamples(), other.maxFrameSamples());
  }

  /// Whether some sink of one writes to where a sink of the other writes, so that they must not run
  /// at the same time.
  static boolean shareASink(Graph one, Graph other) {
    return one.nodes().stream()
        .filter(Likeness::isSink)
        .anyMatch(
            sink ->
                other.nodes().stream()
                    .anyMatch(
                        node ->
                            isSink(node)
                                && node.type().name().equals(sink.type().name())
                                && same(node.config(), sink.config())));
  }

  private static boolean isSink(GraphNode node) {
    return node.type().role() == dev.millrace.core.node.NodeType.Role.SINK;
  }

  private static boolean all(List<GraphNode> some, List<GraphNode> others) {
    if (some.size() != others.size()) {
      return false;
    }
    for (int i = 0; i < some.size(); i++) {
      var one = some.get(i);
      var other = others.get(i);
      boolean alike =
          one.id().equals(other.id())
              && one.type().name().equals(other.type().name())
              && one.execution() == other.execution()
              && one.supervision().equals(other.supervision())
              && one.workersMin() == other.workersMin()
              && one.workersMax() == other.workersMax()
              && one.ordered() == other.ordered()
              && one.version().equals(other.version())
              && Objects.equals(one.eventTime(), other.eventTime())
              && same(one.config(), other.config());
      if (!alike) {
        return false;
      }
    }
    return true;
  }

  private static boolean same(@Nullable Object one, @Nullable Object other) {
    return switch (one) {
      case Tree tree -> other instanceof Tree that && sameTree(tree, that);
      case Record record -> other instanceof Record that && sameRecord(record, that);
      case List<?> list -> other instanceof List<?> that && sameList(list, that);
      case Map<?, ?> map -> other instanceof Map<?, ?> that && sameMap(map, that);
      case null, default -> Objects.deepEquals(one, other);
    };
  }

  private static boolean sameTree(Tree one, Tree other) {
    return switch (one) {
      case Tree.Mapping mapping ->
          other instanceof Tree.Mapping that && sameMap(mapping.entries(), that.entries());
      case Tree.Sequence sequence ->
          other instanceof Tree.Sequence that && sameList(sequence.items(), that.items());
      case Tree.Scalar scalar ->
          other instanceof Tree.Scalar that
              && scalar.loose() == that.loose()
              && Objects.equals(scalar.value(), that.value());
    };
  }

  private static boolean sameList(List<?> one, List<?> other) {
    if (one.size() != other.size()) {
      return false;
    }
    for (int i = 0; i < one.size(); i++) {
      if (!same(one.get(i), other.get(i))) {
        return false;
      }
    }
    return true;
  }

  private static boolean sameMap(Map<?, ?> one, Map<?, ?> other) {
    return one.keySet().equals(other.keySet())
        && one.entrySet().stream()
            .allMatch(entry -> same(entry.getValue(), other.get(entry.getKey())));
  }

  /// Component by component, because a component may hold a [Tree].
  private static boolean sameRecord(Record one, Record other) {
    if (one.getClass() != other.getClass()) {
      return false;
    }
    try {
      for (var component : one.getClass().getRecordComponents()) {
        var accessor = component.getAccessor();
        accessor.setAccessible(true);
        if (!same(accessor.invoke(one), accessor.invoke(other))) {
          return false;
        }
      }
      return true;
    } catch (IllegalAccessException | InvocationTargetException impossible) {
      throw new IllegalStateException("a record's component cannot be read", impossible);
    }
  }
}
