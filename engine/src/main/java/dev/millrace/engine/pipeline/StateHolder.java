package dev.millrace.engine.pipeline;

import dev.millrace.core.signal.SignalBus;
import dev.millrace.core.time.Clock;

/// The one place a pipeline's state changes: refuses what the state machine does not allow and
/// announces what happens, in order. Safe from any thread.
final class StateHolder {
  private final String pipeline;
  private final Clock clock;
  private final SignalBus signals;

  // Written under this holder's monitor, read by anybody.
  private volatile PipelineState state = new PipelineState.Idle();

  StateHolder(String pipeline, Clock clock, SignalBus signals) {
    this.pipeline = pipeline;
    this.clock = clock;
    this.signals = signals;
  }

  PipelineState get() {
    return state;
  }

  /// Goes to `next` if that is allowed from here.
  synchronized boolean tryMove(PipelineState next) {
    var from = state;
    if (!from.mayBecome(next)) {
      return false;
    }
    state = next;
    signals.announce(new PipelineStateChanged(pipeline, from, next, clock.epochMicros()));
    return true;
  }

  /// Goes to `next`.
  ///
  /// @throws IllegalStateException if that is not allowed from here; nothing has changed then
  synchronized void move(PipelineState next) {
    if (!tryMove(next)) {
      throw new IllegalStateException(
          "Invalid state transition: " + state.name() + " -> " + next.name());
    }
  }
}
