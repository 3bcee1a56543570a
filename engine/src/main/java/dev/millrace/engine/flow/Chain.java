package dev.millrace.engine.flow;

import dev.millrace.core.node.Node;
import dev.millrace.core.node.Processor;
import dev.millrace.core.node.Source;
import dev.millrace.core.node.SourcePosition;
import dev.millrace.core.time.Clock;
import dev.millrace.engine.schedule.Host;
import dev.millrace.engine.schedule.OwnThread;
import dev.millrace.engine.schedule.Task;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// Nodes that run on one thread without a queue between them: the unit that is scheduled.
///
/// A turn handles a few batches, a batch at a time: each stage runs over all frames of it before
/// the next stage begins, so that the loop over one node's frames stays tight. A chain works only
/// while there is room behind it. At the end of a turn everything made so far is on its way.
///
/// Life: constructed, [#connect]ed, stages opened, launched; ends by itself when its source or its
/// inputs have ended, when a stage fails, or when it is cancelled. Its stages are closed on its own
/// thread as the last thing it does.
public final class Chain extends Task {
  // A turn is over after eight full batches' worth of frames. A step that moves few frames counts
  // as some, so that a turn has an end, and as few, so that small batches still gather.
  private static final int FRAMES_PER_TURN = 8 * Batch.MAX_FRAMES;
  private static final int LEAST_PER_STEP = 8;
  private static final long NANOS_PER_TURN = 1_000_000;

  private enum Phase {
    RUNNING,
    /// Only what is pending must still find room.
    FLUSHING,
    ENDED
  }

  /// What one step of a turn came to.
  private enum Step {
    WORKED,
    EMPTY,
    NOT_READY,
    EXHAUSTED
  }

  private final Stages stages;
  private final Clock clock;
  private final ChainListener listener;
  private final Activity activity;
  private final @Nullable SourceHead head; // null in a chain that is fed by channels
  private final AtomicBoolean reportedEnd = new AtomicBoolean();

  private Input input;
  private Output output;
  private Phase phase = Phase.RUNNING;
  private boolean idled;

  private int stepFrames; // what the last step has moved
  private boolean full; // the turn ended for want of room
  private long turnNanos; // when the turn last looked at the clock

  // Set by nodes from any thread, cleared by the chain.
  private volatile boolean sourceWoke;
  private volatile boolean processorWoke;
  private volatile boolean cancelled; // set once, by whoever closes the pipeline

  /// `source` numbers the source at the head among those of the graph; -1 in a chain that is fed by
  /// channels.
  public Chain(List<Stage> stages, int source, Host host, Clock clock, ChainListener listener) {
    super(host);
    this.stages = new Stages(stages);
    this.clock = clock;
    this.listener = listener;
    this.activity = new Activity(clock);
    this.head = source < 0 ? null : new SourceHead(stages.getFirst(), source, clock, this);
    this.input = new Input(List.of(), new int[0][], this.stages.beginning());
    this.output = new Output(List.of(), this.stages.end());
  }

  /// Joins the chain to its neighbours; `reaching[e]` lists the sources that reach incoming edge
  /// `e`. Before it is launched.
  public void connect(
      List<? extends EdgeQueue> incoming, int[][] reaching, List<Outgoing> outgoing) {
    input = new Input(incoming, reaching, stages.beginning());
    output = new Output(outgoing, stages.end());
  }

  public List<Stage> stages() {
    return stages.list();
  }

  /// Any thread: `node` asks to be called again.
  public void wakeNode(Node node) {
    switch (node) {
      case Source source -> sourceWoke = true;
      case Processor processor -> processorWoke = true;
    }
    wake();
  }

  /// Any thread: the source at the head, if there is one, delivers what it has and ends. One that
  /// waits for its peer is interrupted, so that it hears of it.
  public void drain() {
    if (head != null) {
      head.requestDrain();
      if (host() instanceof OwnThread own) {
        own.interruptIfVirtual();
      }
    }
  }

  /// Any thread: the source at the head, if there is one, is not polled any more. One that waits
  /// for its peer is interrupted.
  public void stopSource() {
    if (head != null) {
      head.requestStop();
      if (host() instanceof OwnThread own) {
        own.interruptIfVirtual();
      }
    }
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
    output.end();
    reportEnd();
  }

  /// Any thread: whether the end has been reported.
  public boolean over() {
    return reportedEnd.get();
  }

  /// Any thread: frames that wait for the chain or are in its hand.
  public long queuedFrames() {
    return input.queuedFrames();
  }

  /// Any thread: frames that nodes of the chain took in and still hold.
  public long heldFrames() {
    return stages.heldFrames();
  }

  /// Any thread: the node that is, or was last, at work.
  public Stage activeStage() {
    return stages.active();
  }

  /// Any thread: how the chain spends its time.
  public Activity activity() {
    return activity;
  }

