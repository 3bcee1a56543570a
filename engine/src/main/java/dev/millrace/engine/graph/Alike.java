package dev.millrace.engine.graph;

import dev.millrace.core.document.Tree;
import dev.millrace.core.node.NodeType;
import java.lang.reflect.InvocationTargetException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Compares parts of graphs by what they do, not by where their values stood in a file. Pure
/// functions.
public final class Alike {
  private Alike() {}

  /// Whether runs under one and under the other differ in nothing but how long a drain may take.
  public static boolean settings(GraphSettings one, GraphSettings other) {
    return one.channelCapacity() == other.channelCapacity()
        && one.fusion() == other.fusion()
        && one.priority() == other.priority()
        && Objects.equals(one.deadlineMs(), other.deadlineMs())
        && Objects.equals(one.checkpoint(), other.checkpoint())
        && Objects.equals(one.maxFrameSamples(), other.maxFrameSamples());
  }

  /// Whether one node does what the other does, under the same id.
  public static boolean nodes(GraphNode one, GraphNode other) {
    return one.id().equals(other.id())
        && one.type().name().equals(other.type().name())
        && one.type().role() == other.type().role()
        && one.execution() == other.execution()
        && one.supervision().equals(other.supervision())
        && one.workersMin() == other.workersMin()
        && one.workersMax() == other.workersMax()
        && one.ordered() == other.ordered()
        && one.version().equals(other.version())
        && Objects.equals(one.eventTime(), other.eventTime())
        && same(one.config(), other.config());
  }

  /// Whether a run of one is a run of the other: the same nodes in the same order, with the same
  /// configs and edges. The document's own name and how long a drain may take do not touch a run.
  public static boolean graphs(Graph one, Graph other) {
    if (!settings(one.settings(), other.settings())
        || !one.edges().equals(other.edges())
        || one.nodes().size() != other.nodes().size()) {
      return false;
    }
    for (int i = 0; i < one.nodes().size(); i++) {
      if (!nodes(one.nodes().get(i), other.nodes().get(i))) {
        return false;
      }
    }
    return true;
  }

  /// Whether some sink of one writes to where a sink of the other writes, so that they must not
  /// begin and end at the same time.
  public static boolean shareASink(Graph one, Graph other) {
    return anyWritesTo(one.nodes().stream().filter(Alike::isSink).toList(), other);
  }

  /// The sinks that `after` has and `before`, whose place it takes, has not.
  public static List<GraphNode> newSinks(Graph before, Graph after) {
    return after.nodes().stream()
        .filter(Alike::isSink)
        .filter(node -> before.find(node.id()).filter(old -> nodes(old, node)).isEmpty())
        .toList();
  }

  /// Whether one of `sinks` writes to where a sink of `other` writes.
  public static boolean anyWritesTo(List<GraphNode> sinks, Graph other) {
    return sinks.stream()
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
    return node.type().role() == NodeType.Role.SINK;
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
