package dev.millrace.engine.flow;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.time.Clock;
import dev.millrace.engine.flow.SupervisionStats.Event;
import dev.millrace.engine.supervise.Breaker;
import dev.millrace.engine.supervise.ErrorPolicy;
import dev.millrace.engine.supervise.RestartStrategy;
import dev.millrace.engine.supervise.Supervision;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/// Carries out what the graph says about one node's failures: restart first, policy last, frame by
/// frame. It never blocks a worker: where a retry has to wait, [#process] stops at the frame and is
/// called again, with the same frames from that one on, when whoever runs it has been woken.
///
/// A source has no frame in hand when its poll fails: what the strategy says holds for the poll,
/// and a policy other than to propagate means to poll again after a pause.
///
/// Confined to the thread that runs the stage.
final class Supervisor {
  private static final long POLL_PAUSE_NANOS = 100_000_000;

  private final Stage stage;
  private final Supervision supervision;
  private final @Nullable Breaker breaker;
  private final SupervisionStats stats;
  private final RareLog log;
  private final Clock clock;
  private volatile @Nullable Supervised runner; // another one when the chain is built anew

  private int failures; // in a row, at the frame or poll in hand
  private Standing standing = Standing.READY;
  private long dueNanos;
  private boolean restarts; // what is waited for is a fresh instance
  private boolean probing; // the call that is due is the breaker's probe
  private Clock.@Nullable Timer timer;
  private @Nullable Reopening reopening;

  private enum Standing {
    READY,
    WAITING,
    OPENING
  }

  /// Whether the frame in hand can be given to the node.
  private enum Way {
    CLEAR,
    WAIT,
    /// The policy has decided about the frame.
    DECIDED
  }

  Supervisor(
      Stage stage, Supervision supervision, SupervisionStats stats, Clock clock, RareLog log) {
    this.stage = stage;
    this.supervision = supervision;
    this.stats = stats;
    this.clock = clock;
    this.log = log;
    this.breaker =
        supervision.restart() instanceof RestartStrategy.CircuitBreaker strategy
            ? new Breaker(strategy)
            : null;
  }

  /// For another instance at the place of `other`, with which it shares the counts and the breaker.
  Supervisor(Stage stage, Supervisor other) {
    this.stage = stage;
    this.supervision = other.supervision;
    this.stats = other.stats;
    this.clock = other.clock;
    this.log = other.log;
    this.breaker = other.breaker;
  }

  void serves(Supervised served) {
    runner = served;
  }

  SupervisionStats stats() {
    return stats;
  }

  /// Any thread.
  Breaker.@Nullable State circuit() {
    return breaker == null ? null : breaker.state();
  }

  /// Handles `frames[from..to)`.
  ///
  /// @return `to`, or the index of the frame that waits
  int process(Frame[] frames, int from, int to) throws NodeFailure {
    int at = from;
    while (at < to) {
      if (failures > 0 || !stage.isOpen()) {
        var way = way(frames[at]);
        if (way == Way.WAIT) {
          return at;
        }
        if (way == Way.DECIDED) {
          at++;
          continue;
        }
      }
      if (breaker != null && !admitted(breaker)) {
        reject(frames[at++]);
        continue;
      }
      boolean alone = failures > 0 || probing;
      int end = alone ? at + 1 : to;
      int done = stage.attempt(frames, at, end);
      if (done > at) {
        succeeded();
      }
      at = done;
      if (done < end && decided(frames[done], "process", stage.thrown())) {
        at++;
      }
    }
    return to;
  }

  /// Whether the source may be polled now.
  boolean mayPoll() throws NodeFailure {
    while (way(null) == Way.CLEAR) {
      if (breaker == null || runner().hurries() || admitted(breaker)) {
        return true;
      }
      await(breaker.leftNanos(clock.nanoTime()), false);
    }
    return false;
  }

  /// The source's poll failed.
  ///
  /// @throws NodeFailure if it is not to be polled again
  void pollFailed(NodeFailure failure) throws NodeFailure {
    var cause = failure.getCause();
    var _ = decided(null, "poll", cause == null ? failure : cause);
  }

  /// A frame was handled, or a poll came back.
  void succeeded() {
    failures = 0;
    if (breaker != null) {
      breaker.succeeded(probing);
      probing = false;
    }
  }

  private boolean admitted(Breaker asked) {
    if (!probing) {
      switch (asked.admit(clock.nanoTime())) {
        case ADMITTED -> {}
        case PROBE -> probing = true;
        case REJECTED -> {
          return false;
        }
      }
    }
    return true;
  }

  /// Whether the node is without an instance that works, and is to get another.
  boolean restarting() {
    return standing == Standing.OPENING || (standing == Standing.WAITING && restarts);
  }

  /// Nothing is waited for any more.
  void close() {
    if (timer != null) {
      timer.cancel();
    }
    if (reopening != null) {
      reopening.abandon();
      reopening = null;
    }
  }

