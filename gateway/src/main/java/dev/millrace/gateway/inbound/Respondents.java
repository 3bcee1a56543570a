package dev.millrace.gateway.inbound;

import dev.millrace.gateway.inbound.InboundSink.Respondent;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The connections that programs may answer, by id and by user; of more than fit, those that were
/// introduced first are forgotten. Safe from any thread: a lock is taken once as a connection comes
/// and goes, and once per answer.
final class Respondents {
  private record Known(String user, Respondent respondent) {}

  private final int limit;
  private final Map<String, Known> byConnection = new LinkedHashMap<>();
  private final Map<String, Set<String>> byUser = new HashMap<>();

  Respondents(int limit) {
    this.limit = limit;
  }

  synchronized void add(String user, String connection, Respondent respondent) {
    remove(connection);
    if (byConnection.size() >= limit) {
      remove(byConnection.keySet().iterator().next());
    }
    byConnection.put(connection, new Known(user, respondent));
    byUser.computeIfAbsent(user, any -> new LinkedHashSet<>(2)).add(connection);
  }

  synchronized void remove(String connection) {
    var known = byConnection.remove(connection);
    if (known == null) {
      return;
    }
    var own = byUser.get(known.user());
    if (own != null && own.remove(connection) && own.isEmpty()) {
      byUser.remove(known.user());
    }
  }

  synchronized Optional<Respondent> find(String connection) {
    return Optional.ofNullable(byConnection.get(connection)).map(Known::respondent);
  }

  /// Every connection of a user.
  synchronized List<Respondent> of(String user) {
    return byUser.getOrDefault(user, Set.of()).stream()
        .flatMap(connection -> find(connection).stream())
        .toList();
  }

  synchronized int size() {
    return byConnection.size();
  }
}
