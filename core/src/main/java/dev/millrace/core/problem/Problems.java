package dev.millrace.core.problem;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Collects problems so that a reader reports all of them at once. At most [#LIMIT] are kept: a
/// hostile document must not fill memory with complaints about itself. Not thread-safe.
public final class Problems {
  /// Problems kept; further ones are only counted.
  public static final int LIMIT = 1_000;

  private static final Comparator<Problem> BY_PLACE =
      Comparator.comparing((Problem problem) -> problem.location().source())
          .thenComparingInt(problem -> problem.location().line())
          .thenComparingInt(problem -> problem.location().column());

  private final List<Problem> found = new ArrayList<>();
  private int errors;
  private int suppressed;

  public void add(Problem problem) {
    if (problem.isError()) {
      errors++;
    }
    if (found.size() < LIMIT) {
      found.add(problem);
    } else {
      suppressed++;
    }
  }

  public void addAll(Iterable<Problem> problems) {
    problems.forEach(this::add);
  }

  /// Adds what another collector found, by place: line, then column. What it only counted is
  /// counted here.
  public void addSorted(Problems other) {
    int kept = (int) other.found.stream().filter(Problem::isError).count();
    other.found.stream().sorted(BY_PLACE).forEach(this::add);
    errors += other.errors - kept;
    suppressed += other.suppressed;
  }

  public void error(String code, Location location, String what, @Nullable String fix) {
    add(Problem.error(code, location, what, fix));
  }

  public void warning(String code, Location location, String what, @Nullable String fix) {
    add(Problem.warning(code, location, what, fix));
  }

  public boolean hasErrors() {
    return errors > 0;
  }

  /// Errors so far; a reader compares before and after to learn whether a part of it is sound.
  public int errorCount() {
    return errors;
  }

  /// Problems beyond [#LIMIT].
  public int suppressed() {
    return suppressed;
  }

  public List<Problem> all() {
    return List.copyOf(found);
  }

  /// All warnings become errors, for `--strict`.
  public Problems strict() {
    var strict = new Problems();
    found.forEach(problem -> strict.add(problem.strict()));
    strict.suppressed = suppressed;
    return strict;
  }

  @Override
  public String toString() {
    var text = new StringBuilder();
    found.forEach(problem -> text.append(problem).append('\n'));
    if (suppressed > 0) {
      text.append("… and ").append(suppressed).append(" more\n");
    }
    return text.toString();
  }
}
