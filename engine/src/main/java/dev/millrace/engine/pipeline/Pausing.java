package dev.millrace.engine.pipeline;

import dev.millrace.core.time.Clock;
import dev.millrace.engine.flow.Chain;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Pause and resume of one pipeline. Safe from any thread.
final class Pausing {
  private final String pipeline;
  private final StateHolder state;
  private final Entries entries;
  private final Clock clock;
  private final ReentrantLock turn = new ReentrantLock(); // one pause or resume at a time
  private final AtomicReference<@Nullable Holding> paused = new AtomicReference<>();

  private volatile boolean over; // written by whoever drains
  private volatile List<Chain> chains = List.of(); // written by start and by each change

  Pausing(String pipeline, StateHolder state, Entries entries, Clock clock) {
    this.pipeline = pipeline;
    this.state = state;
    this.entries = entries;
    this.clock = clock;
  }

  /// Held by whoever changes the pipeline: nobody pauses it meanwhile.
  ReentrantLock turn() {
    return turn;
  }

  /// These may be paused from now on.
  void begin(List<Chain> running) {
    chains = running;
  }

  HoldReport pause(Duration patience) throws InterruptedException {
    turn.lockInterruptibly();
    try {
      if (over) {
        throw new IllegalStateException("The pipeline " + pipeline + " is being stopped.");
      }
      state.move(new PipelineState.Paused());
      entries.hold(true);
      var holding = Holding.ask(chains);
      paused.set(holding);
      if (over || !(state.get() instanceof PipelineState.Paused)) {
        letGo();
      }
      return await(holding, patience);
    } finally {
      turn.unlock();
    }
  }

  void resume() {
    turn.lock();
    try {
      state.move(PipelineState.Paused.class, new PipelineState.Running());
      letGo();
    } finally {
      turn.unlock();
    }
  }

  /// Nobody may pause any more; a pause that is on lasts until [#letGo].
  void noMore() {
    over = true;
  }

  /// Ends a pause, if there is one.
  void letGo() {
    entries.hold(false);
    var holding = paused.getAndSet(null);
    if (holding != null) {
      holding.release();
    }
  }

  private HoldReport await(Holding holding, Duration patience) throws InterruptedException {
    try {
      return holding.await(patience, clock);
    } catch (InterruptedException interrupted) {
      var _ = state.tryMove(new PipelineState.Running());
      letGo();
      throw interrupted;
    }
  }
}
