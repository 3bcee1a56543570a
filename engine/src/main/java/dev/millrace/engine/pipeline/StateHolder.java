package dev.millrace.engine.pipeline;

import dev.millrace.core.signal.SignalBus;
import dev.millrace.core.time.Clock;
import java.util.ArrayDeque;
import java.util.List;

/// The one place a pipeline's state changes: refuses what the state machine does not allow and
/// announces what happens, in order. Safe from any thread.
final class StateHolder {
  // A run has four transitions, and two more each time somebody pauses it.
  private static final int KEPT_EVENTS = 64;

  private final String pipeline;
  private final Clock clock;
  private final SignalBus signals;

  // Written under this holder's monitor, read by anybody.
  private volatile PipelineState state = new PipelineState.Idle();

  // The latest transitions, oldest first; guarded by this.
  private final ArrayDeque<PipelineStateChanged> events = new ArrayDeque<>();

  StateHolder(String pipeline, Clock clock, SignalBus signals) {
    this.pipeline = pipeline;
    this.clock = clock;
    this.signals = signals;
  }

  PipelineState get() {
    return state;
  }

  synchronized List<PipelineStateChanged> events() {
    return List.copyOf(events);
  }

  /// Goes to `next` if that is allowed from here.
  synchronized boolean tryMove(PipelineState next) {
    var from = state;
    if (!from.mayBecome(next)) {
      return false;
    }
    state = next;
    var event = new PipelineStateChanged(pipeline, from, next, clock.epochMicros());
    if (events.size() == KEPT_EVENTS) {
      events.removeFirst();
    }
    events.addLast(event);
    signals.announce(event);
    return true;
  }

  /// Goes to `next`, from a state like `from` only.
  ///
  /// @throws IllegalStateException from any other state; nothing has changed then
  synchronized void move(Class<? extends PipelineState> from, PipelineState next) {
    if (!from.isInstance(state)) {
      throw refused(next);
    }
    move(next);
  }

  /// Goes to `next`.
  ///
  /// @throws IllegalStateException if that is not allowed from here; nothing has changed then
  synchronized void move(PipelineState next) {
    if (!tryMove(next)) {
      throw refused(next);
    }
  }

  private IllegalStateException refused(PipelineState next) {
    return new IllegalStateException(
        "Invalid state transition: " + state.name() + " -> " + next.name());
  }
}
