package dev.millrace.control.pipeline;

import dev.millrace.engine.graph.Graph;
import dev.millrace.engine.pipeline.PipelineState;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// The place of one pipeline in the set: what it should be, what it is, and the permit to change
/// that. Looking needs no permit.
final class Slot {
  private final String name;
  private final Semaphore permit = new Semaphore(1, true);

  // Written by whoever holds the permit, or before anybody else knows the slot.
  private volatile View view;

  /// One consistent look. `wanted` says that it runs unless it is held; `paused` that an operator
  /// holds it; `reason` is that of the last change.
  record View(
      NamedGraph declared,
      boolean wanted,
      boolean paused,
      Run run,
      Reason reason,
      boolean removed) {

    Graph graph() {
      return declared.graph();
    }

    /// The last change, or what became of the run since.
    Reason reasonNow() {
      if (run.stopped() || run.idle() || run.active()) {
        return reason;
      }
      return run.state() instanceof PipelineState.Error ? Reason.CRASHED : Reason.EXITED_CLEANLY;
    }

    /// Whether nothing more is to be expected of it unless somebody says so.
    boolean over() {
      return run.idle() ? !wanted : run.still() && !run.stopped();
    }

    View declaring(NamedGraph other) {
      return new View(other, wanted, paused, run, reason, removed);
    }

    View wanting(boolean now) {
      return new View(declared, now, paused, run, reason, removed);
    }

    View pausing(boolean now, Reason why) {
      return new View(declared, wanted, now, run, why, removed);
    }

    View running(Run other, boolean nowWanted, Reason why) {
      return new View(declared, nowWanted, paused, other, why, removed);
    }

    View removedFromTheSet() {
      return new View(declared, false, paused, run, reason, true);
    }
  }

  Slot(View first) {
    this.name = first.declared().name();
    this.view = first;
  }

  String name() {
    return name;
  }

  View view() {
    return view;
  }

  /// Only with the permit.
  void show(View next) {
    view = next;
  }

  /// Takes the permit to change this slot, which any thread may give back.
  boolean acquire(Duration patience) throws InterruptedException {
    return permit.tryAcquire(patience.toNanos(), TimeUnit.NANOSECONDS);
  }

  void release() {
    permit.release();
  }
}
