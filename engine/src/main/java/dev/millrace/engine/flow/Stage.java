package dev.millrace.engine.flow;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.SampleLender;
import dev.millrace.core.metric.Metrics;
import dev.millrace.core.node.Node;
import dev.millrace.core.node.NodeContext;
import dev.millrace.core.node.Outlet;
import dev.millrace.core.node.Processor;
import dev.millrace.core.node.SourcePosition;
import dev.millrace.core.time.Clock;
import dev.millrace.core.trace.Correlation;
import dev.millrace.engine.schedule.Wakeable;
import dev.millrace.engine.supervise.Breaker;
import dev.millrace.engine.supervise.Supervision;
import dev.millrace.engine.tap.TapPoint;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// One node within a chain: calls it, counts, and turns whatever it throws into a [NodeFailure], or
/// leaves it to the node's [Supervisor]. Confined to the thread of whoever runs it, except that the
/// starting thread opens it before.
public final class Stage {
  private final String id;
  private final Occupant occupant;
  private final NodeStats stats;
  private final Clock clock;
  private final Tracing tracing;
  private final @Nullable Supervisor supervisor; // null where every failure is the pipeline's
  private final Fate fate;
  private final Collector out = new Collector();
  private @Nullable DeadLetters deadLetters; // set before anything runs, if at all
  private @Nullable Group group; // set before it is opened, if at all
  private @Nullable WatermarkSource eventTime; // likewise, of a source
  private @Nullable Runnable lastWord; // set before its chain runs, if at all

  // Written by the chain's thread when it moves, read by the node and by whoever looks on.
  private volatile long watermark = NodeContext.NO_WATERMARK;

  private boolean unended; // frames were handled since the last end of a batch
  private @Nullable Throwable thrown; // by the attempt that stopped before its end

  /// A stage whose failures are all the pipeline's.
  public Stage(String id, Node node, NodeStats stats, Clock clock, Tracing tracing) {
    this(id, node, stats, clock, tracing, () -> node, Supervision.DEFAULT, new Metrics());
  }

  /// `fresh` makes another instance when `supervision` asks for one.
  public Stage(
      String id,
      Node node,
      NodeStats stats,
      Clock clock,
      Tracing tracing,
      Supplier<Node> fresh,
      Supervision supervision,
      Metrics metrics) {
    this.id = id;
    this.occupant = new Occupant(tracing.pipeline(), id, node, fresh, stats);
    this.stats = stats;
    this.clock = clock;
    this.tracing = tracing;
    this.fate = new Fate(id, tracing, clock);
    this.supervisor =
        supervision.isDefault()
            ? null
            : new Supervisor(
                this,
                supervision,
                new SupervisionStats(metrics, tracing.pipeline(), id),
                clock,
                new RareLog(tracing.pipeline(), clock));
  }

  /// A stage at the same place as `lead` for `instance`, which shares the node's work with others:
  /// with the same counts and breaker, but nothing of its own behind it.
  Stage(Stage lead, Node instance) {
    this.id = lead.id;
    this.stats = lead.stats.share();
    this.clock = lead.clock;
    this.tracing = lead.tracing;
    this.fate = new Fate(id, tracing, clock);
    this.occupant = new Occupant(lead.pipeline(), id, instance, lead.occupant.fresh(), stats);
    this.supervisor = lead.supervisor == null ? null : new Supervisor(this, lead.supervisor);
    this.deadLetters = lead.deadLetters == null ? null : new DeadLetters();
    out.wireLike(lead.out);
  }

  /// A fresh instance of the node.
  Node freshNode() {
    return occupant.fresh().get();
  }

  public String id() {
    return id;
  }

  String pipeline() {
    return tracing.pipeline();
  }

  /// Any thread: the instance of the moment.
  public Node node() {
    return occupant.node();
  }

  public NodeStats stats() {
    return stats;
  }

  /// Before it runs: where the node's arrays come from, and who may look at what it makes.
  ///
  /// @return what lends the node arrays, which go back at the end of the call unless it emits them
  public SampleLender wire(SampleLender arrays, TapPoint taps) {
    out.wire(arrays, taps);
    return out;
  }