  private Way way(@Nullable Frame frame) throws NodeFailure {
    while (!runner().isCancelled()) {
      switch (standing) {
        case READY -> {
          if (stage.isOpen()) {
            return Way.CLEAR;
          }
          reopen();
        }
        case WAITING -> {
          if (!runner().hurries() && clock.nanoTime() - dueNanos < 0) {
            return Way.WAIT;
          }
          standing = Standing.READY;
          if (restarts) {
            reopen();
          }
        }
        case OPENING -> {
          if (reopening == null || reopening.outcome() instanceof Reopening.Pending) {
            return Way.WAIT;
          }
          if (opened(frame, reopening.outcome())) {
            return Way.DECIDED;
          }
        }
      }
    }
    return Way.WAIT; // the run is about to end
  }

  /// Takes what the reopening has come to.
  ///
  /// @return whether it was the last attempt, so that the policy has decided about `frame`
  private boolean opened(@Nullable Frame frame, Reopening.Outcome outcome) throws NodeFailure {
    standing = Standing.READY;
    reopening = null;
    switch (outcome) {
      case Reopening.Opened(var instance) -> {
        stage.take(instance);
        stats.count(Event.RESTART);
      }
      case Reopening.Failed(var cause) -> {
        stage.stats().failed();
        return decided(frame, "open", cause);
      }
      case Reopening.Pending(), Reopening.Abandoned() ->
          throw new IllegalStateException("a reopening that has come to nothing was taken");
    }
    return false;
  }

  private void reopen() {
    standing = Standing.OPENING;
    var fresh = stage.reopening(() -> runner().wake());
    reopening = fresh;
    if (runner().opensItself()) {
      fresh.run();
    } else {
      fresh.start("millrace-" + stage.pipeline() + "-" + stage.id());
    }
  }

  /// An attempt failed.
  ///
  /// @return whether the policy has decided about the frame; else there will be a further attempt
  /// @throws NodeFailure if the pipeline is to fail
  private boolean decided(@Nullable Frame frame, String doing, Throwable cause) throws NodeFailure {
    failures++;
    var failure = stage.failure(doing, failures, frame, cause);
    if (isFatal(cause)) {
      throw failure;
    }
    if (breaker != null) {
      breaker.failed(clock.nanoTime(), probing);
      probing = false;
    }
    double random = ThreadLocalRandom.current().nextDouble();
    long wait = supervision.restart().waitNanos(failures, random);
    if (wait != RestartStrategy.NO_RETRY) {
      log.warn(failure, "it is tried again in " + wait / 1_000_000 + " ms");
      stage.endEarly();
      stats.count(Event.RETRY);
      await(wait, true);
      return false;
    }
    int attempts = failures;
    failures = 0;
    if (frame != null) {
      decide(frame, failure, cause, attempts);
    } else if (supervision.policy() instanceof ErrorPolicy.Propagate) {
      throw failure;
    } else {
      log.warn(failure, "it is polled again");
      await(POLL_PAUSE_NANOS, !stage.isOpen());
    }
    return true;
  }

  private void reject(Frame frame) throws NodeFailure {
    stats.count(Event.REJECTION);
    var cause = new IllegalStateException("circuit open");
    decide(frame, stage.failure("process", 0, frame, cause), cause, 0);
  }

  private void decide(Frame frame, NodeFailure failure, Throwable cause, int attempts)
      throws NodeFailure {
    var fate = stage.fate();
    var error = DeadLetters.sentence(cause);
    var letters = stage.deadLetters();
    if (letters != null) {
      letters.send(frame, stage.id(), error, attempts);
      stats.count(Event.DEAD_LETTER);
      fate.deadLettered(frame, error);
    }
    switch (supervision.policy()) {
      case ErrorPolicy.Propagate() -> {
        fate.dropped(frame, "error", cause);
        throw failure;
      }
      case ErrorPolicy.SkipFrame(var forwardInput) -> {
        log.warn(failure, forwardInput ? "the frame goes on as it came" : "the frame is dropped");
        stats.count(Event.SKIP);
        if (forwardInput) {
          fate.replaced(frame, "policy: it goes on as it came, after: " + error);
          stage.emit(frame, frame);
        } else {
          fate.dropped(frame, "policy", cause);
        }
      }
      case ErrorPolicy.UseDefault instead -> {
        log.warn(failure, "the default goes on instead");
        stats.count(Event.DEFAULT);
        fate.replaced(frame, "policy: the default goes on, after: " + error);
        stage.emit(instead.inPlaceOf(frame), frame);
      }
    }
  }

  private void await(long nanos, boolean fresh) {
    standing = Standing.WAITING;
    restarts = fresh;
    dueNanos = clock.nanoTime() + nanos;
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
    if (nanos > 0 && !runner().hurries()) {
      timer = clock.after(Duration.ofNanos(nanos), () -> runner().wake());
    }
  }

  /// What no fresh instance and no policy mends: the process itself is in trouble.
  private static boolean isFatal(Throwable cause) {
    return cause instanceof VirtualMachineError || cause instanceof LinkageError;
  }

  private Supervised runner() {
    return java.util.Objects.requireNonNull(runner, "a stage is supervised by who runs it");
  }
}
