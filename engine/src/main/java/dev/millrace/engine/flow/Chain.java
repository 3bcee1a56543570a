package dev.millrace.engine.flow;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.node.Node;
import dev.millrace.core.node.SourcePosition;
import dev.millrace.core.time.Clock;
import dev.millrace.engine.checkpoint.CheckpointCoordinator;
import dev.millrace.engine.schedule.Host;
import dev.millrace.engine.schedule.OwnThread;
import dev.millrace.engine.schedule.Task;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// Nodes that run on one thread without a queue between them: the unit that is scheduled.
///
/// A turn handles a few batches, a batch at a time: each stage runs over all frames of it before
/// the next stage begins, so that the loop over one node's frames stays tight. A chain works only
/// while there is room behind it. At the end of a turn everything made so far is on its way.
///
/// Where a frame has to wait in the middle of a batch, for a retry of a node that failed on it, the
/// chain parks with the batch in hand and goes on from there when it is woken: what was made before
/// is not made again, and the producers behind the batch get no credit for it.
///
/// A node whose work several instances share has a chain to itself, which runs its [Group].
///
/// Life: constructed, [#connect]ed, stages opened, launched; ends by itself when its source or its
/// inputs have ended, when a stage fails, or when it is cancelled. Its stages are closed on its own
/// thread as the last thing it does.
public final class Chain extends Task implements Supervised {
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

  private final Stages stages;
  private final Clock clock;
  private final ChainListener listener;
  private final Replays replays = new Replays();
  private final Activity activity;
  private final @Nullable SourceHead head; // null in a chain that is fed by channels
  private final @Nullable Group group; // null in a chain that runs its nodes itself
  private final AtomicBoolean reportedEnd = new AtomicBoolean();
  private final Hold hold = new Hold();
  private final CompletableFuture<Void> retirement = new CompletableFuture<>();

  private final Work steps;

  // Written before it runs, and by whoever holds the chain while it stands still.
  private volatile Input input;
  private volatile Exits exits;
  private volatile @Nullable Snapshots snapshots; // null where the graph keeps no checkpoints
  private volatile Collection<Stage> leaving = List.of(); // to be told that nothing follows
  private volatile boolean finishing; // what finds no room now waits for the chain's successor
  private volatile @Nullable Collection<Stage> retired; // to be closed, as the chain's last deed

  private Phase phase = Phase.RUNNING;
  private @Nullable NodeFailure reported; // before the batch in which it failed was at its end
  private int finishedTo; // while finishing behind a failed stage: the stage to go on from

  private boolean finished; // everything was handled and handed on
  private boolean full; // the turn ended for want of room
  private boolean halting; // the turn ends because the chain is held
  private long turnNanos; // when the turn last looked at the clock

  private volatile boolean cancelled; // set once, by whoever closes the pipeline
  private volatile boolean hurries; // set once, by whoever drains or stops the pipeline

  /// `source` numbers the source at the head among those of the graph; -1 in a chain that is fed by
  /// channels. `inletFrames` is how many frames from outside may wait for that source, 0 when it
  /// takes none.
  public Chain(
      List<Stage> stages,
      int source,
      int inletFrames,
      Host host,
      Clock clock,
      ChainListener listener) {
    this(stages, host, clock, listener, head(stages, source, inletFrames, clock));
  }

  /// A chain that begins as `before` did, with the same source and whatever waits in front of it,
  /// or whose first stage takes the place of the source there. `before` stands still.
  public Chain(
      List<Stage> stages,
      Chain before,
      int source,
      Host host,
      Clock clock,
      ChainListener listener) {
    this(stages, host, clock, listener, head(stages, before, source, clock));
  }

  private Chain(
      List<Stage> stages,
      Host host,
      Clock clock,
      ChainListener listener,
      @Nullable SourceHead head) {
    super(host);
    this.stages = new Stages(stages);
    this.clock = clock;
    this.listener = listener;
    this.activity = new Activity(clock);
    this.head = head;
    this.input = new Input(List.of(), new int[0][], new boolean[0], this.stages.beginning());
    this.exits = new Exits(List.of(), this.stages);
    this.group = stages.getLast().group();
    this.steps =
        group == null
            ? new Steps(this.stages, head, replays, input, exits)
            : new SharedSteps(group, head, replays, input, exits);
    if (group != null) {
      group.serves(this);
    }
    stages.forEach(stage -> stage.runsIn(this));
    if (head != null) {
      head.runsIn(this);
    }
  }

