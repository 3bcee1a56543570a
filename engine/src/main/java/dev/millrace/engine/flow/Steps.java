package dev.millrace.engine.flow;

import dev.millrace.core.node.Node;
import dev.millrace.core.node.Processor;
import dev.millrace.core.node.Source;
import java.util.Collection;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The work of a chain that runs its nodes itself: takes a batch from the input, or polls the
/// source, and takes the frames through the stages. Where a frame has to wait in the middle of
/// that, it remembers what was begun, and goes on with it. Confined to the chain's thread, except
/// [#woken].
final class Steps implements Work {
  private final Stages stages;
  private final @Nullable SourceHead head; // null in a chain that is fed by channels
  private final Replays replays;
  private Input input;
  private Exits exits;

  private boolean idled;
  private @Nullable Begun begun; // null unless a frame waits

  // The step in hand: a part of the input's batch, whether the batch ends with it, what it moves.
  private @Nullable Batch batch;
  private boolean last;
  private int frames;

  // Set by nodes from any thread, cleared by the chain.
  private volatile boolean sourceWoke;
  private volatile boolean processorWoke;

  /// What a waiting frame is in the middle of.
  private enum Begun {
    BATCH,
    POLL,
    IDLE,
    FINISH,
    LEAVE,
    REPLAY
  }

  Steps(Stages stages, @Nullable SourceHead head, Replays replays, Input input, Exits exits) {
    this.stages = stages;
    this.head = head;
    this.replays = replays;
    this.input = input;
    this.exits = exits;
  }

  @Override
  public void rewire(Input newInput, Exits newExits) {
    input = newInput;
    exits = newExits;
  }

  @Override
  public void wokenBefore() {
    sourceWoke = true;
    processorWoke = true;
  }

  @Override
  public void woken(Node node) {
    switch (node) {
      case Source source -> sourceWoke = true;
      case Processor processor -> processorWoke = true;
    }
  }

  @Override
  public void stir() {}

  @Override
  public boolean suspended() {
    return begun != null;
  }

  @Override
  public boolean inHand() {
    return begun != null;
  }

  @Override
  public int frames() {
    return frames;
  }

  @Override
  public Outcome next() throws NodeFailure {
    var waiting = begun;
    if (waiting != null) {
      return resume(waiting);
    }
    var replay = replays.peek();
    if (replay != null) {
      return replay(replay);
    }
    return head == null ? takeBatch() : poll(head);
  }

  private Outcome replay(Replays.Replay replay) throws NodeFailure {
    int at = stages.list().indexOf(replay.stage());
    if (!stages.ready(at)) {
      return Outcome.NOT_READY;
    }
    replays.take();
    frames = 1;
    idled = false;
    replay.stage().from(replay.input());
    stages.watermark(watermark());
    if (!stages.passTo(at, replay.frame())) {
      begun = Begun.REPLAY;
      return Outcome.SUSPENDED;
    }
    return Outcome.WORKED;
  }

  private Outcome resume(Begun waiting) throws NodeFailure {
    if (!stages.resume()) {
      return Outcome.SUSPENDED;
    }
    begun = null;
    switch (waiting) {
      case BATCH -> batchPassed();
      case POLL -> pollPassed();
      case IDLE -> idlePassed();
      case LEAVE, REPLAY -> idled = false;
      case FINISH -> {
        exits.watermark(watermark());
        return Outcome.FINISHED;
      }
    }
    return Outcome.WORKED;
  }

  private Outcome takeBatch() throws NodeFailure {
    if (!input.waits()) {
      return input.exhausted() ? atEnd() : Outcome.EMPTY;
    }
    if (!stages.ready(firstProcessor())) {
      return Outcome.NOT_READY;
    }
    var taken = input.take();
    if (taken == null) {
      frames = 0;
      return Outcome.WORKED; // abandoned meanwhile, or it was a barrier
    }
    idled = false;
    int from = input.handled();
    frames = Math.min(taken.size() - from, exits.room());
    last = from + frames == taken.size();
    if (last) {
      input.reach(taken);
    }
    batch = taken;
    stages.watermark(watermark());
    stages.from(input.edge());
    if (!stages.pass(taken.frames(), from, from + frames, last, input.position())) {
      begun = Begun.BATCH;
      return Outcome.SUSPENDED;
    }
    batchPassed();
    return Outcome.WORKED;
  }

  private void batchPassed() {
    var passed = Objects.requireNonNull(batch, "a step has its batch");
    batch = null;
    if (last) {
      exits.pass(input, passed);
    }
    input.done(passed, frames);
  }

  private Outcome poll(SourceHead source) throws NodeFailure {
    if (!source.due(sourceWoke)) {
      return source.done() ? atEnd() : Outcome.EMPTY;
    }
    if (!stages.ready(firstProcessor())) {
      return Outcome.NOT_READY;
    }
    sourceWoke = false; // before the poll, so that a wake-up during it counts for the next
    var out = stages.enterFirst().out();
    boolean alone = stages.count() == 1;
    if (!alone) {
      out.clear();
    }
    int before = out.size();
    source.poll(Math.min(Batch.MAX_FRAMES, exits.room()));
    frames = out.size() - before;
    var watermark = source.watermark();
    stages.watermark(watermark);
    if (frames > 0 || source.moved() || exits.isNews(watermark)) {
      if (!alone && !stages.passOn(1, before, source.position())) {
        begun = Begun.POLL;
        return Outcome.SUSPENDED;
      }
      pollPassed();
    }
    return Outcome.WORKED;
  }

  private void pollPassed() {
    if (head != null) {
      exits.pass(head);
    }
    idled = false;
  }

  /// A node that still waits for room to hand its last frames on must not be finished yet.
  private Outcome atEnd() throws NodeFailure {
    return stages.ready(firstProcessor()) ? Outcome.EXHAUSTED : Outcome.NOT_READY;
  }

  @Override
  public void idle() throws NodeFailure {
    if (processorWoke) {
      processorWoke = false;
      idled = false;
    }
    var watermark = head == null ? input.quiet() : head.quiet();
    if (exits.isNews(watermark)) {
      stages.watermark(watermark);
      idled = false;
    }
    if (!idled) {
      if (stages.cascade(firstProcessor(), Stage::idle)) {
        idlePassed();
      } else {
        begun = Begun.IDLE;
      }
    }
  }

  private void idlePassed() {
    idled = true;
    exits.watermark(watermark());
    stages.forget();
  }

  @Override
  public boolean finish() throws NodeFailure {
    stages.watermark(head == null ? input.quiet() : head.watermark());
    if (stages.cascade(firstProcessor(), Stage::finish)) {
      exits.watermark(watermark());
      return true;
    }
    begun = Begun.FINISH;
    return false;
  }

  @Override
  public boolean leave(Collection<Stage> leaving) throws NodeFailure {
    Stages.Call last =
        stage -> {
          if (leaving.contains(stage)) {
            stage.finish();
          }
        };
    if (stages.cascade(firstProcessor(), last)) {
      return true;
    }
    begun = Begun.LEAVE;
    return false;
  }

  @Override
  public boolean halt() {
    return true;
  }

  @Override
  public boolean end() {
    return true;
  }

  private int firstProcessor() {
    return head == null ? 0 : 1;
  }

  /// What event time has come to; null without event time.
  private @Nullable Watermark watermark() {
    return head == null ? input.watermark() : head.watermark();
  }
}
