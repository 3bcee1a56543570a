package dev.millrace.gateway.wse;

import dev.millrace.gateway.session.SessionKind;
import dev.millrace.gateway.session.SessionSource;
import dev.millrace.gateway.session.SessionView;
import dev.millrace.net.Loop;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The connections of the dialect for operators: looking at them, and ending one. Safe from any
/// thread. Stages complete on a loop, so what depends on them must not block, and fail when the
/// loops have ended.
///
/// A loop looks at a sixteenth of its connections at a time, so that messages do not wait for it.
public final class ClientDesk implements SessionSource {
  private final List<Loop> loops;
  private final List<Pulse> pulses; // by loop

  ClientDesk(List<Loop> loops, List<Pulse> pulses) {
    this.loops = loops;
    this.pulses = pulses;
  }

  @Override
  public SessionKind kind() {
    return SessionKind.WSE;
  }

  @Override
  public CompletionStage<Answer> find(Wish wish) {
    return look(() -> new Finding(wish)).thenApply(findings -> answer(findings, wish.limit()));
  }

  @Override
  public CompletionStage<Optional<Detail>> get(String id) {
    return look(() -> new Search(id, null)).thenApply(ClientDesk::first);
  }

  @Override
  public CompletionStage<Optional<Detail>> kick(String id, int code, String reason) {
    return look(() -> new Search(id, new Order(code, reason))).thenApply(ClientDesk::first);
  }

  private record Order(int code, String reason) {}

  private static Optional<Detail> first(List<Search> searches) {
    return searches.stream()
        .flatMap(search -> Optional.ofNullable(search.found).stream())
        .findFirst();
  }

  private static Answer answer(List<Finding> findings, int limit) {
    var clients =
        findings.stream()
            .flatMap(finding -> finding.found.stream())
            .sorted(Comparator.comparingLong(SessionView::depth).reversed())
            .limit(limit)
            .toList();
    var byState = new TreeMap<String, Integer>();
    int matching = 0;
    for (var finding : findings) {
      matching += finding.matching;
      finding.byState.forEach((state, number) -> byState.merge(state, number, Integer::sum));
    }
    return new Answer(clients, matching, byState);
  }

  /// Shows a look of its own to the connections of each loop.
  private <L extends Look> CompletionStage<List<L>> look(Supplier<L> looks) {
    var all = new ArrayList<CompletableFuture<L>>();
    for (int i = 0; i < loops.size(); i++) {
      var done = new CompletableFuture<L>();
      all.add(done);
      goOn(i, 0, looks.get(), done);
    }
    return CompletableFuture.allOf(all.toArray(CompletableFuture[]::new))
        .thenApply(nothing -> all.stream().map(CompletableFuture::join).toList());
  }

  private <L extends Look> void goOn(int loop, int group, L look, CompletableFuture<L> done) {
    try {
      loops.get(loop).execute(() -> visit(loop, group, look, done));
    } catch (RejectedExecutionException ended) {
      done.completeExceptionally(ended);
    }
  }

  private <L extends Look> void visit(int loop, int group, L look, CompletableFuture<L> done) {
    try {
      if (group < Pulse.BEATS) {
        pulses.get(loop).group(group).forEach(look::at);
        goOn(loop, group + 1, look, done);
      } else {
        look.end();
        done.complete(look);
      }
    } catch (RuntimeException failure) {
      done.completeExceptionally(failure);
    }
  }

  /// What one loop's connections are shown to, one after the other, on the loop.
  private interface Look {
    /// Must not end the connection.
    void at(WseSession session);

    /// All have been seen.
    void end();
  }

  private static final class Finding implements Look {
    private final Wish wish;
    private final PriorityQueue<Candidate> best = new PriorityQueue<>(Candidate.LEAST_FIRST);
    private final Map<String, Integer> byState = new TreeMap<>();
    private List<SessionView> found = List.of();
    private int matching;

    /// One of the first, as it was when it was looked at.
    private record Candidate(WseSession session, long depth, long perSecond) {
      private static final Comparator<Candidate> LEAST_FIRST =
          Comparator.comparingLong(Candidate::depth).thenComparingLong(Candidate::perSecond);
    }

    Finding(Wish wish) {
      this.wish = wish;
    }

    @Override
    public void at(WseSession session) {
      if (!isWished(session)) {
        return;
      }
      matching++;
      byState.merge(ClientView.state(session), 1, Integer::sum);
      long depth = session.hubSession().lagMessages();
      long perSecond = session.framesSent() / (1 + ClientView.ageSeconds(session));
      var least = best.peek();
      if (best.size() < wish.limit()) {
        best.add(new Candidate(session, depth, perSecond));
      } else if (least != null
          && (least.depth < depth || (least.depth == depth && least.perSecond < perSecond))) {
        best.remove();
        best.add(new Candidate(session, depth, perSecond));
      }
    }

    @Override
    public void end() {
      found = best.stream().map(one -> ClientView.of(one.session)).toList();
    }

    private boolean isWished(WseSession session) {
      return (wish.user() == null || wish.user().equals(session.client().name().known()))
          && (wish.topic() == null || session.hubSession().topics().contains(wish.topic()));
    }
  }

  private static final class Search implements Look {
    private static final int MOST_TOPICS = 1_000;

    private final String id;
    private final @Nullable Order order;
    private @Nullable WseSession session;
    private @Nullable Detail found;

    Search(String id, @Nullable Order order) {
      this.id = id;
      this.order = order;
    }

    @Override
    public void at(WseSession candidate) {
      if (candidate.client().name().isConnection(id)) {
        session = candidate;
      }
    }

    @Override
    public void end() {
      var it = session;
      if (it == null || !it.isOpen()) {
        return;
      }
      var topics = it.hubSession().topics().stream().sorted().limit(MOST_TOPICS).toList();
      found = new Detail(ClientView.of(it), topics);
      if (order != null) {
        it.context().counters.closedKicked.inc();
        it.ending().kicked(order.code, order.reason);
      }
    }
  }
}
