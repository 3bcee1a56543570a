package dev.millrace.core.node;

import org.jspecify.annotations.Nullable;

/// How a node type is shown and what its ports carry; null where it has no such port.
public record Palette(
    String title, Category category, @Nullable DataType in, @Nullable DataType out) {

  /// Where editors list a type.
  public enum Category {
    SOURCES,
    PROCESSORS,
    SINKS,
    CONTROL;

    public String label() {
      return name().charAt(0) + name().substring(1).toLowerCase(java.util.Locale.ROOT);
    }
  }
}
