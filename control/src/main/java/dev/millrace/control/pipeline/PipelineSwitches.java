package dev.millrace.control.pipeline;

import dev.millrace.control.pipeline.Handover.Arrival;
import dev.millrace.control.pipeline.Handover.Departure;
import dev.millrace.control.pipeline.PipelineOutcome.Busy;
import dev.millrace.control.pipeline.PipelineOutcome.Done;
import dev.millrace.control.pipeline.PipelineOutcome.Held;
import dev.millrace.control.pipeline.PipelineOutcome.NotStarted;
import dev.millrace.control.pipeline.PipelineOutcome.Refused;
import dev.millrace.control.pipeline.PipelineOutcome.Unknown;
import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.Problem;
import dev.millrace.engine.pipeline.PipelineState;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;

/// Holds pipelines and lets them go. There are two latches, one per pipeline and one over all of
/// them, and a pipeline runs only while both are open; neither outlives the process. Safe from any
/// thread; blocks for as long as drains and starts take.
final class PipelineSwitches {
  private final PipelineSet set;

  PipelineSwitches(PipelineSet set) {
    this.set = set;
  }

  /// Drains the pipeline and keeps it from running.
  PipelineOutcome pause(String name) throws InterruptedException {
    return withPermit(name, this::pause);
  }

  /// Lets the pipeline run again; one that has failed or ended, or was never started, begins a new
  /// run.
  PipelineOutcome start(String name) throws InterruptedException {
    return withPermit(name, this::start);
  }

  /// Ends the pipeline's run and begins another, also when an operator holds it.
  PipelineOutcome reboot(String name) throws InterruptedException {
    return withPermit(
        name, slot -> set.allPaused() ? new Held(name) : newRun(slot, Reason.ADMIN_REBOOT));
  }

  /// Drains all pipelines, at the same time, and keeps them from running, also those to come.
  PipelineOutcome pauseAll() throws InterruptedException {
    return onAll(set.pauseAll(true), this::holdWithTheOthers);
  }

  /// Lets all pipelines run again that are not held on their own account, also those that have
  /// failed. What came to an end by itself stays there.
  PipelineOutcome startAll() throws InterruptedException {
    return onAll(set.pauseAll(false), this::letGoWithTheOthers);
  }

  /// What is done to one slot, with its permit.
  @FunctionalInterface
  interface Action {
    PipelineOutcome on(Slot slot);
  }

  /// The same, of a slot whose permit the caller has.
  PipelineOutcome pause(Slot slot) {
    if (slot.view().paused()) {
      return done(slot, false, 0);
    }
    slot.show(slot.view().pausing(true, Reason.ADMIN_PAUSE));
    return done(slot, true, end(slot));
  }

  /// The same, of a slot whose permit the caller has.
  PipelineOutcome start(Slot slot) {
    var view = slot.view();
    if (view.run().state() instanceof PipelineState.Paused && !set.allPaused()) {
      view.run().pipeline().resume();
      return done(slot, true, 0);
    }
    if (set.allPaused()) {
      boolean applied = view.paused() || !view.wanted();
      slot.show(view.pausing(false, Reason.ADMIN_START).wanting(true));
      return done(slot, applied, 0);
    }
    return view.run().active() ? done(slot, false, 0) : newRun(slot, Reason.ADMIN_START);
  }

  private PipelineOutcome holdWithTheOthers(Slot slot) {
    boolean ends = set.allPaused() && !slot.view().run().still();
    return done(slot, ends, ends ? end(slot) : 0);
  }

  private PipelineOutcome letGoWithTheOthers(Slot slot) {
    var view = slot.view();
    var run = view.run();
    boolean due = run.failed() || run.stopped() || (run.idle() && view.wanted());
    return due && !view.paused() && !set.allPaused()
        ? newRun(slot, Reason.ADMIN_START)
        : done(slot, false, 0);
  }

  private long end(Slot slot) {
    var view = slot.view();
    slot.show(view.pausing(view.paused(), Reason.ADMIN_PAUSE));
    return view.run().still() ? 0 : set.runs().end(view.run(), view.graph(), Reason.ADMIN_PAUSE);
  }

  /// Ends the run that is there, if it is on, and begins another. When that fails the slot shows
  /// the failed run, and is held if it was before.
  private PipelineOutcome newRun(Slot slot, Reason reason) {
    var before = slot.view();
    var fresh = set.runs().fresh(before.declared());
    var shown = before.running(fresh, true, reason);
    var outcome =
        set.handover()
            .carryOut(
                List.of(new Departure(slot.name(), before.graph(), before.run(), reason)),
                List.of(
                    new Arrival(
                        slot.name(), before.graph(), fresh, reason, () -> slot.show(shown))));
    if (!outcome.problems().isEmpty()) {
      return new NotStarted(outcome.problems().getFirst().problem());
    }
    slot.show(shown.pausing(false, reason));
    return done(slot, true, outcome.left());
  }

  Done done(Slot slot, boolean applied, long left) {
    return new Done(
        applied, left, List.of(PipelineStatus.of(slot.view(), set.allPaused())), List.of());
  }

  PipelineOutcome withPermit(String name, Action action) throws InterruptedException {
    var slot = set.slot(name);
    return slot.isEmpty()
        ? new Unknown(name, set.suggestion(name))
        : withPermit(slot.get(), action);
  }

  private PipelineOutcome withPermit(Slot slot, Action action) throws InterruptedException {
    if (!slot.acquire(set.patience())) {
      return new Busy(slot.name());
    }
    try {
      if (set.runs().stopping()) {
        return new Busy(slot.name());
      }
      // A change may have removed it while we waited.
      return slot.view().removed()
          ? new Unknown(slot.name(), set.suggestion(slot.name()))
          : action.on(slot);
    } finally {
      slot.release();
    }
  }

  private PipelineOutcome onAll(boolean latched, Action action) throws InterruptedException {
    var actions = new ArrayList<Callable<PipelineOutcome>>();
    set.slots().forEach(slot -> actions.add(() -> withPermit(slot, action)));
    boolean applied = latched;
    long left = 0;
    var failed = new ArrayList<Problem>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (var outcome : threads.invokeAll(actions)) {
        switch (outcome.get()) {
          case Done one -> {
            applied |= one.applied();
            left += one.left();
          }
          case NotStarted(var problem) -> failed.add(problem);
          case Busy(var name) -> failed.add(busy(name));
          case Unknown _, Held _, Refused _ -> {} // gone meanwhile, or held again
        }
      }
    } catch (ExecutionException defect) {
      throw new IllegalStateException("a command to a pipeline failed", defect.getCause());
    }
    return new Done(applied, left, set.statuses(), List.copyOf(failed));
  }

  private static Problem busy(String name) {
    return Problem.error(
        "E_BUSY",
        Location.of("pipeline " + name),
        "the pipeline " + name + " is being changed",
        "Give the command again when that is done.");
  }
}
