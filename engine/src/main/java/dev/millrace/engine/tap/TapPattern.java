package dev.millrace.engine.tap;

import org.jspecify.annotations.Nullable;

/// Which places a tap is for: `node`, everything that leaves it, or `from->to`, what goes over that
/// edge. In each name `*` stands for any characters and `?` for one.
public record TapPattern(String from, @Nullable String to) {
  private static final String ARROW = "->";

  /// Reads a pattern; blanks around names do not count.
  ///
  /// @throws IllegalArgumentException if a name is missing
  public static TapPattern parse(String text) {
    int arrow = text.indexOf(ARROW);
    var from = (arrow < 0 ? text : text.substring(0, arrow)).strip();
    var to = arrow < 0 ? null : text.substring(arrow + ARROW.length()).strip();
    if (from.isEmpty() || (to != null && to.isEmpty())) {
      throw new IllegalArgumentException(
          "the tap pattern \""
              + text
              + "\" names no node; write node or from->to, such as *->sink");
    }
    return new TapPattern(from, to);
  }

  /// Whether the pattern names nodes and not edges, and this one among them.
  boolean matchesNode(String node) {
    return to == null && matches(from, node);
  }

  boolean matchesEdge(String start, String end) {
    return to != null && matches(from, start) && matches(to, end);
  }

  /// In time proportional to the product of both lengths: of several stars only the last is ever
  /// tried again.
  private static boolean matches(String pattern, String name) {
    int p = 0;
    int n = 0;
    int star = -1;
    int starName = 0;
    while (n < name.length()) {
      if (p < pattern.length() && pattern.charAt(p) == '*') {
        star = p++;
        starName = n;
      } else if (p < pattern.length()
          && (pattern.charAt(p) == '?' || pattern.charAt(p) == name.charAt(n))) {
        p++;
        n++;
      } else if (star >= 0) {
        p = star + 1;
        n = ++starName;
      } else {
        return false;
      }
    }
    while (p < pattern.length() && pattern.charAt(p) == '*') {
      p++;
    }
    return p == pattern.length();
  }
}
