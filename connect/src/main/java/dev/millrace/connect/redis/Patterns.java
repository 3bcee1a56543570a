package dev.millrace.connect.redis;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/// The patterns that Redis tells this instance of, so that it hears of topics which nobody here has
/// named. Redis looks at every pattern of everybody for each message; so beyond 100 different ones
/// this instance asks for everything instead. Confined to the broker's thread, but for what says
/// otherwise.
final class Patterns {
  private static final int MOST = 100;
  private static final String ALL = "*";
  private static final Set<String> EVERYTHING = Set.of(ALL);

  /// Somebody who subscribes to a pattern, and waits until Redis has it.
  private record Waiting(String pattern, CompletableFuture<Boolean> heard) {}

  // How often each is wanted. Changed by any thread; as many as the hub allows.
  private final Map<String, Integer> wanted = new ConcurrentHashMap<>();
  private volatile boolean changed; // set by any thread, cleared by the broker's
  // Added by any thread, one per pattern of a loop of the hub; taken by the broker's.
  private final ConcurrentLinkedQueue<Waiting> asking = new ConcurrentLinkedQueue<>();
  // Added by a thread of the client, as many as were asked for; taken by the broker's.
  private final ConcurrentLinkedQueue<String> answers = new ConcurrentLinkedQueue<>();

  private final Set<String> active = new LinkedHashSet<>();
  private final Set<String> heard = new HashSet<>(); // those of them that Redis has
  private final Map<String, Integer> asked = new HashMap<>(); // answers that are still to come
  private final List<Waiting> waiting = new ArrayList<>();
  private final String prefix;
  private final long timeoutNanos;
  private long deadlineNanos; // of what is active and not heard

  Patterns(String prefix, long timeoutNanos) {
    this.prefix = prefix;
    this.timeoutNanos = timeoutNanos;
  }

  /// The stage completes when what is published on topics of the pattern is heard, or with a
  /// failure while Redis is away. Any thread.
  CompletableFuture<Boolean> follow(String pattern) {
    var hears = new CompletableFuture<Boolean>();
    wanted.merge(pattern, 1, Integer::sum);
    asking.add(new Waiting(pattern, hears));
    changed = true;
    return hears;
  }

  /// Any thread.
  void unfollow(String pattern) {
    wanted.computeIfPresent(pattern, (name, times) -> times == 1 ? null : times - 1);
    changed = true;
  }

  /// Redis has taken a pattern. Called on a thread of the client.
  void answered(String channels) {
    answers.add(channels);
  }

  /// Any thread.
  boolean hasWork() {
    return changed || !answers.isEmpty();
  }

  /// Asks Redis for what has changed, and lets in whoever waited for it. `away`: Redis is not
  /// there, so nobody shall wait.
  void step(@Nullable Link link, boolean away, long now) {
    if (link != null && changed) {
      changed = false;
      ask(link, now);
    }
    for (var one = asking.poll(); one != null; one = asking.poll()) {
      waiting.add(one);
    }
    if (away) {
      waiting.forEach(
          one -> one.heard.completeExceptionally(new IllegalStateException("Redis is away")));
      waiting.clear();
    }
    for (var channels = answers.poll(); channels != null; channels = answers.poll()) {
      if (channels.startsWith(prefix)) {
        heard(unescaped(channels.substring(prefix.length())));
      }
    }
    letIn();
    if (link != null && heard.size() < active.size() && now - deadlineNanos >= 0) {
      link.close(); // nothing comes through; a new connection may
    }
  }

  /// What was given up and asked for again is heard with the last answer.
  private void heard(String pattern) {
    var open = asked.computeIfPresent(pattern, (name, times) -> times == 1 ? null : times - 1);
    if (open == null && active.contains(pattern)) {
      heard.add(pattern);
    }
  }

  private void letIn() {
    boolean all = heard.contains(ALL);
    for (var each = waiting.iterator(); each.hasNext(); ) {
      var one = each.next();
      // What nobody wants any more is not asked for.
      if (all || heard.contains(one.pattern) || !wanted.containsKey(one.pattern)) {
        one.heard.complete(true);
        each.remove();
      }
    }
  }

  private void ask(Link link, long now) {
    var wish = wanted.size() > MOST ? EVERYTHING : Set.copyOf(wanted.keySet());
    var gone = active.stream().filter(pattern -> !wish.contains(pattern)).toList();
    var come = wish.stream().filter(pattern -> !active.contains(pattern)).toList();
    // First what comes, so that nothing is missed where one takes another's place.
    if (!come.isEmpty()) {
      link.subscribePatterns(channels(come));
      come.forEach(pattern -> asked.merge(pattern, 1, Integer::sum));
      deadlineNanos = now + timeoutNanos;
    }
    if (!gone.isEmpty()) {
      link.unsubscribePatterns(channels(gone));
      gone.forEach(heard::remove);
    }
    active.clear();
    active.addAll(wish);
  }

  /// Whatever was asked for is asked for anew over the next connection.
  void linkWent() {
    active.clear();
    heard.clear();
    asked.clear();
    answers.clear();
    changed = true;
  }

  /// As Redis writes them: brackets and backslashes have a meaning there.
  private List<String> channels(List<String> patterns) {
    return patterns.stream().map(pattern -> prefix + escaped(pattern)).toList();
  }

  private static String escaped(String pattern) {
    return pattern.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]");
  }

  /// Of a pattern as Redis writes it, as the hub does.
  static String unescaped(String pattern) {
    return pattern.replace("\\[", "[").replace("\\]", "]").replace("\\\\", "\\");
  }
}