  private static @Nullable SourceHead head(
      List<Stage> stages, int source, int inletFrames, Clock clock) {
    if (source < 0) {
      return null;
    }
    // Nobody is to be woken before the chain has the head.
    var inlet = inletFrames == 0 ? null : new Inlet(inletFrames, () -> {});
    return new SourceHead(stages.getFirst(), source, inlet, clock, () -> {});
  }

  @SuppressWarnings("ReferenceEquality") // the very same stage
  private static SourceHead head(List<Stage> stages, Chain before, int source, Clock clock) {
    var old = Objects.requireNonNull(before.head, "a chain without a source has no successor");
    return old.stage() == stages.getFirst()
        ? old
        : new SourceHead(stages.getFirst(), source, old.inlet(), clock, () -> {});
  }

  /// Joins the chain to its neighbours; `reaching[e]` lists the sources that reach incoming edge
  /// `e`, and `timed[e]` says whether one of them has event time. Before it is launched.
  public void connect(
      List<? extends EdgeQueue> incoming,
      int[][] reaching,
      boolean[] timed,
      List<Outgoing> outgoing) {
    input = new Input(incoming, reaching, timed, stages.beginning());
    exits = new Exits(outgoing, stages);
    steps.rewire(input, exits);
  }

  /// Has the chain take part in the checkpoints of its run. Before it is launched.
  public void savesFor(CheckpointCoordinator coordinator) {
    snapshots = new Snapshots(coordinator, this, stages.list(), head);
  }

  /// Any thread: whether frames enter the graph here.
  public boolean isHead() {
    return head != null;
  }

  /// Its nodes were given everything in an earlier run: it ends at once, and they hear nothing.
  /// Before it is launched.
  public void endsAtOnce() {
    phase = Phase.FLUSHING;
    finished = true;
  }

  /// [#connect] of a chain that stands still, or of one that is to begin or end where another did:
  /// what waits at `begins` and at `ends` waits here from now on; null where none did.
  public void rewire(
      List<? extends EdgeQueue> incoming,
      int[][] reaching,
      boolean[] timed,
      List<Outgoing> outgoing,
      @Nullable Chain begins,
      @Nullable Chain ends) {
    var newInput = new Input(incoming, reaching, timed, stages.beginning());
    var newExits = new Exits(outgoing, stages);
    if (begins != null) {
      newInput.adopt(begins.input);
    }
    if (ends != null) {
      newExits.adopt(ends.exits);
    }
    input = newInput;
    exits = newExits;
    steps.rewire(newInput, newExits);
    steps.wokenBefore();
  }

  /// Any thread: stand still once nothing is in the chain: what waits for it is handled, the source
  /// is not polled, all that was made is on its way. Whoever feeds the chain stands still before.
  /// For one holder at a time; the rest is as with [#hold].
  public CompletableFuture<Void> holdEmpty() {
    var parked = hold.askEmpty();
    wake();
    return parked;
  }

  /// Of a chain that stands still and was empty: handles what has come since, says to `parting`
  /// that nothing follows, and stands still again. Retries wait no more.
  public CompletableFuture<Void> finish(Collection<Stage> parting) {
    leaving = List.copyOf(parting);
    finishing = true;
    if (!parting.isEmpty()) {
      hurries = true;
    }
    var parked = hold.askAgain();
    wake();
    return parked;
  }

  /// Of a chain that stands still: frames it has made that found no room.
  public int unsentFrames() {
    return stages.end().size();
  }

  /// Of a chain that stands still: closes `gone` on its own thread and ends. Its other stages and
  /// its neighbours are another chain's now, and hear nothing of it.
  ///
  /// @return what completes when they are closed
  public CompletableFuture<Void> retire(Collection<Stage> gone) {
    retired = List.copyOf(gone);
    wake();
    return retirement;
  }

  public List<Stage> stages() {
    return stages.list();
  }

  /// Where frames from outside enter the chain; null where none do.
  public @Nullable Inlet inlet() {
    return head == null ? null : head.inlet();
  }

