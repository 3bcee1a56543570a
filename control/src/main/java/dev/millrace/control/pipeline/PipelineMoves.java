package dev.millrace.control.pipeline;

import dev.millrace.control.pipeline.PipelineOutcome.Held;
import dev.millrace.control.pipeline.PipelineOutcome.Refused;
import dev.millrace.engine.pipeline.PipelineState;
import java.time.Duration;

/// The four moves of one pipeline that its API has. Unlike the switches these refuse what the
/// pipeline's state does not allow. Safe from any thread; blocks for as long as drains and starts
/// take.
final class PipelineMoves {
  // Nodes that are late by this stand still once they come back.
  private static final Duration PAUSE_PATIENCE = Duration.ofSeconds(5);

  private final PipelineSet set;
  private final PipelineSwitches switches;

  PipelineMoves(PipelineSet set, PipelineSwitches switches) {
    this.set = set;
    this.switches = switches;
  }

  /// Begins a run: the first, or another after one that has ended.
  PipelineOutcome start(String name) throws InterruptedException {
    return switches.withPermit(name, this::start);
  }

  /// Drains the run, and keeps the pipeline from running until it is started.
  PipelineOutcome stop(String name) throws InterruptedException {
    return switches.withPermit(name, this::stop);
  }

  /// Has every node stand still; queues keep what is in them.
  PipelineOutcome pause(String name) throws InterruptedException {
    return switches.withPermit(name, this::pause);
  }

  /// Goes on after a pause.
  PipelineOutcome resume(String name) throws InterruptedException {
    return switches.withPermit(name, this::resume);
  }

  private PipelineOutcome start(Slot slot) {
    return switch (slot.view().run().state()) {
      case PipelineState.Idle(), PipelineState.Completed _ -> begun(slot);
      case PipelineState.Error(var message, var recoverable) ->
          recoverable ? begun(slot) : refused(slot, "Idle");
      case PipelineState.Initializing(), PipelineState.Running(), PipelineState.Paused() ->
          refused(slot, "Initializing");
    };
  }

  private PipelineOutcome begun(Slot slot) {
    return set.allPaused() ? new Held(slot.name()) : switches.start(slot);
  }

  private PipelineOutcome stop(Slot slot) {
    return slot.view().run().active() ? switches.pause(slot) : refused(slot, "Completed");
  }

  private PipelineOutcome pause(Slot slot) {
    var pipeline = slot.view().run().pipeline();
    if (!(pipeline.state() instanceof PipelineState.Running)) {
      return refused(slot, "Paused");
    }
    try {
      var _ = pipeline.pause(PAUSE_PATIENCE);
      return switches.done(slot, true, 0);
    } catch (IllegalStateException ended) {
      return new Refused(slot.name(), String.valueOf(ended.getMessage()));
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return new PipelineOutcome.Busy(slot.name());
    }
  }

  private PipelineOutcome resume(Slot slot) {
    var pipeline = slot.view().run().pipeline();
    if (!(pipeline.state() instanceof PipelineState.Paused)) {
      return refused(slot, "Running");
    }
    try {
      pipeline.resume();
      return switches.done(slot, true, 0);
    } catch (IllegalStateException ended) {
      return new Refused(slot.name(), String.valueOf(ended.getMessage()));
    }
  }

  private static Refused refused(Slot slot, String to) {
    var state = slot.view().run().state();
    var why = state instanceof PipelineState.Error(var message, var _) ? " (" + message + ")" : "";
    return new Refused(
        slot.name(), "Invalid state transition: " + state.name() + " -> " + to + why);
  }
}
