package dev.millrace.engine.flow;

import dev.millrace.core.time.Clock;
import dev.millrace.engine.schedule.Task.Turn;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// The turns of one chain: takes a few steps each time, keeps room behind the chain, stands still
/// when that is asked, and brings the chain to its end, also after a failure. Confined to the
/// chain's thread, except where a method says otherwise.
final class Turns {
  // A turn is over after 32 full batches' worth of frames: short turns of cheap nodes cost more in
  // hand-overs between workers than they do in work. A step that moves few frames counts as some,
  // so that a turn has an end, and as few, so that small batches still gather. Nodes that take
  // their time end it by the clock.
  private static final int FRAMES_PER_TURN = 32 * Batch.MAX_FRAMES;
  private static final int LEAST_PER_STEP = 32;
  private static final long NANOS_PER_TURN = 1_000_000;

  private enum Phase {
    RUNNING,
    /// A stage has failed; those behind it still hand on what they hold.
    FINISHING_BEHIND,
    /// Only what is pending must still find room.
    FLUSHING,
    ENDED
  }

  private final Chain chain;
  private final Stages stages;
  private final @Nullable SourceHead head; // null in a chain that is fed by channels
  private final Hold hold;
  private final Clock clock;
  private final ChainListener listener;
  private final Replays replays = new Replays();
  private final Activity activity;
  private final Work steps;
  private final AtomicBoolean reportedEnd = new AtomicBoolean();
  private final CompletableFuture<Void> retirement = new CompletableFuture<>();

  // Written before the chain runs, and by whoever holds it while it stands still.
  private volatile Input input;
  private volatile Exits exits;
  private volatile @Nullable Snapshots snapshots; // null where the graph keeps no checkpoints
  private volatile Collection<Stage> leaving = List.of(); // to be told that nothing follows
  private volatile boolean finishing; // what finds no room now waits for the chain's successor
  private volatile @Nullable Collection<Stage> retired; // to be closed, as the chain's last deed

  private volatile boolean cancelled; // set once, by whoever closes the pipeline

  private Phase phase = Phase.RUNNING;
  private @Nullable NodeFailure reported; // before the batch in which it failed was at its end
  private int finishedTo; // while finishing behind a failed stage: the stage to go on from

  private boolean finished; // everything was handled and handed on
  private boolean full; // the turn ended for want of room
  private boolean halting; // the turn ends because the chain is held
  private long turnNanos; // when the turn last looked at the clock

  /// `group` is null in a chain that runs its nodes itself.
  Turns(
      Chain chain,
      Stages stages,
      @Nullable SourceHead head,
      @Nullable Group group,
      Hold hold,
      Clock clock,
      ChainListener listener) {
    this.chain = chain;
    this.stages = stages;
    this.head = head;
    this.hold = hold;
    this.clock = clock;
    this.listener = listener;
    this.activity = new Activity(clock);
    this.input = new Input(List.of(), new int[0][], new boolean[0], stages.beginning());
    this.exits = new Exits(List.of(), stages);
    this.steps =
        group == null
            ? new Steps(stages, head, replays, input, exits)
            : new SharedSteps(group, head, replays, input, exits);
  }

  /// Any thread: what the turns consist of, where that may be called from any thread.
  Work steps() {
    return steps;
  }

  /// Any thread: how the turns spend their time.
  Activity activity() {
    return activity;
  }

  /// Any thread: frames to be put in front of single stages.
  Replays replays() {
    return replays;
  }

  /// The chain has other neighbours; before it runs, or while it stands still.
  void rewire(Input newInput, Exits newExits) {
    input = newInput;
    exits = newExits;
    steps.rewire(newInput, newExits);
  }

  /// Before the chain runs.
  void savesTo(Snapshots checkpoints) {
    snapshots = checkpoints;
  }

  /// Before the chain runs: there is nothing for it to do.
  void endsAtOnce() {
    phase = Phase.FLUSHING;
    finished = true;
  }

  /// While the chain stands still: `parting` are to hear that nothing follows, once what has come
  /// has been handled; what finds no room then stays.
  void leave(Collection<Stage> parting) {
    leaving = List.copyOf(parting);
    finishing = true;
  }

