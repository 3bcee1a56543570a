package dev.millrace.gateway.wse.restore;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// One thing per session that is gone, for a while, to be taken once: by the session's name, or as
/// the latest of its user. Sessions without a user are found by name alone. Bounded in bytes and
/// per user: the oldest go first. Safe from any thread; asked when connections come and go, never
/// for a message.
public final class RestoreStore<T> {
  /// What an entry costs besides its contents, roughly.
  private static final int ENTRY_BYTES = 288;

  private record Kept<T>(@Nullable String user, T what, long bytes, long keptNanos) {}

  /// The sessions of one user, oldest first.
  private static final class Owner {
    private final ArrayDeque<String> sessions = new ArrayDeque<>(1);
    private @Nullable String latest; // until it is taken
  }

  private final LinkedHashMap<String, Kept<T>> bySession = new LinkedHashMap<>(); // oldest first
  private final Map<String, Owner> byUser = new HashMap<>();
  private long bytes; // this and the maps: guarded by this

  /// How long, how much, and of how many sessions of one user.
  public record Limits(Duration grace, long bytes, int sessionsPerUser) {}

  /// Keeps `what` of a session that has not been kept before. Returns how many others had to go:
  /// those kept for longer than the grace, and the oldest beyond the other limits, of which those
  /// of the same user that `what` takes the place of do not count.
  public synchronized int keep(
      String session, @Nullable String user, T what, long whatBytes, Limits limits, long nowNanos) {
    if (user != null) {
      var owner = byUser.computeIfAbsent(user, name -> new Owner());
      while (owner.sessions.size() >= limits.sessionsPerUser) {
        remove(owner.sessions.getFirst());
      }
      byUser.put(user, owner); // the last of its sessions took it along
      owner.sessions.add(session);
      owner.latest = session;
    }
    long names = 2L * (session.length() + (user == null ? 0 : user.length()));
    var kept = new Kept<>(user, what, whatBytes + ENTRY_BYTES + names, nowNanos);
    bySession.put(session, kept);
    bytes += kept.bytes;
    int gone = 0;
    for (var oldest = oldest(); oldest != null; oldest = oldest(), gone++) {
      var it = oldest.getValue();
      if (bytes <= limits.bytes && nowNanos - it.keptNanos <= limits.grace.toNanos()) {
        break;
      }
      remove(oldest.getKey());
    }
    return gone;
  }

  /// What was kept of the session no longer than `grace` ago, once, if `user` is whose it was.
  public synchronized @Nullable T take(
      String session, @Nullable String user, Duration grace, long nowNanos) {
    var kept = bySession.get(session);
    if (kept == null || !Objects.equals(kept.user, user)) {
      return null;
    }
    remove(session);
    return nowNanos - kept.keptNanos > grace.toNanos() ? null : kept.what;
  }

  /// The same of the session of the user that was kept last, unless it has been taken.
  public synchronized @Nullable T takeLatest(String user, Duration grace, long nowNanos) {
    var owner = byUser.get(user);
    var latest = owner == null ? null : owner.latest;
    return latest == null ? null : take(latest, user, grace, nowNanos);
  }

  public synchronized int size() {
    return bySession.size();
  }

  private Map.@Nullable Entry<String, Kept<T>> oldest() {
    return bySession.firstEntry();
  }

  private void remove(String session) {
    var kept = bySession.remove(session);
    if (kept == null) {
      return;
    }
    bytes -= kept.bytes;
    var owner = kept.user == null ? null : byUser.get(kept.user);
    if (owner == null) {
      return;
    }
    owner.sessions.remove(session);
    if (session.equals(owner.latest)) {
      owner.latest = null;
    }
    if (owner.sessions.isEmpty()) {
      byUser.remove(kept.user);
    }
  }
}