  /// Any thread: stand still between two batches. What is in queues stays there, timers go on; only
  /// [#cancel] is obeyed meanwhile. Each call wants a [#release].
  ///
  /// @return what completes when the chain stands still or has ended, or is released before that
  public CompletableFuture<Void> hold() {
    var parked = hold.ask();
    wake();
    return parked;
  }

  /// Any thread: go on, unless others hold the chain too.
  public void release() {
    finishing = false;
    hold.release();
    wake();
  }

  /// Any thread: puts `frame` in front of `stage`, as if it had come by its edge `input`.
  ///
  /// @return false if too many wait
  public boolean replay(Frame frame, Stage stage, int input) {
    boolean taken = replays.put(new Replays.Replay(frame, stage, input));
    wake();
    return taken;
  }

  /// Any thread: `node` asks to be called again.
  public void wakeNode(Node node) {
    steps.woken(node);
    wake();
  }

  /// Any thread: the source at the head, if there is one, delivers what it has and ends. One that
  /// waits for its peer is interrupted, so that it hears of it. Retries wait no more.
  public void drain() {
    if (head != null) {
      head.requestDrain(); // before it hurries, or what failed would be tried till it heard of it
    }
    hurry();
    interruptSource();
  }

  /// Any thread: the source at the head, if there is one, is not polled any more. One that waits
  /// for its peer is interrupted. Retries wait no more.
  public void stopSource() {
    if (head != null) {
      head.requestStop();
    }
    hurry();
    interruptSource();
  }

  private void interruptSource() {
    if (head != null && head.interruptible() && host() instanceof OwnThread own) {
      own.interruptIfVirtual();
    }
  }

  private void hurry() {
    hurries = true;
    steps.stir();
    wake();
  }

  /// Any thread: whether retries are due at once.
  @Override
  public boolean hurries() {
    return hurries;
  }

  /// Any thread: whether the chain is about to end, whatever is left undone.
  @Override
  public boolean isCancelled() {
    return cancelled;
  }

  @Override
  public boolean opensItself() {
    return host() instanceof OwnThread;
  }

  /// Any thread: end now, with whatever is left undone.
  public void cancel() {
    cancelled = true;
    input.abandon();
    wake();
  }

  /// Any thread: the chain's own may never return, and the neighbours go on without it. Should it
  /// return, it closes its nodes.
  public void giveUp() {
    cancel();
    exits.end();
    reportEnd();
  }

  /// Any thread: whether the end has been reported.
  public boolean over() {
    return reportedEnd.get();
  }

  /// The position the source at the head has come to, null without one. The chain's thread, or one
  /// that opens a fresh source for it meanwhile.
  public @Nullable SourcePosition sourcePosition() {
    return head == null ? null : head.position();
  }

  /// Any thread: frames that wait for the chain or are in its hand.
  public long queuedFrames() {
    var inlet = inlet();
    return input.queuedFrames() + (inlet == null ? 0 : inlet.queuedFrames());
  }

  /// Any thread: frames that nodes of the chain took in and still hold.
  public long heldFrames() {
    return stages.heldFrames();
  }

  /// Any thread: the node that is, or was last, at work.
  public Stage activeStage() {
    return stages.active();
  }

  /// Any thread: how the chain, with the instances it has beside it, spends its time.
  public Activity.Reading activity() {
    var own = activity.read();
    return group == null ? own : group.activity(own);
  }

  @Override
  protected Turn turn() {
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
              activeStage().id(), "its turn", NodeFailure.NO_SEQUENCE, null, unexpected));
    }
  }

  @Override
  protected void held(Duration held, StackTraceElement[] stack) {
    var node = activeStage().id();
    var where = new IllegalStateException("did not come back for " + held.toMillis() + " ms");
    where.setStackTrace(stack);
    listener.failed(
        new NodeFailure(
            node, "a call that should not block", NodeFailure.NO_SEQUENCE, null, where));
    giveUp();
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
        new NodeFailure(activeStage().id(), "its end", NodeFailure.NO_SEQUENCE, null, broken));
  }

  private void reportEnd() {
    if (reportedEnd.compareAndSet(false, true)) {
      hold.over();
      listener.ended(this);
    }
  }
}
