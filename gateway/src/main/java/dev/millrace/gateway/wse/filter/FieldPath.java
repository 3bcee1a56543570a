package dev.millrace.gateway.wse.filter;

/// Where a value stands in a payload: names of objects inside one another, never positions in a
/// list.
public final class FieldPath {
  private final String dotted;
  private final String[] names;

  private FieldPath(String dotted) {
    this.dotted = dotted;
    this.names = dotted.split("\\.", -1);
  }

  /// The names that dots part in `dotted`.
  public static FieldPath of(String dotted) {
    return new FieldPath(dotted);
  }

  int length() {
    return names.length;
  }

  String name(int index) {
    return names[index];
  }

  @Override
  public String toString() {
    return dotted;
  }
}
