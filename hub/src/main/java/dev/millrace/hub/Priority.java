package dev.millrace.hub;

import java.util.Locale;
import java.util.Optional;

/// How much a message matters when a session cannot take everything. CRITICAL and HIGH are never
/// left out.
public enum Priority {
  BACKGROUND(0, 1),
  LOW(1, 3),
  NORMAL(2, 5),
  HIGH(3, 8),
  CRITICAL(4, 10);

  private static final Priority[] ALL = values();

  private final int rank;
  private final int level;

  Priority(int rank, int level) {
    this.rank = rank;
    this.level = level;
  }

  /// The number that stands for it on the wire: 1, 3, 5, 8 or 10.
  public int level() {
    return level;
  }

  /// Whether a jammed session may go without it.
  public boolean mayBeLeftOut() {
    return rank <= NORMAL.rank;
  }

  /// By name, in any case.
  public static Optional<Priority> named(String name) {
    for (var priority : ALL) {
      if (priority.name().equalsIgnoreCase(name)) {
        return Optional.of(priority);
      }
    }
    return Optional.empty();
  }

  /// The nearest one to a number; of two equally near the higher.
  public static Priority nearest(int level) {
    var best = CRITICAL;
    for (int i = ALL.length - 1; i >= 0; i--) {
      if (Math.abs((long) ALL[i].level - level) < Math.abs((long) best.level - level)) {
        best = ALL[i];
      }
    }
    return best;
  }

  /// Its name as users write it: `normal`.
  public String lowerCase() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// 0 for the least important, then +1 each.
  int rank() {
    return rank;
  }

  static Priority ofRank(int rank) {
    return ALL[rank];
  }
}
