package dev.millrace.gateway.acl;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Decides who may have which topics: first by the rules of the moment, then by asking the
/// [Authorizer] about what they leave. Safe from any thread.
public final class TopicAccess {
  private static final String BY_RULE = "the rules of this server do not allow it";
  private static final String BY_HOOK = "it is not allowed";

  private final Authorizer authorizer;
  private final List<Runnable> watchers = new CopyOnWriteArrayList<>();
  private volatile AclRules rules; // written by apply

  /// What became of some topics, in their order; `refused` says why as a sentence.
  public record Decision(List<String> granted, SequencedMap<String, String> refused) {
    public Decision {
      granted = List.copyOf(granted);
      refused = java.util.Collections.unmodifiableSequencedMap(new LinkedHashMap<>(refused));
    }
  }

  public TopicAccess(AclRules rules, Authorizer authorizer) {
    this.rules = rules;
    this.authorizer = authorizer;
  }

  /// Everybody may have everything.
  public static TopicAccess open() {
    return new TopicAccess(AclRules.NONE, Authorizer.NOBODY);
  }

  /// Decides by these from now on, and has those told who asked for it with [#whenChanged].
  public void apply(AclRules newRules) {
    if (!newRules.equals(rules)) {
      rules = newRules;
      watchers.forEach(Runnable::run);
    }
  }

  /// Has `watcher` called whenever the rules have changed, on the thread that changed them. It must
  /// not block.
  public void whenChanged(Runnable watcher) {
    watchers.add(watcher);
  }

  /// The rules of the moment, which change as a whole: as long as they are the same a decision may
  /// be remembered. Null where the authorizer decides too, and remembers for itself.
  @Nullable Object generation() {
    return authorizer.equals(Authorizer.NOBODY) ? rules : null;
  }

  /// Whether `caller` may have `topic`; null if somebody has to be asked.
  public @Nullable Boolean known(Caller caller, Action action, String topic) {
    var now = rules;
    boolean granted = now.allowEverything() || now.grant(caller, action, topic);
    return granted ? authorizer.remembered(caller, action, topic) : Boolean.FALSE;
  }

  /// Which topics the rules let `caller` receive, for subscriptions whose topics come one by one.
  /// The authorizer is not asked about these: it has been about the subscription.
  public Predicate<String> deliverable(Caller caller) {
    return topic -> rules.allowEverything() || rules.grant(caller, Action.SUBSCRIBE, topic);
  }

  /// Decides about `topics` and hands the outcome to `then`: inside this call where nobody has to
  /// be asked, else on `loop`, from which this is called.
  public void decide(
      Caller caller, Action action, List<String> topics, Executor loop, Consumer<Decision> then) {
    var decision = decide(caller, action, topics);
    var now = decision.getNow(null);
    if (now != null) {
      then.accept(now);
    } else {
      var _ = decision.thenAcceptAsync(then, loop);
    }
  }

  /// The same, waiting for it, on a thread that may.
  public Decision await(Caller caller, Action action, List<String> topics)
      throws InterruptedException {
    try {
      return decide(caller, action, topics).get();
    } catch (ExecutionException impossible) {
      throw new IllegalStateException("an authorizer never fails", impossible);
    }
  }

  /// The same, as a future that completes on any thread.
  public CompletableFuture<Decision> decide(Caller caller, Action action, List<String> topics) {
    var open = new ArrayList<String>();
    var verdicts = new LinkedHashMap<String, Boolean>();
    for (var topic : topics) {
      var known = known(caller, action, topic);
      verdicts.put(topic, Boolean.TRUE.equals(known));
      if (known == null) {
        open.add(topic);
      }
    }
    if (open.isEmpty()) {
      return CompletableFuture.completedFuture(decision(verdicts, Set.of(), Set.of()));
    }
    return authorizer
        .ask(caller, action, open)
        .thenApply(granted -> decision(verdicts, granted, Set.copyOf(open)));
  }

  private static Decision decision(
      Map<String, Boolean> verdicts, Set<String> granted, Set<String> asked) {
    var yes = new ArrayList<String>();
    var no = new LinkedHashMap<String, String>();
    verdicts.forEach(
        (topic, known) -> {
          if (known || (asked.contains(topic) && granted.contains(topic))) {
            yes.add(topic);
          } else {
            no.put(topic, asked.contains(topic) ? BY_HOOK : BY_RULE);
          }
        });
    return new Decision(yes, no);
  }
}
