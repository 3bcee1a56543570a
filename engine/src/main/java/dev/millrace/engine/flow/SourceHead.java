package dev.millrace.engine.flow;

import dev.millrace.core.node.Progress;
import dev.millrace.core.node.SourcePosition;
import dev.millrace.core.time.Clock;
import dev.millrace.engine.schedule.Wakeable;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// The beginning of a chain that starts with a source: decides when to poll it, hands it the frames
/// that came from outside, and numbers the positions it comes to. Confined to the chain's thread,
/// except where a field says otherwise.
final class SourceHead {
  private static final long NOT = Long.MIN_VALUE;

  private final Stage stage;
  private final SourceCalls calls;
  private final int source;
  private final Clock clock;
  private volatile Wakeable chain; // another one when the chain is built anew
  private final TraceSampler sampler;
  private final @Nullable WatermarkSource time; // null without event time
  private final @Nullable Inlet inlet; // null in front of a source that takes no triggers

  private Progress progress = Progress.MORE;
  private @Nullable SourcePosition position;
  private long mark;
  private boolean moved;
  private boolean drained;
  private boolean standing; // nothing is taken until a barrier has gone
  private boolean pollDue; // a poll is due that found no room beside triggers
  private int inHand; // frames from outside that went on into the chain and are not handled yet
  private @Nullable NodeFailure failure; // waits for what was made before it to go on
  private Clock.@Nullable Timer timer;
  private Clock.@Nullable Timer idleTimer;
  private long heldUpNanos = NOT; // since when the source cannot be asked for want of room

  // Set by the chain, cleared by the timer.
  private volatile boolean idleTimed;

  // Written by whoever drains or fails the pipeline, read by the chain.
  private volatile boolean drainRequested;
  private volatile boolean stopRequested;

  SourceHead(Stage stage, int source, @Nullable Inlet inlet, Clock clock, Wakeable chain) {
    this.stage = stage;
    this.calls = new SourceCalls(stage);
    this.source = source;
    this.inlet = inlet;
    this.clock = clock;
    this.chain = chain;
    this.sampler = new TraceSampler(stage);
    this.time = stage.eventTime();
  }

  /// The source, and what waits in front of it, belong to `other` from now on.
  void runsIn(Wakeable other) {
    chain = other;
    if (inlet != null) {
      inlet.feeds(other);
    }
  }

  /// The source's stage, or the one that passes on what comes from outside.
  Stage stage() {
    return stage;
  }

  /// Whether nothing from outside waits.
  boolean nothingWaits() {
    return failure == null && (inlet == null || !inlet.waiting());
  }

  @Nullable Inlet inlet() {
    return inlet;
  }

  /// Of what the last poll took from outside, `frames` frames are handled later than by the next
  /// step: they keep their places until they have been [#settled].
  void keeps(int frames) {
    inHand += frames;
  }

  /// So many of the frames it keeps have been handled.
  void settled(int frames) {
    inHand -= frames;
  }

  /// The frames it keeps will not be handled.
  void discardKept() {
    if (inlet != null) {
      inlet.discard(inHand);
    }
    inHand = 0;
  }

  /// Any thread: have the source deliver what it has and end.
  void requestDrain() {
    drainRequested = true;
    close(inlet);
    chain.wake();
  }

  /// Any thread: no further poll, no further trigger.
  void requestStop() {
    stopRequested = true;
    close(inlet);
    chain.wake();
  }

  /// Any thread: whether an interrupt may wake the source. One that has a frame from outside in
  /// hand would lose it.
  boolean interruptible() {
    return inlet == null;
  }

  /// Whether somebody has asked the source to end, so that an interrupted poll is no failure.
  boolean ending() {
    return drainRequested || stopRequested;
  }

  /// Passes on to the source what was requested of it. At the beginning of each step, also when
  /// there is no room for a poll: a source that drains leaves its peer alone at once.
  void hear() throws NodeFailure {
    if (time != null) {
      time.begin(clock.nanoTime());
    }
    if (inlet != null) {
      inlet.settle(inHand);
    }
    if (stopRequested) {
      progress = Progress.DONE;
    } else if (drainRequested && !drained) {
      drained = true;
      calls.drain();
      progress = Progress.MORE;
    }
  }

  /// Whether the source is about to get another instance.
  boolean restarting() {
    return calls.restarting();
  }

  /// Whether nothing is taken from the source or from outside.
  void stand(boolean untilBarrier) {
    standing = untilBarrier;
  }

