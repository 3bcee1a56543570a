package dev.millrace.gateway.session;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// The connections of every kind. Safe from any thread; for stages see [SessionSource].
public final class SessionDesk {
  private final List<SessionSource> sources;

  public SessionDesk(List<SessionSource> sources) {
    this.sources = List.copyOf(sources);
  }

  /// `byKind` is how many of each kind there are that match.
  public record Found(SessionSource.Answer answer, Map<String, Integer> byKind) {}

  /// Of one kind, or of all when `kind` is null.
  public CompletionStage<Found> find(@Nullable SessionKind kind, SessionSource.Wish wish) {
    var asked = sources.stream().filter(one -> kind == null || one.kind() == kind).toList();
    var answers = asked.stream().map(one -> one.find(wish).toCompletableFuture()).toList();
    return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
        .thenApply(nothing -> found(asked, answers, wish.limit()));
  }

  private static Found found(
      List<SessionSource> asked, List<CompletableFuture<SessionSource.Answer>> answers, int limit) {
    var views = new ArrayList<SessionView>();
    var byState = new TreeMap<String, Integer>();
    var byKind = new TreeMap<String, Integer>();
    int matching = 0;
    for (int i = 0; i < asked.size(); i++) {
      var answer = answers.get(i).join();
      views.addAll(answer.clients());
      matching += answer.matching();
      byKind.put(asked.get(i).kind().label(), answer.matching());
      answer.byState().forEach((state, number) -> byState.merge(state, number, Integer::sum));
    }
    var first = views.stream().sorted(Roster.FURTHEST_BEHIND).limit(limit).toList();
    return new Found(new SessionSource.Answer(first, matching, byState), byKind);
  }

  public CompletionStage<Optional<SessionSource.Detail>> get(String id) {
    return source(id)
        .map(one -> one.get(id))
        .orElseGet(() -> CompletableFuture.completedFuture(Optional.empty()));
  }

  /// Ends a connection; the stage says what it was, empty if there is none of that name.
  public CompletionStage<Optional<SessionSource.Detail>> kick(String id, int code, String reason) {
    return source(id)
        .map(one -> one.kick(id, code, reason))
        .orElseGet(() -> CompletableFuture.completedFuture(Optional.empty()));
  }

  private Optional<SessionSource> source(String id) {
    return sources.stream().filter(one -> one.kind().isId(id)).findFirst();
  }
}
