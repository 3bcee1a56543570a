package dev.millrace.engine.pipeline;

import dev.millrace.core.problem.ProblemException;
import dev.millrace.engine.checkpoint.CheckpointCoordinator;
import dev.millrace.engine.flow.Chain;
import dev.millrace.engine.graph.Graph;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Changes of one pipeline's graph while it runs. One at a time, and none beside a pause; whoever
/// ends the pipeline has a change that is under way taken back, or waits until it is through.
///
/// Nodes that are new are made and opened while the old ones still run, then the chains that are
/// touched stand still ([Reconfiguration]), and then the parts are joined anew ([Splice]).
///
/// Safe from any thread.
final class Changing {
  private static final Logger log = LoggerFactory.getLogger(Changing.class);

  // How long a change waits for nodes to close. Real time, as the thread that waits.
  private static final Duration CLOSING = Duration.ofSeconds(5);
  private static final Duration MOST_PATIENCE = Duration.ofSeconds(10);

  private final Surroundings around;
  private final Pausing pausing;
  private final Entries entries;
  private final RunParts run;

  // From the first hold of a change to its end, and waited for by whoever ends the pipeline.
  private final Semaphore underWay = new Semaphore(1);
  private final CompletableFuture<Void> ending = new CompletableFuture<>();

  Changing(Surroundings around, Pausing pausing, Entries entries, RunParts run) {
    this.around = around;
    this.pausing = pausing;
    this.entries = entries;
    this.run = run;
  }

  /// [Pipeline#apply].
  ApplyReport apply(Graph next, PipelineServices lent, Accord accord) throws InterruptedException {
    pausing.turn().lockInterruptibly();
    try {
      var change = Change.between(run.graph(), next);
      var running = run.now();
      if (running == null || !(run.state() instanceof PipelineState.Running)) {
        throw refusal("E_CHANGE", "it is " + run.state().name());
      }
      if (change.isNone()) {
        run.says(next);
        return new ApplyReport.Unchanged();
      }
      var anew = change.needsNewRun();
      if (anew.isPresent()) {
        throw refusal(ApplyReport.NEEDS_NEW_RUN, anew.get());
      }
      replace(running, change, lent, accord);
      return new ApplyReport.Applied(
          change.kept(), change.changed(), change.added(), change.removed());
    } catch (Reconfiguration.Refusal refusal) {
      return new ApplyReport.Refused(refusal.problem());
    } finally {
      pausing.turn().unlock();
    }
  }

  /// Has a change that is under way be taken back, or waits until it is through.
  void endThem() {
    over();
    underWay.acquireUninterruptibly();
    underWay.release();
  }

  /// There are no changes any more. Does not wait for one that is under way.
  void over() {
    ending.complete(null);
  }

  boolean isOver() {
    return ending.isDone();
  }

  /// What a node that is gone held may be wanted by whoever comes next. Frames flow meanwhile, and
  /// a node that does not come back is not waited for.
  void awaitClosed(CompletableFuture<Void> closed) {
    try {
      closed.get(CLOSING.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException late) {
      log.warn("{}: nodes that left its graph are not closed after {}", name(), CLOSING);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException impossible) {
      throw new IllegalStateException("closing nodes does not fail", impossible);
    }
  }

  private void replace(Assembly before, Change change, PipelineServices lent, Accord accord)
      throws Reconfiguration.Refusal, InterruptedException {
    Assembly after = null;
    var closed = CompletableFuture.<Void>completedFuture(null);
    boolean done = false;
    try {
      after = new Assembly(around.lending(lent), change.to(), before, change.staying());
      after.resumption().checkDurable();
      after.opening().openNew(false);
      Reconfiguration.agree(name(), accord.opened(), ending);
      closed = splice(before, after, accord);
      done = true;
    } catch (ProblemException broken) {
      throw Reconfiguration.refusal(name(), broken.problem());
    } finally {
      if (!done) {
        if (after != null) {
          closed = after.abandonNew();
        }
        before.showPlaces();
      }
      awaitClosed(closed);
    }
  }

  /// @return what completes when the instances that left are closed
  private CompletableFuture<Void> splice(Assembly before, Assembly after, Accord accord)
      throws Reconfiguration.Refusal, InterruptedException {
    var splice = new Splice(before, after);
    var move = new Reconfiguration(name(), around.runtime().clock(), splice, after, ending);
    var drain = before.graph().settings().drainTimeout();
    var patience = drain.compareTo(MOST_PATIENCE) < 0 ? drain : MOST_PATIENCE;
    underWay.acquireUninterruptibly();
    around.checkpoints().get().ifPresent(CheckpointCoordinator::suspend);
    entries.hold(true);
    try {
      move.standStill(patience);
      move.agree(accord.standsStill(), patience);
      move.finishLeaving(around.listener());
      return commit(splice, after);
    } finally {
      move.release();
      entries.hold(false);
      around.checkpoints().get().ifPresent(CheckpointCoordinator::resume);
      underWay.release();
    }
  }

  /// Everything that is touched stands still.
  private CompletableFuture<Void> commit(Splice splice, Assembly after)
      throws Reconfiguration.Refusal {
    if (!run.grows(splice.growth())) {
      throw refusal("E_CHANGE", "it has ended");
    }
    var fresh = splice.join();
    run.becomes(after);
    pausing.begin(after.chains());
    entries.replace(after.inlets());
    after.showPlaces();
    fresh.forEach(Chain::launch);
    var closed = splice.retire();
    if (!(run.state() instanceof PipelineState.Running)) {
      after.chains().forEach(Chain::stopSource); // it failed meanwhile
    }
    return closed;
  }

  private Reconfiguration.Refusal refusal(String code, String why) {
    return Reconfiguration.refusal(code, name(), why);
  }

  private String name() {
    return around.pipeline();
  }
}
