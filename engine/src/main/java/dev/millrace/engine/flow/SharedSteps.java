package dev.millrace.engine.flow;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.node.Node;
import dev.millrace.core.node.NodeContext;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The work of a chain whose node has several instances: gives each that is free a part of a batch,
/// and puts what they made at the chain's end, in the order in which it was given out unless the
/// order does not matter. A frame keeps its credit until what was made of it has been put, and what
/// a batch carries beside frames goes on when all before it has; so whatever the instances do, what
/// is behind the chain sees what one instance would have made.
///
/// A frame that is replayed is a job of its own, given out before what waits and put in its turn.
///
/// At most twice as many jobs are under way as there may be instances. Confined to the chain's
/// thread, except where a method says otherwise.
final class SharedSteps implements Work {
  private final Group group;
  private final @Nullable SourceHead head; // of what comes from outside; null where nothing does
  private final Replays replays;
  private Input input;
  private Exits exits;
  private final ArrayDeque<Job> window = new ArrayDeque<>(); // given out, oldest first
  private final int mostJobs;
  private int mostFrames; // of one job

  private Input.@Nullable Taken hand; // not yet given out from here on:
  private int cursor;
  private long watermark = NodeContext.NO_WATERMARK; // once all that was given out has been handled
  private boolean finishing;
  private boolean parting; // what the instances still make goes to the chain's successor
  private int frames;

  private volatile boolean woken; // set by the node from any thread, cleared by the chain

  SharedSteps(Group group, @Nullable SourceHead head, Replays replays, Input input, Exits exits) {
    this.group = group;
    this.head = head;
    this.replays = replays;
    this.input = input;
    this.exits = exits;
    this.mostJobs = 2 * group.spec().max();
    this.mostFrames = mostFrames();
  }

  @Override
  public void rewire(Input newInput, Exits newExits) {
    input = newInput;
    exits = newExits;
    mostFrames = mostFrames();
  }

  /// So that a queue's content is work for all instances.
  private int mostFrames() {
    var inlet = head == null ? null : head.inlet();
    long capacity = inlet == null ? input.capacity() : inlet.capacity();
    return Math.clamp(capacity / mostJobs, 1, Batch.MAX_FRAMES);
  }

  @Override
  public void wokenBefore() {
    woken = true;
  }

  @Override
  public void woken(Node node) {
    woken = true;
    group.stir();
  }

  @Override
  public void stir() {
    group.stir();
  }

  @Override
  public boolean suspended() {
    return parting;
  }

  @Override
  public boolean inHand() {
    return hand != null || !window.isEmpty();
  }

  @Override
  public int frames() {
    return frames;
  }

  @Override
  public Outcome next() throws NodeFailure {
    group.goOn();
    group.listen();
    frames = 0;
    if (put() || replay() || giveOut()) {
      return Outcome.WORKED;
    }
    boolean waiting = hand != null || waits() || replays();
    for (var tooMany : group.adapt(fill(), waiting)) {
      give(tooMany, Job.of(Job.Kind.FINISH, false, watermark, null));
    }
    if (!window.isEmpty() || waiting) {
      return Outcome.SUSPENDED;
    }
    if (finishing) {
      return Outcome.FINISHED;
    }
    return exhausted() ? Outcome.EXHAUSTED : Outcome.EMPTY;
  }

  @Override
  public void idle() {
    boolean again = woken;
    woken = false;
    var reached = input.quiet();
    var quiet =
        group.allFree().stream()
            .filter(one -> again || !one.idled || isBehind(one, reached))
            .toList();
    tell(quiet, Job.Kind.IDLE, reached);
    group.lead().out().forget();
  }

  /// Whether event time has moved on by batches that others had.
  private static boolean isBehind(Instance one, @Nullable Watermark reached) {
    return reached != null && one.stage().watermarkMicros() < reached.micros();
  }

  @Override
  public boolean finish() {
    finishing = true;
    tell(group.allFree(), Job.Kind.FINISH, input.quiet());
    return window.isEmpty();
  }

  @Override
  public boolean leave(Collection<Stage> leaving) {
    if (!leaving.contains(group.lead())) {
      return true;
    }
    parting = true;
    group.goOn();
    group.listen();
    tell(group.allFree(), Job.Kind.FINISH, null);
    return window.isEmpty();
  }

  /// Tells all of `to` the same. What event time has come to goes on behind what they make of it.
  private void tell(List<Instance> to, Job.Kind kind, @Nullable Watermark reached) {
    for (int i = 0; i < to.size(); i++) {
      give(to.get(i), Job.of(kind, i == to.size() - 1, watermark, reached));
    }
    comesTo(reached);
    if (to.isEmpty()) {
      passWatermark(reached);
    }
  }

  /// Event time, once all that was given out has been handled; null where it did not move.
  private void comesTo(@Nullable Watermark reached) {
    if (reached != null) {
      watermark = reached.micros();
    }
  }

  @Override
  public boolean halt() {
    parting = false;
    return group.halt();
  }