  /// Any thread: the chain goes on.
  void goOn() {
    finishing = false;
  }

  /// While the chain stands still: its last deed will be to close `gone`.
  ///
  /// @return what completes when they are closed
  CompletableFuture<Void> retire(Collection<Stage> gone) {
    retired = List.copyOf(gone);
    return retirement;
  }

  /// Any thread: where the chain's frames come from.
  Input input() {
    return input;
  }

  /// Any thread: where they go.
  Exits exits() {
    return exits;
  }

  /// Any thread: the next turn is the last.
  void cancel() {
    cancelled = true;
    input.abandon();
  }

  /// Any thread.
  boolean isCancelled() {
    return cancelled;
  }

  /// Any thread: whether the end has been reported.
  boolean over() {
    return reportedEnd.get();
  }

  /// Any thread: the chain has ended, or is not waited for any more.
  void reportEnd() {
    if (reportedEnd.compareAndSet(false, true)) {
      hold.over();
      listener.ended(chain);
    }
  }

  /// One turn of the chain, as [dev.millrace.engine.schedule.Task] has them.
  Turn turn() {
    var gone = retired;
    if (gone != null) {
      if (!steps.end()) {
        return Turn.PARK;
      }
      gone.forEach(Stage::close);
      retirement.complete(null);
      reportEnd();
      return Turn.END;
    }
    if (hold.parked() && !cancelled) {
      return Turn.PARK; // whoever holds the chain may be at its parts
    }
    turnNanos = clock.nanoTime();
    activity.turnBegins(turnNanos);
    full = false;
    var turn = Turn.END;
    try {
      turn = attempt();
    } catch (Throwable broken) {
      turn = breakOff(broken);
    } finally {
      stages.publish();
      boolean again = turn == Turn.AGAIN;
      activity.turnEnds(again ? turnNanos : clock.nanoTime(), again, full);
    }
    if (halting) {
      halting = false;
      hold.arrived();
    }
    return turn;
  }

  private Turn attempt() {
    try {
      if (phase != Phase.RUNNING && hold.asked() && !hold.emptying() && !cancelled) {
        return halt();
      }
      return switch (phase) {
        case RUNNING -> work();
        case FINISHING_BEHIND -> cancelled || finishBehind(true) ? flushAndEnd() : suspend();
        case FLUSHING, ENDED -> flushAndEnd();
      };
    } catch (NodeFailure failure) {
      return fail(failure);
    } catch (Throwable unexpected) {
      return fail(
          new NodeFailure(
              stages.active().id(), "its turn", NodeFailure.NO_SEQUENCE, null, unexpected));
    }
  }

  /// The watchdog's thread: a node has not come back for so long, and stands at `stack`.
  void held(Duration held, StackTraceElement[] stack) {
    var node = stages.active().id();
    var where = new IllegalStateException("did not come back for " + held.toMillis() + " ms");
    where.setStackTrace(stack);
    listener.failed(
        new NodeFailure(
            node, "a call that should not block", NodeFailure.NO_SEQUENCE, null, where));
  }

  private Turn work() throws NodeFailure {
    long until = turnNanos + NANOS_PER_TURN;
    var saving = snapshots;
    for (int frames = 0; frames < FRAMES_PER_TURN; ) {
      if (cancelled) {
        return flushAndEnd();
      }
      if (saving != null) {
        saving.letGo(input);
      }
      if (hold.asked() && standsStill()) {
        return halt();
      }
      if (head != null) {
        head.hear();
      }
      if (!steps.suspended() && !exits.makeRoom()) {
        if (head != null) {
          head.heldUp();
        }
        full = true;
        return Turn.PARK;
      }
      if (saving != null && saving.step(input, exits, steps.inHand())) {
        continue;
      }
      switch (steps.next()) {
        case WORKED -> {
          exits.flushFull();
          if (saving != null) {
            saving.made(steps.frames());
          }
          frames += Math.max(LEAST_PER_STEP, steps.frames());
        }
        case NOT_READY -> {
          exits.flush();
          full = true;
          return Turn.PARK;
        }
        case EMPTY -> {
          steps.idle();
          exits.flush();
          return Turn.PARK;
        }
        case SUSPENDED -> {
          return suspend();
        }
        case EXHAUSTED -> {
          if (saving != null) {
            saving.exhausted();
          }
          finished = steps.finish();
          return finished ? flushAndEnd() : suspend();
        }
        case FINISHED -> {
          finished = true;
          return flushAndEnd();
        }
      }
      turnNanos = clock.nanoTime();
      if (turnNanos - until >= 0) {
        break;
      }
    }
    exits.flush();
    return Turn.AGAIN;
  }

