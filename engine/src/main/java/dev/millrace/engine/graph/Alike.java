package dev.millrace.engine.graph;

import dev.millrace.core.document.Tree;
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
