package dev.millrace.core.problem;

/// Where a value stood: `source` is a file name or `--set`, an environment name or the like; line
/// and column count from 1, both 0 when the source has no lines. `pointer` is a JSON Pointer (RFC
/// 6901), empty for the whole document.
public record Location(String source, int line, int column, String pointer) {

  public static Location of(String source) {
    return new Location(source, 0, 0, "");
  }

  /// The same place, one key or index further in.
  public Location child(String key) {
    return new Location(source, line, column, pointer + "/" + escape(key));
  }

  /// The same path at another line and column.
  public Location at(int newLine, int newColumn) {
    return new Location(source, newLine, newColumn, pointer);
  }

  /// `file:line:column`, or only the source where there are no lines.
  @Override
  public String toString() {
    return line == 0 ? source : source + ":" + line + ":" + column;
  }

  private static String escape(String key) {
    return key.replace("~", "~0").replace("/", "~1");
  }
}
