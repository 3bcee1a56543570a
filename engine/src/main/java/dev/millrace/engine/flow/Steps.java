package dev.millrace.engine.flow;

import dev.millrace.core.node.Node;
import dev.millrace.core.node.Processor;
import dev.millrace.core.node.Source;
import dev.millrace.core.node.SourcePosition;
import java.util.Collection;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What the turns of a chain are made of: takes a batch from the input, or polls the source, and
/// takes the frames through the stages. Where a frame has to wait in the middle of that, it
/// remembers what was begun, and goes on with it. Confined to the chain's thread, except
/// [#woken].
final class Steps {
  private final Stages stages;
  private final @Nullable SourceHead head; // null in a chain that is fed by channels
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

  /// What a step came to.
  enum Outcome {
    WORKED,
    EMPTY,
    NOT_READY,
    /// Nothing follows: [#finish] is due.
    EXHAUSTED,
    /// A frame waits.
    SUSPENDED,
    FINISHED
  }

  /// What a waiting frame is in the middle of.
  private enum Begun {
    BATCH,
    POLL,
    IDLE,
    FINISH,
    LEAVE
  }

  Steps(Stages stages, @Nullable SourceHead head, Input input, Exits exits) {
    this.stages = stages;
    this.head = head;
    this.input = input;
    this.exits = exits;
  }

  /// The chain has other neighbours; what was begun goes on.
  void rewire(Input newInput, Exits newExits) {
    input = newInput;
    exits = newExits;
  }

  /// Any thread: whoever asked to be called is called, since a chain before this one may have been
  /// asked last.
  void wokenBefore() {
    sourceWoke = true;
    processorWoke = true;
  }

  /// Any thread: `node` asks to be called again.
  void woken(Node node) {
    switch (node) {
      case Source source -> sourceWoke = true;
      case Processor processor -> processorWoke = true;
    }
  }

  /// Whether a frame waits, so that the next step needs no room: it had been made before.
  boolean suspended() {
    return begun != null;
  }

  /// Frames the last step has moved.
  int frames() {
    return frames;
  }

  /// The next step, or the rest of the one in which a frame waited.
  Outcome next() throws NodeFailure {
    var waiting = begun;
    if (waiting != null) {
      return resume(waiting);
    }
    return head == null ? takeBatch() : poll(head);
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
      case LEAVE -> idled = false;
      case FINISH -> {
        return Outcome.FINISHED;
      }
    }
    return Outcome.WORKED;
  }

  private Outcome takeBatch() throws NodeFailure {
    if (!input.waits()) {
      return input.exhausted() ? end() : Outcome.EMPTY;
    }
    if (!stages.ready(firstProcessor())) {
      return Outcome.NOT_READY;
    }
    var taken = input.take();
    if (taken == null) {
      return Outcome.EMPTY; // abandoned meanwhile
    }
    idled = false;
    int from = input.handled();
    frames = Math.min(taken.size() - from, exits.room());
    last = from + frames == taken.size();
    if (last) {
      input.reach(taken);
    }
    batch = taken;
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
    if (last && input.moved()) {
      tell(input.position(), input.mark(), passed.source());
    }
    input.done(passed, frames);
  }

  private Outcome poll(SourceHead source) throws NodeFailure {
    if (!source.due(sourceWoke)) {
      return source.done() ? end() : Outcome.EMPTY;
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
    if (frames > 0 || source.moved()) {
      if (!alone && !stages.passOn(1, before, source.position())) {
        begun = Begun.POLL;
        return Outcome.SUSPENDED;
      }
      pollPassed();
    }
    return Outcome.WORKED;
  }

  private void pollPassed() {
    if (head != null && head.moved()) {
      tell(head.position(), head.mark(), head.source());
    }
    idled = false;
  }

  /// A node that still waits for room to hand its last frames on must not be finished yet.
  private Outcome end() throws NodeFailure {
    return stages.ready(firstProcessor()) ? Outcome.EXHAUSTED : Outcome.NOT_READY;
  }

  /// No input waits: says so to the nodes, once.
  void idle() throws NodeFailure {
    if (processorWoke) {
      processorWoke = false;
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
    stages.forget();
  }

  /// Nothing follows: says so to the nodes.
  ///
  /// @return false if a frame waits
  boolean finish() throws NodeFailure {
    if (stages.cascade(firstProcessor(), Stage::finish)) {
      return true;
    }
    begun = Begun.FINISH;
    return false;
  }

  /// Says to `leaving` that nothing follows; the other stages take what these still make.
  ///
  /// @return false if a frame waits
  boolean leave(Collection<Stage> leaving) throws NodeFailure {
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

  private int firstProcessor() {
    return head == null ? 0 : 1;
  }

  private void tell(@Nullable SourcePosition position, long mark, int source) {
    if (position != null) {
      exits.position(position, mark, source);
    }
  }
}
