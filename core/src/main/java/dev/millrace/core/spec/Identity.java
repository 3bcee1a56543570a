package dev.millrace.core.spec;

import dev.millrace.core.document.Tree;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// By what the mappings of a list are told apart, so that their order means nothing.
final class Identity {
  private static final List<String> KEYS = List.of("name", "id", "kid");

  private Identity() {}

  /// The items by their name, or null where an item has none, or two have the same.
  static @Nullable SequencedMap<Object, Tree.Mapping> byName(Tree.Sequence list) {
    for (var key : KEYS) {
      var items = by(key, list);
      if (items != null) {
        return items;
      }
    }
    return null;
  }

  /// What a path calls the item at `index`: its name, unless that is a secret.
  static String label(Object name, Tree.Mapping item, int index) {
    for (var key : KEYS) {
      if (item.get(key) instanceof Tree.Scalar(var at, var value, var origin)
          && name.equals(value)
          && origin == Tree.Scalar.Origin.SECRET) {
        return String.valueOf(index);
      }
    }
    return name.toString();
  }

  private static @Nullable SequencedMap<Object, Tree.Mapping> by(String key, Tree.Sequence list) {
    var items = new LinkedHashMap<Object, Tree.Mapping>();
    for (var item : list.items()) {
      if (!(item instanceof Tree.Mapping mapping)
          || !(mapping.get(key) instanceof Tree.Scalar scalar)
          || scalar.value() == null
          || items.putIfAbsent(scalar.value(), mapping) != null) {
        return null;
      }
    }
    return items;
  }
}
