package dev.millrace.core.problem;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/// Finds what somebody probably meant.
public final class Suggestion {
  private static final int LONGEST = 64; // names beyond this are no typing slips

  private Suggestion() {}

  /// The closest of `known` to `given`, if it is close enough to be a slip of the finger: at most a
  /// third of the letters changed, inserted, left out or swapped with a neighbour.
  public static Optional<String> closest(String given, Collection<String> known) {
    if (given.isEmpty() || given.length() > LONGEST) {
      return Optional.empty();
    }
    String best = null;
    int bestDistance = Math.max(1, given.length() / 3) + 1;
    for (var candidate : known) {
      int distance = distance(given.toLowerCase(Locale.ROOT), candidate.toLowerCase(Locale.ROOT));
      if (distance < bestDistance) {
        bestDistance = distance;
        best = candidate;
      }
    }
    return Optional.ofNullable(best);
  }

  /// Optimal string alignment distance.
  private static int distance(String a, String b) {
    var rows = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      rows[i][0] = i;
    }
    for (int j = 0; j <= b.length(); j++) {
      rows[0][j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      for (int j = 1; j <= b.length(); j++) {
        int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        int least =
            Math.min(Math.min(rows[i - 1][j] + 1, rows[i][j - 1] + 1), rows[i - 1][j - 1] + change);
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          least = Math.min(least, rows[i - 2][j - 2] + 1);
        }
        rows[i][j] = least;
      }
    }
    return rows[a.length()][b.length()];
  }
}
