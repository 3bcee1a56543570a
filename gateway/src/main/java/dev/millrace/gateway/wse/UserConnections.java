package dev.millrace.gateway.wse;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The connections of each user, oldest first, for as long as there is a limit on them. Safe from
/// any thread; asked when connections come and go.
final class UserConnections {
  private final Map<String, ArrayDeque<WseSession>> byUser = new HashMap<>(); // guarded by this

  /// Adds one, and returns the one that has to go for it. A limit that was lowered meanwhile lets
  /// the others stay until they are replaced.
  synchronized @Nullable WseSession entered(String user, WseSession session, int limit) {
    var all = byUser.computeIfAbsent(user, name -> new ArrayDeque<>(2));
    all.add(session);
    return all.size() > limit ? all.poll() : null;
  }

  synchronized void left(String user, WseSession session) {
    var all = byUser.get(user);
    if (all != null) {
      all.remove(session);
      if (all.isEmpty()) {
        byUser.remove(user);
      }
    }
  }

  synchronized int users() {
    return byUser.size();
  }
}
