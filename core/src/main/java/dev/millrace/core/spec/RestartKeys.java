package dev.millrace.core.spec;

import dev.millrace.core.document.Tree;
import dev.millrace.core.problem.Location;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;

/// Keeps the values of keys that wait for the next start.
public final class RestartKeys {
  private RestartKeys() {}

  /// `after` with the values that `before` has for every [OnRestart] key: what is in force once the
  /// rest of `after` has been applied. A part that is new as a whole keeps what it says.
  public static Tree.Mapping kept(Tree.Mapping before, Tree.Mapping after, Spec<?> spec) {
    var entries = new LinkedHashMap<>(after.entries());
    for (var key : spec.keys()) {
      var was = before.get(key.name());
      var kept = key.onRestart() ? was : inside(was, after.get(key.name()), key.reader());
      if (kept == null) {
        entries.remove(key.name());
      } else {
        entries.put(key.name(), kept);
      }
    }
    return new Tree.Mapping(after.location(), entries, after.keyLocations());
  }

  private static @Nullable Tree inside(@Nullable Tree was, @Nullable Tree is, KeyType type) {
    return switch (type) {
      case KeyType.Nested(var nested, var nullable)
          when !nullable || (was instanceof Tree.Mapping && is instanceof Tree.Mapping) -> {
        var kept = kept(mapping(was), mapping(is), Spec.of(nested));
        yield kept.entries().isEmpty() && is == null ? null : kept;
      }
      case KeyType.Many(KeyType.Nested item, var nullable)
          when was instanceof Tree.Sequence old && is instanceof Tree.Sequence now ->
          items(old, now, item);
      case KeyType.Named(KeyType.Nested item, var nullable)
          when was instanceof Tree.Mapping old && is instanceof Tree.Mapping now -> {
        var entries = new LinkedHashMap<>(now.entries());
        entries.replaceAll((name, one) -> item(old.get(name), one, item));
        yield new Tree.Mapping(now.location(), entries, now.keyLocations());
      }
      default -> is;
    };
  }

  private static Tree items(Tree.Sequence old, Tree.Sequence now, KeyType.Nested item) {
    var oldByName = Identity.byName(old);
    var nowByName = Identity.byName(now);
    if (oldByName == null || nowByName == null) {
      return now;
    }
    var items = new ArrayList<Tree>();
    nowByName.forEach((name, one) -> items.add(item(oldByName.get(name), one, item)));
    return new Tree.Sequence(now.location(), items);
  }

  private static Tree item(@Nullable Tree was, Tree is, KeyType.Nested item) {
    return was instanceof Tree.Mapping old && is instanceof Tree.Mapping now
        ? kept(old, now, Spec.of(item.type()))
        : is;
  }

  private static Tree.Mapping mapping(@Nullable Tree tree) {
    return tree instanceof Tree.Mapping mapping
        ? mapping
        : Tree.Mapping.empty(Location.of("nothing"));
  }
}
