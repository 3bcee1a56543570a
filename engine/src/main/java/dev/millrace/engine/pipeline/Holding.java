package dev.millrace.engine.pipeline;

import dev.millrace.core.time.Clock;
import dev.millrace.engine.flow.Chain;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/// Chains that somebody holds, from [#ask] until [#release]; each may be held by several at once.
/// Safe from any thread.
final class Holding {
  private record Held(Chain chain, CompletableFuture<Void> parked) {}

  private final List<Held> held;
  private boolean released; // guarded by this

  private Holding(List<Held> held) {
    this.held = held;
  }

  /// Asks `chains` to stand still.
  static Holding ask(Collection<Chain> chains) {
    return new Holding(chains.stream().map(chain -> new Held(chain, chain.hold())).toList());
  }

  /// Waits until all of them do, for `patience` at most.
  HoldReport await(Duration patience, Clock clock) throws InterruptedException {
    var all =
        CompletableFuture.allOf(held.stream().map(Held::parked).toArray(CompletableFuture[]::new));
    var late = new CompletableFuture<Void>();
    var timer = clock.after(patience, () -> late.complete(null));
    try {
      var _ = CompletableFuture.anyOf(all, late).get();
    } catch (ExecutionException impossible) {
      throw new IllegalStateException("a hold does not fail", impossible);
    } finally {
      timer.cancel();
    }
    var missing = new ArrayList<String>();
    for (var one : held) {
      if (!one.parked().isDone()) {
        missing.add(one.chain().activeStage().id());
      }
    }
    return missing.isEmpty() ? new HoldReport.Held() : new HoldReport.Late(missing);
  }

  /// Lets them go on. A second call does nothing.
  void release() {
    synchronized (this) {
      if (released) {
        return;
      }
      released = true;
    }
    held.forEach(one -> one.chain().release());
  }
}
