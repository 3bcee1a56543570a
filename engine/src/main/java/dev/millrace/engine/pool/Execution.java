package dev.millrace.engine.pool;

import dev.millrace.core.frame.Frame;
import dev.millrace.engine.pipeline.Pipeline;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/// One execution of a [PipelinePool], from the call that asked for it. Safe from any thread.
public final class Execution {
  private final PipelinePool pool;
  private final List<Frame> triggers;
  private final CompletableFuture<Outcome> outcome = new CompletableFuture<>();

  // Both guarded by this.
  private @Nullable Pipeline running;
  private boolean cancelled;

  Execution(PipelinePool pool, List<Frame> triggers) {
    this.pool = pool;
    this.triggers = triggers;
  }

  /// Waits for the end.
  public Outcome await() throws InterruptedException {
    try {
      return outcome.get();
    } catch (ExecutionException impossible) {
      throw new IllegalStateException("an execution ends with an outcome", impossible);
    }
  }

  /// Completes at the end.
  public CompletableFuture<Outcome> done() {
    return outcome.copy();
  }

  /// Ends it early: one that waits never begins, one that runs is closed with what it has in hand.
  /// Does not wait. Does nothing once it has ended.
  public void cancel() {
    Pipeline closing;
    synchronized (this) {
      cancelled = true;
      closing = running;
    }
    pool.withdraw(this);
    if (closing != null) {
      Thread.ofVirtual().name("millrace-cancel-" + closing.name()).start(closing::close);
    }
  }

  List<Frame> triggers() {
    return triggers;
  }

  /// It runs in `pipeline` from now on.
  ///
  /// @return false if it was cancelled before
  synchronized boolean begins(Pipeline pipeline) {
    running = pipeline;
    return !cancelled;
  }

  synchronized boolean cancelled() {
    return cancelled;
  }

  void ends(Outcome with) {
    synchronized (this) {
      running = null; // whoever keeps this keeps the outcome, not the run
    }
    outcome.complete(with);
  }
}
