package dev.millrace.gateway.wse.filter;

import java.util.List;

/// Where a value stands in a payload: names of objects inside one another, never positions in a
/// list.
public final class FieldPath {
  private final String[] names;

  private FieldPath(String[] names) {
    this.names = names;
  }

  /// The names that dots part in `dotted`.
  public static FieldPath of(String dotted) {
    return new FieldPath(dotted.split("\\.", -1));
  }

  int length() {
    return names.length;
  }

  String name(int index) {
    return names[index];
  }

  @Override
  public String toString() {
    return String.join(".", List.of(names));
  }
}
