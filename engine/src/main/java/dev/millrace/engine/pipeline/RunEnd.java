package dev.millrace.engine.pipeline;

import dev.millrace.core.time.Clock;
import dev.millrace.engine.checkpoint.CheckpointCoordinator;
import dev.millrace.engine.flow.Chain;
import dev.millrace.engine.flow.NodeFailure;
import dev.millrace.engine.tap.TapHub;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// How one run comes to its end: when all its chains have ended, when a node fails, when its
/// deadline passes, when it is drained, or at once when it is closed. Whatever comes first holds,
/// and all nodes are closed in any case.
///
/// Safe from any thread.
final class RunEnd {
  private static final Logger log = LoggerFactory.getLogger(RunEnd.class);
  private static final String OVER = "is being stopped or has ended";

  private final String pipeline;
  private final Clock clock;
  private final StateHolder state;
  private final TapHub taps;
  private final Entries entries;
  private final Pausing pausing;
  private final Changing changing;
  private final RunParts run;
  private final CompletableFuture<PipelineState> end = new CompletableFuture<>();
  private final CompletableFuture<Boolean> launched = new CompletableFuture<>();

  // Guarded by this.
  private boolean closed;
  private @Nullable NodeFailure failure;
  private Clock.@Nullable Timer deadline;

  // Written once, when the last chain has ended.
  private volatile long endedNanos = -1;

  // Written by whoever drains.
  private volatile DrainReport.@Nullable TimedOut timedOut;

  RunEnd(
      String pipeline,
      Clock clock,
      StateHolder state,
      TapHub taps,
      Entries entries,
      Pausing pausing,
      Changing changing,
      RunParts run) {
    this.pipeline = pipeline;
    this.clock = clock;
    this.state = state;
    this.taps = taps;
    this.entries = entries;
    this.pausing = pausing;
    this.changing = changing;
    this.run = run;
  }

  synchronized boolean isClosed() {
    return closed;
  }

  /// The first failure of a node, with later ones as suppressed exceptions; null without one.
  synchronized @Nullable NodeFailure failure() {
    return failure;
  }

  /// Completes, with the last state, when every node has ended and is closed.
  CompletableFuture<PipelineState> end() {
    return end;
  }

  PipelineState await() throws InterruptedException {
    try {
      return end.get();
    } catch (ExecutionException impossible) {
      throw new IllegalStateException("the end of a pipeline does not fail", impossible);
    }
  }

  /// When the run has ended; now, while it has not.
  long nanos() {
    return end.isDone() ? endedNanos : clock.nanoTime();
  }

  /// Has `begins` done, unless somebody has closed the run; from then on it may take as long as
  /// `limit` says, if it says anything.
  ///
  /// @return false if it is closed
  boolean begin(@Nullable Duration limit, Runnable begins) {
    synchronized (this) {
      if (closed) {
        return false;
      }
      begins.run();
      if (limit != null) {
        deadline = clock.after(limit, () -> pastDeadline(limit));
      }
    }
    return true;
  }

  /// All its chains run; whoever drains waits for this.
  void launched() {
    launched.complete(true);
    if (isClosed()) {
      endNow();
    }
  }

  /// Closes what was opened of a run that will not begin.
  void unopened(@Nullable Assembly made, String why) {
    entries.close("could not be started: " + why);
    var _ = state.tryMove(new PipelineState.Error(why, true));
    if (made == null) {
      endedNanos = clock.nanoTime();
      taps.close();
      end.complete(state.get());
    } else {
      var ending = new Ending(pipeline, made, end);
      ending.cancel();
      made.launch();
      if (made.chains().isEmpty()) {
        ended();
      }
      finish(ending);
    }
    launched.complete(false);
  }

  /// [Pipeline#drain(Duration)] of a run that has begun, or is about to.
  DrainReport drain(Duration timeout) throws InterruptedException {
    pausing.noMore();
    changing.endThem();
    var late = new CompletableFuture<PipelineState>();
    var timer = clock.after(timeout, () -> late.complete(state.get()));
    try {
      first(launched, late);
      entries.close(OVER);
      pausing.letGo();
      run.coordinator().ifPresent(CheckpointCoordinator::last);
      var running = run.now();
      if (running != null) {
        running.chains().forEach(Chain::drain);
      }
      first(end, late);
    } finally {
      timer.cancel();
    }
    if (!end.isDone()) {
      return outOfTime();
    }
    closeCheckpoints();
    return drainReport();
  }

