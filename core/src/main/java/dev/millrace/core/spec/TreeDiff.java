package dev.millrace.core.spec;

import dev.millrace.core.document.Tree;
import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.Problems;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What differs in meaning between two sound documents of one spec, as paths and without values:
/// `server.port`, `pipelines[labels].graph`. Comments, layout, the order of keys, and a default
/// that is written out are no difference. Lists of mappings with a `name`, `id` or `kid` are
/// compared by it, in any order; other lists as a whole.
///
/// `onRestart` are those of the paths whose change waits for the next start.
public record TreeDiff(
    List<String> added, List<String> removed, List<String> changed, List<String> onRestart) {

  public TreeDiff {
    added = List.copyOf(added);
    removed = List.copyOf(removed);
    changed = List.copyOf(changed);
    onRestart = List.copyOf(onRestart);
  }

  public static TreeDiff between(Tree.Mapping before, Tree.Mapping after, Spec<?> spec) {
    var comparison = new Comparison();
    comparison.mappings(before, after, spec, "", false);
    return comparison.result();
  }

  public boolean isEmpty() {
    return added.isEmpty() && removed.isEmpty() && changed.isEmpty();
  }

  /// The same with more changed paths.
  public TreeDiff withChanged(List<String> more) {
    var all = new LinkedHashSet<>(changed);
    all.addAll(more);
    all.removeAll(added);
    all.removeAll(removed);
    return new TreeDiff(added, removed, List.copyOf(all), onRestart);
  }

  private static final class Comparison {
    private final List<String> added = new ArrayList<>();
    private final List<String> removed = new ArrayList<>();
    private final List<String> changed = new ArrayList<>();
    private final List<String> onRestart = new ArrayList<>();

    TreeDiff result() {
      return new TreeDiff(added, removed, changed, onRestart);
    }

    void mappings(
        Tree.Mapping before, Tree.Mapping after, Spec<?> spec, String prefix, boolean restart) {
      for (var key : spec.keys()) {
        var was = key.in(before);
        var is = key.in(after);
        if (was != null || is != null) {
          values(was, is, key, key.reader(), prefix + key.name(), restart || key.onRestart());
        }
      }
    }

    private void values(
        @Nullable Tree was,
        @Nullable Tree is,
        Spec.Key key,
        KeyType type,
        String path,
        boolean restart) {
      switch (type) {
        case KeyType.Nested nested when !nested.nullable() || (was != null && is != null) ->
            mappings(mapping(was), mapping(is), Spec.of(nested.type()), path + ".", restart);
        case KeyType.Many(KeyType.Nested item, var nullable) ->
            lists(was, is, Spec.of(item.type()), path, restart);
        case KeyType.Named named ->
            maps(mapping(was), mapping(is), key, named.value(), path, restart);
        case KeyType.Nested nested -> note(was, is, path, restart);
        case KeyType.Raw raw -> {
          if (was == null || is == null || !sameTree(was, is)) {
            note(was, is, path, restart);
          }
        }
        default -> {
          if (!Objects.equals(read(was, key, type), read(is, key, type))) {
            note(was, is, path, restart);
          }
        }
      }
    }

    private void lists(
        @Nullable Tree was, @Nullable Tree is, Spec<?> item, String path, boolean restart) {
      var old = list(was);
      var now = list(is);
      var oldByName = Identity.byName(old);
      var nowByName = Identity.byName(now);
      if (oldByName == null || nowByName == null) {
        if (!sameItems(old, now, item)) {
          note(was, is, path, restart);
        }
        return;
      }
      int index = 0;
      for (var entry : nowByName.entrySet()) {
        var at = path + "[" + Identity.label(entry.getKey(), entry.getValue(), index++) + "]";
        var before = oldByName.get(entry.getKey());
        if (before == null) {
          note(null, entry.getValue(), at, restart);
        } else {
          mappings(before, entry.getValue(), item, at + ".", restart);
        }
      }
      index = 0;
      for (var entry : oldByName.entrySet()) {
        if (!nowByName.containsKey(entry.getKey())) {
          var label = Identity.label(entry.getKey(), entry.getValue(), index);
          note(entry.getValue(), null, path + "[" + label + "]", restart);
        }
        index++;
      }
    }

    private static boolean sameItems(Tree.Sequence old, Tree.Sequence now, Spec<?> item) {
      if (old.items().size() != now.items().size()) {
        return false;
      }
      var inner = new Comparison();
      for (int i = 0; i < old.items().size(); i++) {
        inner.mappings(mapping(old.items().get(i)), mapping(now.items().get(i)), item, "", false);
      }
      return inner.result().isEmpty();
    }

    private void maps(
        Tree.Mapping old,
        Tree.Mapping now,
        Spec.Key key,
        KeyType type,
        String path,
        boolean restart) {
      var names = new LinkedHashSet<>(now.entries().keySet());
      names.addAll(old.entries().keySet());
      for (var name : names) {
        var was = given(old, name);
        var is = given(now, name);
        var at = name.matches("[A-Za-z0-9_-]+") ? path + "." + name : path + "[" + name + "]";
        if ((was == null) != (is == null)) {
          note(was, is, at, restart);
        } else if (was != null) {
          values(was, is, key, type, at, restart);
        }
      }
    }

    private void note(@Nullable Tree was, @Nullable Tree is, String path, boolean restart) {
      (was == null ? added : is == null ? removed : changed).add(path);
      if (restart) {
        onRestart.add(path);
      }
    }

    private static @Nullable Tree given(Tree.Mapping mapping, String key) {
      var value = mapping.get(key);
      return value instanceof Tree.Scalar scalar && scalar.value() == null ? null : value;
    }

    private static Tree.Mapping mapping(@Nullable Tree tree) {
      return tree instanceof Tree.Mapping mapping
          ? mapping
          : Tree.Mapping.empty(Location.of("nothing"));
    }

    private static Tree.Sequence list(@Nullable Tree tree) {
      return tree instanceof Tree.Sequence list
          ? list
          : new Tree.Sequence(Location.of("nothing"), List.of());
    }

    /// What a value means, its default where it is not given.
    private static @Nullable Object read(@Nullable Tree tree, Spec.Key key, KeyType type) {
      if (tree != null) {
        return type.read(tree, key, new Problems());
      }
      var location = Location.of("default of " + key.name());
      return key.fallback() == null
          ? type.absent(location, new Problems())
          : type.read(Tree.Scalar.loose(location, key.fallback()), key, new Problems());
    }

    /// Whether two parts that no spec describes say the same.
    private static boolean sameTree(Tree was, Tree is) {
      return switch (was) {
        case Tree.Mapping old when is instanceof Tree.Mapping now ->
            old.entries().keySet().equals(new HashSet<>(now.entries().keySet()))
                && old.entries().entrySet().stream()
                    .allMatch(one -> sameNullable(one.getValue(), now.get(one.getKey())));
        case Tree.Sequence old when is instanceof Tree.Sequence now -> sameList(old, now);
        case Tree.Scalar old when is instanceof Tree.Scalar now ->
            Objects.equals(old.value(), now.value());
        default -> false;
      };
    }

    private static boolean sameNullable(Tree was, @Nullable Tree is) {
      return is != null && sameTree(was, is);
    }

    private static boolean sameList(Tree.Sequence old, Tree.Sequence now) {
      if (old.items().size() != now.items().size()) {
        return false;
      }
      var oldByName = Identity.byName(old);
      var nowByName = Identity.byName(now);
      if (oldByName != null && nowByName != null) {
        return oldByName.keySet().equals(nowByName.keySet())
            && oldByName.entrySet().stream()
                .allMatch(one -> sameNullable(one.getValue(), nowByName.get(one.getKey())));
      }
      for (int i = 0; i < old.items().size(); i++) {
        if (!sameTree(old.items().get(i), now.items().get(i))) {
          return false;
        }
      }
      return true;
    }
  }
}
