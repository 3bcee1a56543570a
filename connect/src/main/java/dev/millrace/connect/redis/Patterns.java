package dev.millrace.connect.redis;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// The patterns that Redis tells this instance of, so that it hears of topics which nobody here has
/// named. Redis looks at every pattern of everybody for each message; so beyond 100 different ones
/// this instance asks for everything instead. Confined to the broker's thread, but for what says
/// otherwise.
final class Patterns {
  private static final int MOST = 100;
  private static final Set<String> EVERYTHING = Set.of("*");

  // How often each is wanted. Changed by any thread; as many as the hub allows.
  private final Map<String, Integer> wanted = new ConcurrentHashMap<>();
  private volatile boolean changed; // set by any thread, cleared by the broker's
  private final Set<String> active = new LinkedHashSet<>();
  private final String prefix;

  Patterns(String prefix) {
    this.prefix = prefix;
  }

  /// Any thread.
  void follow(String pattern) {
    wanted.merge(pattern, 1, Integer::sum);
    changed = true;
  }

  /// Any thread.
  void unfollow(String pattern) {
    wanted.computeIfPresent(pattern, (name, times) -> times == 1 ? null : times - 1);
    changed = true;
  }

  /// Any thread.
  boolean hasWork() {
    return changed;
  }

  /// Asks Redis for what has changed.
  void step(Link link) {
    if (!changed) {
      return;
    }
    changed = false;
    var now = wanted.size() > MOST ? EVERYTHING : Set.copyOf(wanted.keySet());
    var gone = active.stream().filter(pattern -> !now.contains(pattern)).toList();
    var come = now.stream().filter(pattern -> !active.contains(pattern)).toList();
    // First what comes, so that nothing is missed where one takes another's place.
    if (!come.isEmpty()) {
      link.subscribePatterns(channels(come));
    }
    if (!gone.isEmpty()) {
      link.unsubscribePatterns(channels(gone));
    }
    active.clear();
    active.addAll(now);
  }

  void linkWent() {
    active.clear();
    changed = true;
  }

  /// As Redis writes them: brackets and backslashes have a meaning there.
  private List<String> channels(List<String> patterns) {
    return patterns.stream().map(pattern -> prefix + escaped(pattern)).toList();
  }

  private static String escaped(String pattern) {
    return pattern.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]");
  }
}
