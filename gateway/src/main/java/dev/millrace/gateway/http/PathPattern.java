package dev.millrace.gateway.http;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A path with parameters: `/api/v1/topics/{topic}`. A parameter is one segment and not empty; it
/// may hold an encoded slash. Exact segments win over parameters, from left to right.
final class PathPattern {
  /// The most exact pattern first.
  static final Comparator<PathPattern> MOST_EXACT_FIRST =
      Comparator.comparing((PathPattern pattern) -> pattern.rank);

  private final String pattern;
  private final List<String> segments;
  private final String rank;

  PathPattern(String pattern) {
    if (!pattern.startsWith("/")) {
      throw new IllegalArgumentException("the path " + pattern + " does not begin with a slash");
    }
    this.pattern = pattern;
    this.segments = List.of(pattern.split("/", -1));
    var ranks = new StringBuilder();
    segments.forEach(segment -> ranks.append(isParameter(segment) ? 'b' : 'a'));
    this.rank = ranks.toString();
  }

  String pattern() {
    return pattern;
  }

  /// Names of the parameters, in order.
  List<String> parameters() {
    return segments.stream().filter(PathPattern::isParameter).map(PathPattern::name).toList();
  }

  /// How many segments a path must have.
  int size() {
    return segments.size();
  }

  /// The parameters, or null when `path`, split at its slashes and then decoded, is another path.
  @Nullable Map<String, String> match(List<String> path) {
    if (path.size() != segments.size()) {
      return null;
    }
    var values = new LinkedHashMap<String, String>();
    for (int i = 0; i < path.size(); i++) {
      var segment = segments.get(i);
      var part = path.get(i);
      if (isParameter(segment) && !part.isEmpty()) {
        values.put(name(segment), part);
      } else if (!segment.equals(part)) {
        return null;
      }
    }
    return values;
  }

  private static boolean isParameter(String segment) {
    return segment.startsWith("{") && segment.endsWith("}");
  }

  private static String name(String segment) {
    return segment.substring(1, segment.length() - 1);
  }
}