  /// Any thread: what was done about the node's failures; null where nothing is.
  public @Nullable SupervisionStats supervisionStats() {
    return supervisor == null ? null : supervisor.stats();
  }

  /// Any thread: where the node's breaker stands; null without one.
  public Breaker.@Nullable State circuit() {
    return supervisor == null ? null : supervisor.circuit();
  }

  /// Where frames go that the policy decides about. Before the chain is connected.
  public void sendDeadLettersTo(DeadLetters letters) {
    deadLetters = letters;
  }

  /// A frame that the node emits with more samples than this fails it. Before anything runs.
  public void limit(SampleLimit samples) {
    out.limit(samples);
  }

  /// How the frames of the source tell the time. Before anything runs.
  public void tellsTimeBy(WatermarkSource time) {
    eventTime = time;
  }

  /// How the frames of the source tell the time; null if they do not.
  public @Nullable WatermarkSource eventTime() {
    return eventTime;
  }

  /// Any thread: how far event time has come at the node.
  public long watermarkMicros() {
    return watermark;
  }

  /// Event time has come so far, if not farther.
  void watermark(long micros) {
    if (micros > watermark) {
      watermark = micros;
    }
  }

  @Nullable DeadLetters deadLetters() {
    return deadLetters;
  }

  /// Several instances share the node's work; this is their place, and its own node one of them.
  public void sharedBy(Group instances) {
    group = instances;
  }

  /// The instances that share the node's work; null where there is only one.
  public @Nullable Group group() {
    return group;
  }

  void runsIn(Supervised runner) {
    if (supervisor != null) {
      supervisor.serves(runner);
    }
  }

  public void open(NodeContext lent) throws Exception {
    if (group != null) {
      group.open();
      return;
    }
    occupant.open(lent);
  }

  /// Closes the node if it was opened; a second call does nothing.
  void close() {
    if (supervisor != null) {
      supervisor.close();
    }
    occupant.close();
    stats.publish();
  }

  boolean isOpen() {
    return occupant.isOpen();
  }

  /// Lets go of the instance; what is returned closes it and opens another one.
  Reopening reopening(Wakeable chain) {
    return occupant.reopening(chain);
  }

  /// The frames that follow come from this input.
  void from(int next) {
    occupant.from(next);
  }

  /// Goes on with an instance that has been opened.
  void take(Node instance) {
    occupant.take(instance);
  }

  /// Has the instance hand on what it gathered from the frames before the one it failed on, before
  /// it is closed: nothing else would.
  void endEarly() throws NodeFailure {
    if (unended) {
      batchEnd(null);
    }
  }

  Collector out() {
    return out;
  }

  Tracing tracing() {
    return tracing;
  }

  @Nullable Supervisor supervisor() {
    return supervisor;
  }

  boolean ready() throws NodeFailure {
    if (!occupant.isOpen()) {
      return true; // the next frame opens it
    }
    try {
      return processor().ready();
    } catch (Throwable failure) {
      throw failed("ready", NodeFailure.NO_SEQUENCE, null, failure);
    }
  }

  /// Any thread: frames the node took in and still holds.
  long heldFrames() {
    return group == null ? occupant.heldFrames() : group.heldFrames();
  }

  /// Handles `frames[from..to)`.
  ///
  /// @return `to`, or the index of a frame that has to wait; the rest is for a further call
  int process(Frame[] frames, int from, int to) throws NodeFailure {
    if (supervisor != null) {
      return supervisor.process(frames, from, to);
    }
    int done = attempt(frames, from, to);
    if (done < to) {
      var cause = thrown();
      fate.dropped(frames[done], "error", cause);
      throw failure("process", 1, frames[done], cause);
    }
    return to;
  }

  /// Handles `frames[from..to)`, or those before the first on which the node fails.
  ///
  /// @return `to`, or the index of that frame; [#thrown] tells what it came to
  int attempt(Frame[] frames, int from, int to) {
    boolean timed = stats.samples();
    long start = timed ? clock.nanoTime() : 0;
    int done =
        tracing.begun() ? handleTraced(frames, from, to) : handle(processor(), frames, from, to);
    unended |= done > from;
    if (timed && done == to && to > from) {
      stats.timed(clock.nanoTime() - start, to - from);
    }
    return done;
  }