  /// Ends it at once.
  ///
  /// @return false if it was closed before
  boolean close() {
    synchronized (this) {
      if (closed) {
        return false;
      }
      closed = true;
    }
    run.coordinator().ifPresent(CheckpointCoordinator::stop);
    changing.endThem();
    if (run.now() == null) {
      taps.close();
    }
    entries.close(OVER);
    if (launched.isDone() && run.now() != null) {
      endNow();
    } else if (!(state.get() instanceof PipelineState.Idle)) {
      var _ = Ending.endsWithin(end, Ending.GRACE);
    }
    closeCheckpoints();
    return true;
  }

  /// A node has failed: nothing new comes, and what is behind it still arrives.
  void failed(NodeFailure thrown) {
    synchronized (this) {
      if (failure != null) {
        failure.addSuppressed(thrown);
        return;
      }
      failure = thrown;
    }
    var _ = state.tryMove(new PipelineState.Error(String.valueOf(thrown.getMessage()), true));
    changing.over();
    run.coordinator().ifPresent(CheckpointCoordinator::stop);
    entries.close("has failed: " + thrown.getMessage());
    var latest = run.now(); // others by now if a change has just come through
    if (latest != null) {
      latest.chains().forEach(Chain::stopSource);
    }
    pausing.letGo();
  }

  /// All chains have ended.
  void ended() {
    var running = run.now();
    long frames = running == null ? 0 : running.framesAtTheEnd();
    changing.over();
    endedNanos = clock.nanoTime();
    entries.close(OVER);
    synchronized (this) {
      if (deadline != null) {
        deadline.cancel();
      }
    }
    taps.close();
    var saved = run.checkpoints();
    if (saved != null) {
      saved.ended();
    }
    var _ = state.tryMove(new PipelineState.Completed(frames));
    if (running != null) {
      running.countDiscarded();
    }
    end.complete(state.get());
  }

  private void endNow() {
    run.coordinator().ifPresent(CheckpointCoordinator::stop);
    changing.endThem();
    var running = run.now();
    if (running == null) {
      return;
    }
    var ending = new Ending(pipeline, running, end);
    ending.cancel();
    finish(ending);
  }

  private void finish(Ending ending) {
    var stuck = ending.await();
    if (!stuck.isEmpty()) {
      var _ = state.tryMove(new PipelineState.Error("did not come back: " + stuck, false));
      ending.giveUp();
    }
  }

  /// On the clock's thread, which must not wait.
  private void pastDeadline(Duration limit) {
    var running = run.now();
    if (running == null) {
      return;
    }
    var at = Ending.atWork(running);
    var sentence =
        "the run took longer than its deadline of " + limit.toMillis() + " ms" + Ending.told(at);
    synchronized (this) { // whoever sees the state sees why
      if (!state.tryMove(new PipelineState.Error(sentence, true))) {
        return;
      }
      failure = failure == null ? Ending.overdue(running, at, sentence) : failure;
    }
    log.error("{}: {}; the pipeline ends", pipeline, sentence);
    entries.close("has failed: " + sentence);
    Thread.ofVirtual().name("millrace-" + pipeline + "-deadline").start(this::endNow);
  }

  private DrainReport drainReport() {
    var late = timedOut;
    var failed = failure();
    if (failed != null) {
      return new DrainReport.Failed(failed);
    }
    var running = run.now();
    return late != null
        ? late
        : new DrainReport.Clean(running == null ? 0 : running.framesAtTheEnd());
  }

  private DrainReport outOfTime() {
    var running = run.now();
    if (running == null || !launched.isDone()) {
      var report = new DrainReport.TimedOut(List.of());
      timedOut = report;
      var _ = close();
      return report;
    }
    var report = new DrainReport.TimedOut(Ending.left(running.chains()));
    timedOut = report;
    var sentence = "the drain ran out of time" + Ending.told(Ending.atWork(running));
    if (state.tryMove(new PipelineState.Error(sentence, true))) {
      log.warn("{}: {}; {} frames are discarded", pipeline, sentence, report.frames());
    }
    endNow();
    return report;
  }

  private void closeCheckpoints() {
    var saved = run.checkpoints();
    if (saved != null) {
      saved.close();
    }
  }

  private static void first(CompletableFuture<?> wanted, CompletableFuture<?> late)
      throws InterruptedException {
    try {
      var _ = CompletableFuture.anyOf(wanted, late).get();
    } catch (ExecutionException impossible) {
      throw new IllegalStateException("the end of a pipeline does not fail", impossible);
    }
  }
}
