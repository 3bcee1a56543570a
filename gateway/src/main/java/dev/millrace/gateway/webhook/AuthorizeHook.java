package dev.millrace.gateway.webhook;

import dev.millrace.core.json.Json;
import dev.millrace.core.metric.Metrics;
import dev.millrace.core.time.Clock;
import dev.millrace.gateway.acl.Action;
import dev.millrace.gateway.acl.Authorizer;
import dev.millrace.gateway.acl.Caller;
import dev.millrace.gateway.limit.RecentMap;
import dev.millrace.hub.WebhooksSpec;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/// Asks a program who may have which topics, and remembers what it said. Without an answer nobody
/// gets anything, and nothing is remembered. Safe from any thread.
///
/// Asked with `{"user","role","action","topics"}`, it answers 200 and `{"allow":["topic",…]}`, or
/// `{"allow":true}` for all of them; or 403, for none. `user` is empty for somebody without a name.
public final class AuthorizeHook implements Authorizer, AutoCloseable {
  private static final int ANSWER_BYTES = 1 << 20;

  private record Key(String user, String role, Action action, String topic) {}

  private record Verdict(boolean granted, long untilNanos) {}

  private final Hook hook;
  private final RecentMap<Key, Verdict> verdicts;
  private final Duration allowCache;
  private final Duration denyCache;
  private final Clock clock;

  public AuthorizeHook(WebhooksSpec.Authorize spec, Clock clock, Metrics metrics) {
    this.hook =
        new Hook(
            new Hook.Way(
                "authorize",
                spec.url(),
                spec.secret(),
                spec.timeout(),
                spec.maxConcurrent(),
                spec.breakerFailures(),
                spec.breakerPause(),
                ANSWER_BYTES),
            clock,
            metrics);
    this.verdicts = new RecentMap<>(spec.cacheEntries());
    this.allowCache = spec.allowCache();
    this.denyCache = spec.denyCache();
    this.clock = clock;
  }

  @Override
  public @Nullable Boolean remembered(Caller caller, Action action, String topic) {
    var verdict = verdicts.get(key(caller, action, topic));
    if (verdict == null || (verdict.untilNanos - clock.nanoTime()) <= 0) {
      return null;
    }
    return verdict.granted;
  }

  @Override
  public CompletableFuture<Set<String>> ask(Caller caller, Action action, List<String> topics) {
    var question =
        Json.mapper()
            .createObjectNode()
            .put("user", caller.user())
            .put("role", caller.roleLabel())
            .put("action", action.label());
    topics.forEach(question.putArray("topics")::add);
    return hook.ask(Json.bytes(question))
        .thenApply(
            answer -> {
              var granted = answer.flatMap(given -> granted(given, topics));
              granted.ifPresent(known -> remember(caller, action, topics, known));
              return granted.orElse(Set.of());
            });
  }

  @Override
  public void close() {
    hook.close();
  }

  /// Empty for an answer that says nothing.
  private Optional<Set<String>> granted(Hook.Answer answer, List<String> topics) {
    if (answer.status() == 403) {
      return Optional.of(Set.of());
    }
    try {
      var allow = Json.tree(answer.body()).path("allow");
      if (answer.status() == 200 && allow.isBoolean()) {
        return Optional.of(allow.asBoolean() ? Set.copyOf(topics) : Set.of());
      }
      if (answer.status() == 200 && allow.isArray()) {
        var granted = new HashSet<String>();
        allow.forEach(topic -> granted.add(topic.asString("")));
        granted.retainAll(topics);
        return Optional.of(granted);
      }
    } catch (JacksonException notJson) {
      hook.unusable();
      return Optional.empty();
    }
    hook.unusable();
    return Optional.empty();
  }

  private void remember(Caller caller, Action action, List<String> topics, Set<String> granted) {
    long now = clock.nanoTime();
    for (var topic : topics) {
      boolean allowed = granted.contains(topic);
      var time = allowed ? allowCache : denyCache;
      verdicts.put(key(caller, action, topic), new Verdict(allowed, now + time.toNanos()));
    }
  }

  private static Key key(Caller caller, Action action, String topic) {
    return new Key(caller.user(), caller.roleLabel(), action, topic);
  }
}
