package dev.millrace.gateway.wse.filter;

/// What criteria may ask of the loop that evaluates them for every frame. `depth` counts objects
/// and lists inside one another; `conditions` everything compared, the values of `$in` included;
/// `texts` the characters of all names and texts; `regexLength` the characters of one regular
/// expression, of which there are at most `regexes`.
public record FilterLimits(int depth, int conditions, int texts, int regexes, int regexLength) {
  public static final FilterLimits DEFAULT = new FilterLimits(16, 256, 16_384, 8, 256);

  public FilterLimits {
    if (depth < 1 || conditions < 1 || texts < 1 || regexes < 0 || regexLength < 0) {
      throw new IllegalArgumentException(
          "limits are positive: " + depth + ", " + conditions + ", " + texts + ", " + regexes);
    }
  }
}