  @Override
  public boolean end() {
    if (!group.end()) {
      return false;
    }
    // A chain that has a successor has nothing in hand, and the head is the successor's by now.
    boolean left = inHand();
    window.forEach(Job::discard);
    window.clear();
    if (hand != null) {
      hand.batch().giveBack(cursor, hand.size());
      hand = null;
    }
    if (left && head != null) {
      head.discardKept();
    }
    return true;
  }

  private boolean waits() {
    return head == null ? input.waits() : !head.nothingWaits();
  }

  private boolean exhausted() {
    return head == null ? input.exhausted() : head.done();
  }

  private double fill() {
    var inlet = head == null ? null : head.inlet();
    return inlet == null ? input.fill() : inlet.fill();
  }

  /// Whether a frame is to be replayed. After the end none is.
  private boolean replays() {
    return !finishing && replays.waiting();
  }

  /// Gives a frame that is replayed to a free instance. It came over an edge, so there is no head,
  /// and bears no marks.
  private boolean replay() {
    var instance = group.free();
    if (instance == null || window.size() >= mostJobs || !replays()) {
      return false;
    }
    var replay = Objects.requireNonNull(replays.peek(), "a replay waits");
    replays.take();
    var batch = new Batch(new Frame[] {replay.frame()}, 1, null, 0, -1);
    give(instance, Job.frames(new Input.Taken(batch, null, replay.input(), null), 0, 1, watermark));
    return true;
  }

  /// Gives the next frames to a free instance.
  private boolean giveOut() throws NodeFailure {
    var instance = group.free();
    if (instance == null || window.size() >= mostJobs || !takeNext()) {
      return false;
    }
    var taken = hand;
    if (taken == null) {
      return true; // the source was asked, and had nothing, or a barrier has come
    }
    var job = Job.frames(taken, cursor, Math.min(taken.size(), cursor + mostFrames), watermark);
    cursor = job.to;
    if (job.last) {
      hand = null;
      comesTo(taken.watermark());
    }
    if (job.from == job.to) {
      job.done = true; // only marks
      window.add(job);
    } else {
      give(instance, job);
    }
    return true;
  }

  /// Takes a batch in hand, unless there is one.
  ///
  /// @return false if there is nothing to take
  private boolean takeNext() throws NodeFailure {
    if (hand != null) {
      return true;
    }
    cursor = 0;
    if (head == null) {
      boolean waits = input.waits();
      hand = waits ? input.takeOut() : null;
      return waits; // with nothing in hand, it was a barrier
    }
    if (!head.due(false)) {
      return false;
    }
    head.poll(Batch.MAX_FRAMES);
    var made = head.stage().out().takeAll();
    if (made.size() > 0) {
      head.keeps(made.size());
      var batch = new Batch(made.frames(), made.size(), null, 0, -1, made.lent());
      hand = new Input.Taken(batch, null, 0, null);
    }
    return true;
  }

  private void give(Instance instance, Job job) {
    window.add(job);
    group.give(instance, job);
  }

  /// Puts what one job came to at the end of the chain, as far as there is room.
  private boolean put() throws NodeFailure {
    var job = nextDone();
    if (job == null) {
      return false;
    }
    // An edge that drops may have less room by now than it had when the chain looked.
    int room = parting ? Integer.MAX_VALUE : Math.max(1, exits.room());
    int until = (int) Math.min(job.made.size(), (long) job.putFrames + room);
    group.lead().out().put(job.made, job.putFrames, until);
    frames = until - job.putFrames;
    job.putFrames = until;
    var letters = group.lead().deadLetters();
    if (letters != null) {
      int lettersUntil = (int) Math.min(job.letters.size(), (long) job.putLetters + room);
      letters.put(job.letters, job.putLetters, lettersUntil);
      job.putLetters = lettersUntil;
    }
    if (!job.isPut()) {
      return true;
    }
    if (job.failure != null) {
      throw job.failure;
    }
    if (job.taken != null) {
      Input.settle(job.taken, job.from, job.to);
      if (head != null) {
        head.settled(job.to - job.from);
      }
    }
    job.settled = true;
    passSettled();
    return true;
  }

  private @Nullable Job nextDone() {
    if (group.spec().ordered()) {
      var first = window.peekFirst();
      return first != null && first.done ? first : null;
    }
    for (var job : window) {
      if (job.done && !job.settled) {
        return job;
      }
    }
    return null;
  }

  /// Where everything before has been put, what batches carry beside frames goes on.
  private void passSettled() {
    for (var job = window.peekFirst(); job != null && job.settled; job = window.peekFirst()) {
      window.removeFirst();
      if (!job.last) {
        continue;
      }
      if (job.taken == null) {
        passWatermark(job.reached);
      } else if (head == null) {
        input.reach(job.taken);
        exits.pass(input, job.taken.batch());
        show(job.reached);
      }
    }
  }

  private void passWatermark(@Nullable Watermark reached) {
    exits.watermark(reached);
    show(reached);
  }

  /// By the node's place, which whoever looks on sees.
  private void show(@Nullable Watermark reached) {
    if (reached != null) {
      group.lead().watermark(reached.micros());
    }
  }
}
