package dev.millrace.engine.flow;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.SampleLender;
import dev.millrace.core.node.Node;
import dev.millrace.core.node.NodeContext;
import dev.millrace.core.node.Progress;
import dev.millrace.core.node.SourcePosition;
import dev.millrace.core.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/// One node that is run by its caller, without a chain: what waits for it, its [Stage], and what it
/// has made. It counts, fails and is supervised as in a chain, except that its caller's thread
/// waits where a chain would park.
///
/// What waits here and what was made hold their lent arrays once each, until they are handled or
/// handed on. Confined to its caller's thread, except [#wake].
public final class SoloStage implements Supervised {
  private final Stage stage;
  private final SourceCalls calls;
  private final Clock clock;
  private final @Nullable DeadLetters letters;
  private final Deque<Waiting> waiting = new ArrayDeque<>();
  private final List<Frame> made = new ArrayList<>();
  private final List<@Nullable String> branches = new ArrayList<>(); // of what was made
  private final Semaphore woken = new Semaphore(0); // released by the node and by timers

  // How far event time has come, at the end, at the nodes in front.
  private long reached = NodeContext.NO_WATERMARK;

  /// A frame and which of the node's inputs it came by.
  private record Waiting(Frame frame, int input) {}

  /// `sendsLetters` says that somebody takes the frames the policy decides about.
  public SoloStage(Stage stage, Clock clock, boolean sendsLetters) {
    this.stage = stage;
    this.calls = new SourceCalls(stage);
    this.clock = clock;
    this.letters = sendsLetters ? new DeadLetters() : null;
    if (letters != null) {
      stage.sendDeadLettersTo(letters);
    }
    stage.runsIn(this);
  }

  /// Before it is opened: where the node's arrays come from.
  ///
  /// @return what lends them to the node
  public SampleLender wire(SampleLender arrays) {
    var out = stage.out();
    out.wire(arrays, null);
    out.keepBranches();
    out.lends();
    return out;
  }

  public void open(NodeContext context) throws Exception {
    stage.open(context);
  }

  /// The instance of the moment.
  public Node node() {
    return stage.node();
  }

  public NodeStats stats() {
    return stage.stats();
  }

  @Override
  public void wake() {
    woken.release();
  }

  @Override
  public boolean isCancelled() {
    return false;
  }

  @Override
  public boolean hurries() {
    return false;
  }

  @Override
  public boolean opensItself() {
    return true;
  }

  /// Puts a frame behind those that wait for the node; `input` numbers the edges that lead to it.
  public void give(Frame frame, int input) {
    Lent.retain(frame);
    waiting.addLast(new Waiting(frame, input));
  }

  public boolean hasWaiting() {
    return !waiting.isEmpty();
  }

  /// What the next [#process] takes.
  public List<Frame> nextBatch() {
    var first = waiting.peekFirst();
    return first == null
        ? List.of()
        : waiting.stream()
            .takeWhile(next -> next.input() == first.input())
            .limit(Batch.MAX_FRAMES)
            .map(Waiting::frame)
            .toList();
  }

  /// Waits for a wake-up until `nanos` on the clock's scale.
  ///
  /// @return false if the time has passed
  public boolean await(long nanos) throws InterruptedException {
    long delay = nanos - clock.nanoTime();
    if (delay <= 0) {
      return false;
    }
    var timer = clock.after(Duration.ofNanos(delay), this::wake);
    try {
      awaitWake();
    } finally {
      timer.cancel();
    }
    return true;
  }

  /// Whether a processor takes a frame now.
  public boolean ready() throws NodeFailure {
    return stage.ready();
  }

  /// Handles a batch of what waits, as long as retries take.
  public void process() throws NodeFailure, InterruptedException {
    var batch = nextBatch().toArray(Frame[]::new);
    stage.from(waiting.getFirst().input());
    for (int i = 0; i < batch.length; i++) {
      waiting.removeFirst();
    }
    try {
      int done = stage.process(batch, 0, batch.length);
      while (done < batch.length) {
        awaitWake();
        done = stage.process(batch, done, batch.length);
      }
      if (waiting.isEmpty()) {
        stage.watermark(reached);
      }
      stage.batchEnd(null);
    } finally {
      collect();
      Lent.release(batch, 0, batch.length);
    }
  }

  /// The input has ended.
  public void finish() throws NodeFailure {
    stage.watermark(reached);
    try {
      stage.finish();
    } finally {
      collect();
    }
  }

  /// Hands a triggered source the first frame that waits.
  public void trigger() throws NodeFailure, InterruptedException {
    var frame = waiting.removeFirst().frame();
    try {
      awaitPoll();
      calls.trigger(frame);
    } catch (NodeFailure failure) {
      calls.pollFailed(failure);
    } finally {
      collect();
      Lent.release(frame);
    }
  }

  /// Has a source make at most `limit` frames, once its strategy lets it.
  public Progress poll(int limit) throws NodeFailure, InterruptedException {
    awaitPoll();
    try {
      return calls.poll(limit);
    } catch (NodeFailure failure) {
      calls.pollFailed(failure);
      return Progress.MORE;
    } finally {
      collect();
    }
  }

  /// Where a source has come to.
  public @Nullable SourcePosition position() throws NodeFailure {
    return calls.position();
  }

  /// Has a source end.
  public void drain() throws NodeFailure {
    calls.drain();
  }

  /// What the node has made and nobody has been handed, oldest first.
  public List<Frame> made() {
    return List.copyOf(made);
  }

  /// How many frames [#made] has.
  public int madeCount() {
    return made.size();
  }

  /// Hands what was made to the node behind an edge, which takes only what was made for `branch`,
  /// or everything if that is null; the edge is the node's `input`.
  public void handTo(SoloStage next, int input, @Nullable String branch) {
    next.hears(this);
    for (int i = 0; i < made.size(); i++) {
      var own = branches.get(i);
      if (branch == null || own == null || branch.equals(own)) {
        next.give(made.get(i), input);
      }
    }
  }

  /// Hands the frames over that the policy has decided about.
  public void lettersTo(SoloStage taker, int input) {
    taker.hears(this);
    if (letters != null) {
      letters.take().forEach(letter -> taker.give(letter, input));
    }
  }

  /// Every edge has been handed what was made.
  public void handedOn() {
    made.forEach(Lent::release);
    made.clear();
    branches.clear();
  }

  public void close() {
    handedOn();
    waiting.forEach(next -> Lent.release(next.frame()));
    waiting.clear();
    stage.out().clear();
    stage.close();
  }

  private void hears(SoloStage before) {
    reached = Math.max(reached, before.stage.watermarkMicros());
  }

  private void awaitPoll() throws NodeFailure, InterruptedException {
    while (!calls.mayPoll()) {
      awaitWake();
    }
  }

  private void awaitWake() throws InterruptedException {
    woken.acquire();
    woken.drainPermits();
  }

  /// Takes over, with the hold on its arrays, what the node has emitted.
  private void collect() {
    var out = stage.out();
    var names = out.branches();
    var time = stage.eventTime();
    if (time != null && out.size() > 0) {
      time.saw(out.frames(), 0, out.size(), clock.nanoTime());
      stage.watermark(time.now().micros());
    }
    made.addAll(Arrays.asList(out.frames()).subList(0, out.size()));
    for (int i = 0; i < out.size(); i++) {
      branches.add(names == null ? null : names[i]);
    }
    out.moved(out.size());
    stage.stats().publish();
  }
}