  /// Sends on what finds room; the rest waits for the chain to be released.
  private Turn halt() throws NodeFailure {
    boolean all = exits.flush();
    var parting = leaving;
    if (!parting.isEmpty()) {
      leaving = List.of();
      if (!steps.leave(parting)) {
        return suspend();
      }
      var _ = exits.flush();
    } else if (hold.emptying() && !all && !finishing) {
      full = true;
      return Turn.PARK;
    }
    halting = steps.halt();
    return Turn.PARK;
  }

  /// Whether there is nothing left that whoever holds the chain waits for.
  private boolean standsStill() {
    return !hold.emptying()
        || (!steps.inHand()
            && !replays.waiting()
            && (head == null ? !input.waits() : head.nothingWaits()));
  }

  /// A frame waits: what was made goes on, and whoever has to hears of a failure now.
  private Turn suspend() {
    var failure = stages.failureSoFar();
    if (failure != null && reported == null) {
      reported = failure;
      listener.failed(failure);
    }
    exits.flush();
    return Turn.PARK;
  }

  @SuppressWarnings("ReferenceEquality") // the very failure that was reported
  private Turn fail(NodeFailure failure) {
    if (failure != reported && !(cancelled && failure.isInterruption())) {
      listener.failed(failure);
    }
    input.abandon();
    boolean finishes = phase == Phase.RUNNING && !cancelled;
    phase = Phase.FINISHING_BEHIND;
    finishedTo = stages.failedAt() + 1;
    return finishes && !finishBehind(false) ? suspend() : flushAndEnd();
  }

  /// Lets the stages behind a failed one hand on what they hold, as they would behind a channel.
  ///
  /// @return false if a frame waits
  private boolean finishBehind(boolean again) {
    boolean resumes = again;
    while (true) {
      try {
        return resumes ? stages.resume() : stages.cascade(finishedTo, Stage::finish);
      } catch (NodeFailure further) {
        listener.failed(further);
        finishedTo = stages.failedAt() + 1;
        resumes = false;
      }
    }
  }

  private Turn flushAndEnd() {
    phase = Phase.FLUSHING;
    if (cancelled) {
      exits.discard();
    } else if (!exits.flush()) {
      full = true;
      return Turn.PARK;
    }
    return end();
  }

  /// What the chain did about a failure, or to end, has failed as well: it ends on the spot.
  private Turn breakOff(Throwable broken) {
    endFailed(broken);
    cancelled = true;
    phase = Phase.FLUSHING;
    carefully(exits::discard);
    return end();
  }

  /// Others wait for each of these, so one that fails keeps none of the others from being done.
  private Turn end() {
    boolean over = true;
    try {
      over = steps.end();
    } catch (Throwable broken) {
      endFailed(broken);
    }
    if (!over) {
      return Turn.PARK;
    }
    phase = Phase.ENDED;
    carefully(input::close);
    if (head != null) {
      carefully(head::close);
    }
    carefully(stages::close);
    carefully(replays::discard);
    carefully(exits::end);
    carefully(this::tellEnd);
    carefully(this::reportEnd);
    return Turn.END;
  }

  private void tellEnd() {
    var saving = snapshots;
    if (saving != null && finished && !cancelled) {
      saving.ended();
    }
  }

  private void carefully(Runnable deed) {
    try {
      deed.run();
    } catch (Throwable broken) {
      endFailed(broken);
    }
  }

  private void endFailed(Throwable broken) {
    listener.failed(
        new NodeFailure(stages.active().id(), "its end", NodeFailure.NO_SEQUENCE, null, broken));
  }
}