  /// What is done about traced frames.
  Fate fate() {
    return fate;
  }

  /// What the attempt that stopped before its end was stopped by.
  Throwable thrown() {
    var taken = Objects.requireNonNull(thrown, "no attempt has failed");
    thrown = null;
    return taken;
  }

  private int handle(Processor processor, Frame[] frames, int from, int to) {
    var collector = out;
    int before = collector.size();
    int at = from;
    try {
      collector.beginCalls(Outlet.MAX_FRAMES_PER_CALL);
      for (; at < to; at++) {
        collector.nextCall();
        processor.process(frames[at], collector);
      }
    } catch (Throwable failure) {
      collector.undoCall();
      stats.failed();
      thrown = failure;
    } finally {
      collector.endCalls();
      stats.handled(at - from);
      stats.made(collector.size() - before);
    }
    return at;
  }

  /// Handles each traced frame under its id, and those between them as always.
  private int handleTraced(Frame[] frames, int from, int to) {
    int at = from;
    while (at < to) {
      int traced = Traces.next(frames, at, to);
      int done = handle(processor(), frames, at, traced);
      if (done == traced && traced < to) {
        done =
            handle(
                (frame, outlet) -> fate.process(processor(), frame, out),
                frames,
                traced,
                traced + 1);
      }
      if (done < Math.min(traced + 1, to)) {
        return done;
      }
      at = done;
    }
    return to;
  }

  /// Puts a frame behind what the node has made, in place of what it would have made of `failing`.
  void emit(Frame frame, Frame failing) {
    out.beginCalls(1);
    out.emit(frame);
    out.endCalls();
    var traced = Traces.idOf(failing);
    if (traced != null) {
      out.trace(out.callStart(), out.size(), traced);
    }
    stats.made(1);
  }

  void batchEnd(@Nullable SourcePosition position) throws NodeFailure {
    var traced = fate.endBatch();
    unended = false;
    call("batchEnd", traced, outlet -> processor().batchEnd(position, outlet));
  }

  void idle() throws NodeFailure {
    call("idle", null, processor()::idle);
  }

  /// What is done before the node hears that nothing follows.
  void beforeFinish(Runnable done) {
    lastWord = done;
  }

  void finish() throws NodeFailure {
    if (lastWord != null) {
      lastWord.run();
    }
    call("finish", null, processor()::finish);
  }

  private void call(String doing, @Nullable String traced, Call call) throws NodeFailure {
    if (!occupant.isOpen()) {
      return; // an instance that is gone holds nothing
    }
    int before = out.size();
    out.beginCalls(Outlet.MAX_FRAMES_PER_CALL);
    try {
      if (traced == null) {
        call.with(out);
      } else {
        var _ =
            Correlation.call(
                traced,
                () -> {
                  call.with(out);
                  return true;
                });
      }
    } catch (Throwable failure) {
      out.undoCall();
      throw failed(doing, NodeFailure.NO_SEQUENCE, traced, failure);
    } finally {
      out.endCalls();
      stats.made(out.size() - before);
    }
  }

  /// That the `attempt`th attempt at `frame` failed; the attempt itself has been counted.
  NodeFailure failure(String doing, int attempt, @Nullable Frame frame, Throwable cause) {
    var what = attempt > 1 ? doing + " (attempt " + attempt + ")" : doing;
    return frame == null
        ? new NodeFailure(id, what, NodeFailure.NO_SEQUENCE, null, cause)
        : new NodeFailure(id, what, frame.sequence(), Traces.idOf(frame), cause);
  }

  /// That a call failed, which is counted.
  NodeFailure failed(String doing, long sequence, @Nullable String traced, Throwable failure) {
    stats.failed();
    return new NodeFailure(id, doing, sequence, traced, failure);
  }

  private Processor processor() {
    return occupant.processor();
  }

  @FunctionalInterface
  private interface Call {
    void with(Outlet outlet) throws Exception;
  }
}
