package dev.millrace.control.telemetry;

import dev.millrace.core.signal.Killed;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/// Counts what was ended against its will. Reasons are constants, but they come from everywhere, so
/// beyond a number of them all others count as one. Safe from any thread.
final class Kills {
  private static final int MAX_REASONS = 256;
  private static final String OTHER = "Other";

  private record Cause(String kind, String reason) {}

  private final Map<Cause, Long> counts = new HashMap<>(); // guarded by this

  synchronized void add(Killed killed) {
    var cause = new Cause(killed.kind(), killed.reason());
    boolean room = counts.size() < MAX_REASONS || counts.containsKey(cause);
    counts.merge(room ? cause : new Cause(OTHER, OTHER), 1L, Long::sum);
  }

  /// By reason, over everything that can be killed.
  synchronized Map<String, Long> byReason() {
    var all = new TreeMap<String, Long>();
    counts.forEach((cause, count) -> all.merge(cause.reason, count, Long::sum));
    return all;
  }

  /// By reason, of one kind.
  synchronized Map<String, Long> byReason(String kind) {
    var some = new TreeMap<String, Long>();
    counts.forEach(
        (cause, count) -> {
          if (cause.kind.equals(kind)) {
            some.put(cause.reason, count);
          }
        });
    return some;
  }
}
