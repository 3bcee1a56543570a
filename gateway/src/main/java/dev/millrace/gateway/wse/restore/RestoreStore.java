package dev.millrace.gateway.wse.restore;

import java.time.Duration;
import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;

/// One thing per user, for a while, to be taken once. Bounded in bytes: the oldest go first. Safe
/// from any thread; asked when connections come and go, never for a message.
public final class RestoreStore<T> {
  /// What an entry costs besides its contents, roughly.
  private static final int ENTRY_BYTES = 160;

  private record Kept<T>(T what, long bytes, long keptNanos) {}

  private final LinkedHashMap<String, Kept<T>> byUser = new LinkedHashMap<>(); // oldest first
  private long bytes; // this and the map: guarded by this

  /// Keeps `what` instead of what was kept for the user before. Returns how many others had to go:
  /// those kept for longer than `grace`, and the oldest beyond `byteLimit`.
  public synchronized int keep(String user, T what, long whatBytes, Limits limits, long nowNanos) {
    remove(user);
    var kept = new Kept<>(what, whatBytes + ENTRY_BYTES + 2L * user.length(), nowNanos);
    byUser.put(user, kept);
    bytes += kept.bytes;
    int gone = 0;
    for (var each = byUser.entrySet().iterator(); each.hasNext(); gone++) {
      var oldest = each.next().getValue();
      if (bytes <= limits.bytes && nowNanos - oldest.keptNanos <= limits.grace.toNanos()) {
        break;
      }
      each.remove();
      bytes -= oldest.bytes;
    }
    return gone;
  }

  /// What was kept for the user no longer than `grace` ago, once.
  public synchronized @Nullable T take(String user, Duration grace, long nowNanos) {
    var kept = remove(user);
    return kept == null || nowNanos - kept.keptNanos > grace.toNanos() ? null : kept.what;
  }

  public synchronized int size() {
    return byUser.size();
  }

  /// How long and how much.
  public record Limits(Duration grace, long bytes) {}

  private @Nullable Kept<T> remove(String user) {
    var kept = byUser.remove(user);
    if (kept != null) {
      bytes -= kept.bytes;
    }
    return kept;
  }
}