  @Override
  protected Turn turn() {
    turnNanos = clock.nanoTime();
    activity.turnBegins(turnNanos);
    full = false;
    var turn = Turn.END;
    try {
      turn = attempt();
    } finally {
      stages.publish();
      boolean again = turn == Turn.AGAIN;
      activity.turnEnds(again ? turnNanos : clock.nanoTime(), again, full);
    }
    return turn;
  }

  private Turn attempt() {
    try {
      return phase == Phase.RUNNING ? work() : flushAndEnd();
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
    for (int frames = 0; frames < FRAMES_PER_TURN; ) {
      if (cancelled) {
        return flushAndEnd();
      }
      if (head != null) {
        head.hear();
      }
      if (!output.makeRoom()) {
        full = true;
        return Turn.PARK;
      }
      switch (head == null ? stepFromInput() : stepFromSource(head)) {
        case WORKED -> {
          output.flushFull();
          frames += Math.max(LEAST_PER_STEP, stepFrames);
        }
        case NOT_READY -> {
          output.flush();
          full = true;
          return Turn.PARK;
        }
        case EMPTY -> {
          idle();
          output.flush();
          return Turn.PARK;
        }
        case EXHAUSTED -> {
          stages.cascade(firstProcessor(), Stage::finish);
          phase = Phase.FLUSHING;
          return flushAndEnd();
        }
      }
      turnNanos = clock.nanoTime();
      if (turnNanos - until >= 0) {
        break;
      }
    }
    output.flush();
    return Turn.AGAIN;
  }

  private Step stepFromInput() throws NodeFailure {
    if (!input.waits()) {
      return input.exhausted() ? end() : Step.EMPTY;
    }
    if (!stages.ready(firstProcessor())) {
      return Step.NOT_READY;
    }
    var batch = input.take();
    if (batch == null) {
      return Step.EMPTY; // abandoned meanwhile
    }
    idled = false;
    int from = input.handled();
    int count = Math.min(batch.size() - from, output.room());
    boolean last = from + count == batch.size();
    if (last) {
      input.reach(batch);
    }
    stages.pass(batch.frames(), from, from + count, last, input.position());
    if (last && input.moved()) {
      tell(input.position(), input.mark(), batch.source());
    }
    input.done(batch, count);
    stepFrames = count;
    return Step.WORKED;
  }

  private Step stepFromSource(SourceHead source) throws NodeFailure {
    if (!source.due(sourceWoke)) {
      return source.done() ? end() : Step.EMPTY;
    }
    if (!stages.ready(firstProcessor())) {
      return Step.NOT_READY;
    }
    sourceWoke = false; // before the poll, so that a wake-up during it counts for the next
    var out = stages.enterFirst().out();
    boolean alone = stages.count() == 1;
    if (!alone) {
      out.clear();
    }
    int before = out.size();
    source.poll(Math.min(Batch.MAX_FRAMES, output.room()));
    stepFrames = out.size() - before;
    boolean made = stepFrames > 0;
    if (made || source.moved()) {
      if (!alone) {
        stages.passOn(1, before, source.position());
      }
      if (source.moved()) {
        tell(source.position(), source.mark(), source.source());
      }
      idled = false;
    }
    return Step.WORKED;
  }

  /// A node that still waits for room to hand its last frames on must not be finished yet.
  private Step end() throws NodeFailure {
    return stages.ready(firstProcessor()) ? Step.EXHAUSTED : Step.NOT_READY;
  }

  private void idle() throws NodeFailure {
    if (processorWoke) {
      processorWoke = false;
      idled = false;
    }
    if (!idled) {
      stages.cascade(firstProcessor(), Stage::idle);
      idled = true;
      stages.forget();
    }
  }

  private int firstProcessor() {
    return head == null ? 0 : 1;
  }

  private void tell(@Nullable SourcePosition position, long mark, int source) {
    if (position != null) {
      output.position(position, mark, source);
    }
  }

  private Turn fail(NodeFailure failure) {
    if (!(cancelled && failure.isInterruption())) {
      listener.failed(failure);
    }
    input.abandon();
    if (phase == Phase.RUNNING && !cancelled) {
      finishBehind(stages.failedAt());
    }
    phase = Phase.FLUSHING;
    return flushAndEnd();
  }

  /// Lets the stages behind a failed one hand on what they hold, as they would behind a channel.
  private void finishBehind(int failed) {
    int from = failed + 1;
    while (from < stages.count()) {
      try {
        stages.cascade(from, Stage::finish);
        return;
      } catch (NodeFailure further) {
        listener.failed(further);
        from = stages.failedAt() + 1;
      }
    }
  }

  private Turn flushAndEnd() {
    if (cancelled) {
      output.discard();
    } else if (!output.flush()) {
      full = true;
      return Turn.PARK;
    }
    phase = Phase.ENDED;
    input.close();
    if (head != null) {
      head.close();
    }
    stages.close();
    output.end();
    reportEnd();
    return Turn.END;
  }

  private void reportEnd() {
    if (reportedEnd.compareAndSet(false, true)) {
      listener.ended(this);
    }
  }
}
