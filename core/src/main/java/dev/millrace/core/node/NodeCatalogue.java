package dev.millrace.core.node;

import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// All node types a process knows, by name and alias. Immutable.
public final class NodeCatalogue {
  private final Map<String, NodeType<?>> byName = new LinkedHashMap<>();
  private final Map<String, NodeType<?>> byAnyName = new LinkedHashMap<>();

  private final Map<String, NodeType<?>> byLowerCase = new HashMap<>();

  public NodeCatalogue(Collection<? extends NodeType<?>> types) {
    for (var type : types) {
      byName.put(type.name(), type);
      register(type.name(), type);
      type.aliases().forEach(alias -> register(alias, type));
    }
    byAnyName.forEach((name, type) -> byLowerCase.putIfAbsent(name.toLowerCase(Locale.ROOT), type));
  }

  /// The type of that name or alias, or else the first whose name or alias is that in lower case:
  /// palettes call types so.
  public Optional<NodeType<?>> find(String nameOrAlias) {
    var exact = byAnyName.get(nameOrAlias);
    return Optional.ofNullable(exact == null ? byLowerCase.get(nameOrAlias) : exact);
  }

  /// Each type once, in the order given.
  public Collection<NodeType<?>> types() {
    return java.util.Collections.unmodifiableCollection(byName.values());
  }

  /// Names and aliases, for suggestions.
  public Collection<String> names() {
    return java.util.Collections.unmodifiableCollection(byAnyName.keySet());
  }

  private void register(String name, NodeType<?> type) {
    if (byAnyName.putIfAbsent(name, type) != null) {
      throw new IllegalArgumentException("two node types are called " + name);
    }
  }
}
