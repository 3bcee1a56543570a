package dev.millrace.core.frame;

import java.util.Map;
import java.util.TreeMap;

/// Text beside a frame's body, sorted by key. Most frames share [#NONE].
public record Metadata(Map<String, String> entries) {
  public static final Metadata NONE = new Metadata(Map.of());

  public Metadata {
    entries = java.util.Collections.unmodifiableMap(new TreeMap<>(entries));
  }

  /// These entries and one more; an entry of the same key is replaced.
  public Metadata with(String key, String value) {
    var more = new TreeMap<>(entries);
    more.put(key, value);
    return new Metadata(more);
  }
}
