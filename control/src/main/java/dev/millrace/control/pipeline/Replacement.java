package dev.millrace.control.pipeline;

import dev.millrace.engine.graph.Alike;

/// A pipeline that is new or other than before. `begins` says whether `after` has a run of its own
/// that begins now, `wasActive` whether the run before it was on. Where it was, that run may come
/// to have the new graph instead: then it is the run of `after`, and `moved`.
record Replacement(
    Slot slot,
    Slot.View before,
    Slot.View after,
    boolean begins,
    boolean added,
    boolean wasActive,
    boolean moved) {

  static Replacement addition(PipelineSet set, NamedGraph next) {
    var run = set.runs().fresh(next);
    var view = new Slot.View(next, next.autostart(), false, run, Reason.CONFIG_ADDED, false);
    boolean begins = next.autostart() && !set.allPaused();
    return new Replacement(new Slot(view), view, view, begins, true, false, false);
  }

  /// With the permit of the slot.
  static Replacement change(PipelineSet set, Slot slot, NamedGraph next) {
    var before = slot.view();
    var run = before.run();
    boolean held = before.paused() || set.allPaused();
    boolean flipped = before.declared().autostart() != next.autostart();
    boolean startsNow = flipped && next.autostart() && run.idle() && !before.wanted();
    if (Alike.graphs(before.graph(), next.graph()) && !startsNow) {
      boolean wanted = (run.idle() && flipped) ? next.autostart() : before.wanted();
      var after = before.declaring(next).wanting(wanted);
      return new Replacement(slot, before, after, false, false, run.active(), false);
    }
    boolean busy = run.active() || run.failed() || run.stopped();
    boolean wanted = busy || next.autostart() || (run.idle() && before.wanted());
    var fresh = set.runs().fresh(next);
    var after = before.declaring(next).running(fresh, wanted, Reason.CONFIG_CHANGED);
    return new Replacement(slot, before, after, wanted && !held, false, run.active(), false);
  }

  boolean replacesRun() {
    return !added && after.run() != before.run();
  }

  /// Whether the run before it is on, and something is to run afterwards.
  boolean goesOn() {
    return wasActive && begins && replacesRun();
  }

  InPlace.Move move() {
    return new InPlace.Move(before.run(), before.declared(), after.declared());
  }

  InPlace.Move moveBack() {
    return new InPlace.Move(before.run(), after.declared(), before.declared());
  }

  /// The run before it has the new graph.
  Replacement inPlace() {
    var same = after.running(before.run(), after.wanted(), after.reason());
    return new Replacement(slot, before, same, false, false, wasActive, true);
  }

  /// The run before it does as well.
  Replacement declared() {
    var same = before.declaring(after.declared());
    return new Replacement(slot, before, same, false, false, wasActive, false);
  }
}