  /// Whether a poll is due; `woken` says that the source has called for one.
  boolean due(boolean woken) throws NodeFailure {
    if (time != null && heldUpNanos != NOT) {
      time.wasHeldUp(heldUpNanos, clock.nanoTime());
      heldUpNanos = NOT;
    }
    if (ending() && calls.restarting()) {
      progress = Progress.DONE;
      stopRequested = true; // what waits in front of a source that is gone goes nowhere
    }
    if (standing || (!done() && !calls.mayPoll())) {
      return false;
    }
    pollDue |=
        switch (progress) {
          case Progress.More() -> true;
          case Progress.Done() -> false;
          case Progress.Await() -> woken;
          case Progress.At(var nanos) -> woken || clock.nanoTime() - nanos >= 0;
        };
    return pollDue || failure != null || (inlet != null && inlet.waiting() && !stopRequested);
  }

  boolean done() {
    return progress instanceof Progress.Done
        && (inlet == null || stopRequested || inlet.exhausted());
  }

  /// Hands over what came from outside, then polls; the frames are in the stage's collector, behind
  /// what was there before.
  void poll(int limit) throws NodeFailure {
    if (failure != null) {
      throw failure;
    }
    int before = stage.out().size();
    try {
      if (inlet != null) {
        takeTriggers(inlet, limit);
      }
      int made = stage.out().size() - before;
      if (pollDue && made < limit) {
        pollDue = false;
        pollSource(limit - made);
      }
    } catch (NodeFailure thrown) {
      if (stage.out().size() == before) {
        throw thrown;
      }
      failure = thrown; // what the calls before came to goes on first
    }
    sampler.sample(before);
    if (time != null) {
      tellTime(time, before);
    }
    var now = calls.position();
    moved = now != null && !now.equals(position);
    if (moved) {
      position = now;
      mark++;
    }
  }

  @Nullable SourcePosition position() {
    return position;
  }

  /// How far the source's frames have told the time; null without event time.
  @Nullable Watermark watermark() {
    return time == null ? null : time.now();
  }

  /// The source has nothing and is not to be polled yet: how far its frames have told the time. The
  /// chain is woken when it has been quiet for so long that nobody is to wait for it.
  @Nullable Watermark quiet() {
    if (time != null && !done()) {
      long left = time.quiet(clock.nanoTime());
      if (left > 0 && !idleTimed) {
        idleTimed = true;
        idleTimer = clock.after(Duration.ofNanos(left), this::maybeIdle);
      }
    }
    return watermark();
  }

  private void maybeIdle() {
    idleTimed = false;
    chain.wake();
  }

  /// There is no room behind the chain: the source is not to blame if nothing comes.
  void heldUp() {
    if (time != null && heldUpNanos == NOT) {
      heldUpNanos = clock.nanoTime();
    }
  }

  private void tellTime(WatermarkSource tells, int before) {
    long nowNanos = clock.nanoTime();
    var made = stage.out();
    if (made.size() > before) {
      tells.saw(made.frames(), before, made.size(), nowNanos);
    } else {
      var _ = tells.quiet(nowNanos);
    }
    stage.watermark(tells.now().micros());
  }

  long mark() {
    return mark;
  }

  /// Whether the last poll came to a new position.
  boolean moved() {
    return moved;
  }

  int source() {
    return source;
  }

  void close() {
    close(inlet);
    if (timer != null) {
      timer.cancel();
    }
    if (idleTimer != null) {
      idleTimer.cancel();
    }
  }

  private void takeTriggers(Inlet from, int limit) throws NodeFailure {
    int before = stage.out().size();
    for (int taken = 0; taken < limit && stage.out().size() - before < limit; taken++) {
      var frame = from.take();
      if (frame == null) {
        return;
      }
      try {
        calls.trigger(frame);
      } catch (NodeFailure thrown) {
        calls.pollFailed(thrown);
        return;
      }
    }
  }

  private void pollSource(int limit) throws NodeFailure {
    try {
      progress = calls.poll(limit);
    } catch (NodeFailure thrown) {
      progress = Progress.MORE;
      if (!ending() || !thrown.isInterruption()) {
        calls.pollFailed(thrown);
        if (drained) {
          progress = Progress.DONE; // as retries wait no more, it would fail again and again
        }
      }
      // Else woken from a wait; the next look sees why.
    }
    switch (progress) {
      case Progress.At(var nanos) -> waitUntil(nanos);
      case Progress.Done() -> close(inlet);
      case Progress.More(), Progress.Await() -> {}
    }
  }

  private static void close(@Nullable Inlet inlet) {
    if (inlet != null) {
      inlet.close();
    }
  }

  private void waitUntil(long nanos) {
    if (timer != null) {
      timer.cancel();
    }
    long delay = Math.max(0, nanos - clock.nanoTime());
    timer = clock.after(Duration.ofNanos(delay), () -> chain.wake());
  }
}
