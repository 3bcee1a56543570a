package dev.millrace.gateway.session;

import dev.millrace.net.Loop;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;

/// The connections of one kind, wherever they run. A loop looks at some hundred of its own at a
/// time, so that messages do not wait for it. Safe from any thread.
public final class Roster<S extends Listed> implements SessionSource {
  private static final int AT_A_TIME = 256;

  /// Of two that are equally far behind, the one that was sent more in its time.
  static final Comparator<SessionView> FURTHEST_BEHIND =
      Comparator.comparingLong(SessionView::depth)
          .thenComparingLong(view -> view.messagesOut() / (1 + view.ageSeconds()))
          .reversed();

  private final SessionKind kind;
  private final Map<String, S> byId = new ConcurrentHashMap<>(); // loops add and take their own

  public Roster(SessionKind kind) {
    this.kind = kind;
  }

  public void add(S session) {
    byId.put(session.id(), session);
  }

  /// Whether it was there.
  public boolean remove(S session) {
    return byId.remove(session.id(), session);
  }

  public int size() {
    return byId.size();
  }

  /// As of now.
  public Collection<S> all() {
    return List.copyOf(byId.values());
  }

  @Override
  public SessionKind kind() {
    return kind;
  }

  @Override
  public CompletionStage<Answer> find(Wish wish) {
    var byLoop = new HashMap<Loop, List<S>>();
    all().forEach(one -> byLoop.computeIfAbsent(one.loop(), loop -> new ArrayList<>()).add(one));
    var looks = new ArrayList<CompletableFuture<List<SessionView>>>();
    byLoop.forEach(
        (loop, own) -> {
          var done = new CompletableFuture<List<SessionView>>();
          looks.add(done);
          look(loop, own, 0, wish, new ArrayList<>(), done);
        });
    return CompletableFuture.allOf(looks.toArray(CompletableFuture[]::new))
        .thenApply(nothing -> answer(looks, wish.limit()));
  }

  private void look(
      Loop loop,
      List<S> own,
      int from,
      Wish wish,
      List<SessionView> found,
      CompletableFuture<List<SessionView>> done) {
    on(
        loop,
        done,
        () -> {
          int to = Math.min(own.size(), from + AT_A_TIME);
          for (var one : own.subList(from, to)) {
            if (byId.containsKey(one.id()) && isWished(one, wish)) {
              found.add(one.view());
            }
          }
          if (to == own.size()) {
            done.complete(found);
          } else {
            look(loop, own, to, wish, found, done);
          }
        });
  }

  private boolean isWished(S one, Wish wish) {
    return (wish.user() == null || wish.user().equals(one.view().user()))
        && (wish.topic() == null || one.topics().contains(wish.topic()));
  }

  private static Answer answer(List<CompletableFuture<List<SessionView>>> looks, int limit) {
    var all = looks.stream().flatMap(look -> look.join().stream()).toList();
    var byState = new TreeMap<String, Integer>();
    all.forEach(view -> byState.merge(view.state(), 1, Integer::sum));
    return new Answer(
        all.stream().sorted(FURTHEST_BEHIND).limit(limit).toList(), all.size(), byState);
  }

  @Override
  public CompletionStage<Optional<Detail>> get(String id) {
    return with(id, Roster::detail);
  }

  @Override
  public CompletionStage<Optional<Detail>> kick(String id, int code, String reason) {
    return with(
        id,
        session -> {
          var detail = detail(session);
          session.kicked(code, reason);
          return detail;
        });
  }

  private static Detail detail(Listed session) {
    return new Detail(session.view(), session.topics());
  }

  private CompletionStage<Optional<Detail>> with(String id, Function<S, Detail> work) {
    var done = new CompletableFuture<Optional<Detail>>();
    var known = byId.get(id);
    if (known == null) {
      done.complete(Optional.empty());
      return done;
    }
    S session = known;
    on(
        session.loop(),
        done,
        () ->
            done.complete(
                byId.containsKey(id) ? Optional.of(work.apply(session)) : Optional.empty()));
    return done;
  }

  private static void on(Loop loop, CompletableFuture<?> done, Runnable work) {
    try {
      loop.execute(
          () -> {
            try {
              work.run();
            } catch (RuntimeException failure) {
              done.completeExceptionally(failure);
            }
          });
    } catch (RejectedExecutionException ended) {
      done.completeExceptionally(ended);
    }
  }
}
