package dev.millrace.engine.flow;

import dev.millrace.core.node.Progress;
import dev.millrace.core.node.SourcePosition;
import dev.millrace.core.time.Clock;
import dev.millrace.engine.schedule.Wakeable;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// The beginning of a chain that starts with a source: decides when to poll it and numbers the
/// positions it comes to. Confined to the chain's thread, except where a field says otherwise.
final class SourceHead {
  private final Stage stage;
  private final int source;
  private final Clock clock;
  private final Wakeable chain;
  private final TraceSampler sampler;

  private Progress progress = Progress.MORE;
  private @Nullable SourcePosition position;
  private long mark;
  private boolean moved;
  private boolean drained;
  private Clock.@Nullable Timer timer;

  // Written by whoever drains or fails the pipeline, read by the chain.
  private volatile boolean drainRequested;
  private volatile boolean stopRequested;

  SourceHead(Stage stage, int source, Clock clock, Wakeable chain) {
    this.stage = stage;
    this.source = source;
    this.clock = clock;
    this.chain = chain;
    this.sampler = new TraceSampler(stage);
  }

  /// Any thread: have the source deliver what it has and end.
  void requestDrain() {
    drainRequested = true;
    chain.wake();
  }

  /// Any thread: no further poll.
  void requestStop() {
    stopRequested = true;
    chain.wake();
  }

  /// Whether somebody has asked the source to end, so that an interrupted poll is no failure.
  boolean ending() {
    return drainRequested || stopRequested;
  }

  /// Passes on to the source what was requested of it. At the beginning of each step, also when
  /// there is no room for a poll: a source that drains leaves its peer alone at once.
  void hear() throws NodeFailure {
    if (stopRequested) {
      progress = Progress.DONE;
    } else if (drainRequested && !drained) {
      drained = true;
      stage.drain();
      progress = Progress.MORE;
    }
  }

  /// Whether a poll is due; `woken` says that the source has called for one.
  boolean due(boolean woken) throws NodeFailure {
    if (ending() && stage.restarting()) {
      progress = Progress.DONE;
    }
    if (!done() && !stage.mayPoll()) {
      return false;
    }
    return switch (progress) {
      case Progress.More() -> true;
      case Progress.Done() -> false;
      case Progress.Await() -> woken;
      case Progress.At(var nanos) -> woken || clock.nanoTime() - nanos >= 0;
    };
  }

  boolean done() {
    return progress instanceof Progress.Done;
  }

  /// One poll; the frames are in the stage's collector, behind what was there before.
  void poll(int limit) throws NodeFailure {
    int before = stage.out().size();
    try {
      progress = stage.poll(limit);
      sampler.sample(before);
    } catch (NodeFailure failure) {
      progress = Progress.MORE;
      if (!ending() || !failure.isInterruption()) {
        stage.pollFailed(failure);
        moved = false;
        return;
      }
      // Woken from a wait; the next look sees why.
    }
    var now = stage.position();
    moved = now != null && !now.equals(position);
    if (moved) {
      position = now;
      mark++;
    }
    if (progress instanceof Progress.At(var nanos)) {
      waitUntil(nanos);
    }
  }

  @Nullable SourcePosition position() {
    return position;
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
    if (timer != null) {
      timer.cancel();
    }
  }

  private void waitUntil(long nanos) {
    if (timer != null) {
      timer.cancel();
    }
    long delay = Math.max(0, nanos - clock.nanoTime());
    timer = clock.after(Duration.ofNanos(delay), chain::wake);
  }
}
