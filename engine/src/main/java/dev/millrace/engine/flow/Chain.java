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
  private final Stages stages;
  private final Hold hold = new Hold();
  private final @Nullable SourceHead head; // null in a chain that is fed by channels
  private final @Nullable Group group; // null in a chain that runs its nodes itself
  private final Turns turns;

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
    this.head = head;
    this.group = stages.getLast().group();
    this.turns = new Turns(this, this.stages, head, group, hold, clock, listener);
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
    turns.rewire(
        new Input(incoming, reaching, timed, stages.beginning()), new Exits(outgoing, stages));
  }

  /// Has the chain take part in the checkpoints of its run. Before it is launched.
  public void savesFor(CheckpointCoordinator coordinator) {
    turns.savesTo(new Snapshots(coordinator, this, stages.list(), head));
  }

  /// Any thread: whether frames enter the graph here.
  public boolean isHead() {
    return head != null;
  }

  /// Its nodes were given everything in an earlier run: it ends at once, and they hear nothing.
  /// Before it is launched.
  public void endsAtOnce() {
    turns.endsAtOnce();
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
      newInput.adopt(begins.turns.input());
    }
    if (ends != null) {
      newExits.adopt(ends.turns.exits());
    }
    turns.rewire(newInput, newExits);
    turns.steps().wokenBefore();
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
    turns.leave(parting);
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
    var closed = turns.retire(gone);
    wake();
    return closed;
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
    turns.goOn();
    hold.release();
    wake();
  }

  /// Any thread: puts `frame` in front of `stage`, as if it had come by its edge `input`.
  ///
  /// @return false if too many wait
  public boolean replay(Frame frame, Stage stage, int input) {
    boolean taken = turns.replays().put(new Replays.Replay(frame, stage, input));
    wake();
    return taken;
  }

  /// Any thread: `node` asks to be called again.
  public void wakeNode(Node node) {
    turns.steps().woken(node);
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
    turns.steps().stir();
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
    return turns.isCancelled();
  }

  @Override
  public boolean opensItself() {
    return host() instanceof OwnThread;
  }

  /// Any thread: end now, with whatever is left undone.
  public void cancel() {
    turns.cancel();
    wake();
  }

  /// Any thread: the chain's own may never return, and the neighbours go on without it. Should it
  /// return, it closes its nodes.
  public void giveUp() {
    cancel();
    turns.exits().end();
    turns.reportEnd();
  }

  /// Any thread: whether the end has been reported.
  public boolean over() {
    return turns.over();
  }

  /// The position the source at the head has come to, null without one. The chain's thread, or one
  /// that opens a fresh source for it meanwhile.
  public @Nullable SourcePosition sourcePosition() {
    return head == null ? null : head.position();
  }

  /// Any thread: frames that wait for the chain or are in its hand.
  public long queuedFrames() {
    var inlet = inlet();
    return turns.input().queuedFrames() + (inlet == null ? 0 : inlet.queuedFrames());
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
    var own = turns.activity().read();
    return group == null ? own : group.activity(own);
  }

  @Override
  protected Turn turn() {
    return turns.turn();
  }

  @Override
  protected void held(Duration held, StackTraceElement[] stack) {
    turns.held(held, stack);
    giveUp();
  }
}
