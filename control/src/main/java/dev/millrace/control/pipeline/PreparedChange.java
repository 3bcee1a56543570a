package dev.millrace.control.pipeline;

import dev.millrace.control.pipeline.Handover.Arrival;
import dev.millrace.control.pipeline.Handover.Departure;
import dev.millrace.core.problem.ProblemException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A change of the set, on its way: what it starts runs, what it replaces has ended, and nobody
/// else may touch the pipelines concerned until [#commit] or [#rollBack]. Exactly one of these is
/// called, from any one thread; a second call does nothing. Neither throws.
public final class PreparedChange {
  private static final Logger log = LoggerFactory.getLogger(PreparedChange.class);

  private final PipelineSet set;
  private final List<Slot> order;
  private final List<Replacement> replacements;
  private final List<Removal> removals;
  private boolean settled; // confined to whoever commits or rolls back

  /// A pipeline that is new or other than before. `begins` says whether `after` has a run of its
  /// own that begins now, `wasActive` whether the run before it was on.
  record Replacement(
      Slot slot,
      Slot.View before,
      Slot.View after,
      boolean begins,
      boolean added,
      boolean wasActive) {
    boolean replacesRun() {
      return !added && after.run() != before.run();
    }
  }

  /// A pipeline that goes; `early` says that its end cannot wait for the commit, because something
  /// that begins writes to the same place.
  record Removal(Slot slot, Slot.View before, boolean early, boolean wasActive) {}

  private PreparedChange(
      PipelineSet set, List<Slot> order, List<Replacement> replacements, List<Removal> removals) {
    this.set = set;
    this.order = order;
    this.replacements = replacements;
    this.removals = removals;
  }

  /// Works out what differs. The permits of the slots concerned are taken by `acquire`, which may
  /// refuse; whoever calls gives them back if the change does not come about.
  static PreparedChange between(PipelineSet set, List<NamedGraph> after, Acquire acquire)
      throws ProblemException {
    Map<String, Slot> byName = new HashMap<>();
    set.slots().forEach(slot -> byName.put(slot.name(), slot));
    var order = new ArrayList<Slot>();
    var replacements = new ArrayList<Replacement>();
    for (var next : after) {
      var slot = byName.remove(next.name());
      if (slot == null) {
        replacements.add(addition(set, next));
        order.add(replacements.getLast().slot());
      } else {
        order.add(slot);
        if (!slot.view().declared().sameAs(next)) {
          acquire.accept(slot);
          replacements.add(replacement(set, slot, next));
        }
      }
    }
    var removals = new ArrayList<Removal>();
    for (var slot : set.slots()) {
      if (byName.containsKey(slot.name())) {
        acquire.accept(slot);
        boolean early =
            replacements.stream()
                .filter(Replacement::begins)
                .anyMatch(one -> Likeness.shareASink(slot.view().graph(), one.after().graph()));
        removals.add(new Removal(slot, slot.view(), early, slot.view().run().active()));
      }
    }
    return new PreparedChange(
        set, List.copyOf(order), List.copyOf(replacements), List.copyOf(removals));
  }

  /// Takes the permit of a slot.
  @FunctionalInterface
  interface Acquire {
    void accept(Slot slot) throws ProblemException;
  }

  /// Pipelines that run already and are not in the set yet.
  List<Slot> added() {
    return replacements.stream().filter(Replacement::added).map(Replacement::slot).toList();
  }

  /// Ends what must end and begins what must begin; what cannot begin undoes all of it.
  void carryOut() throws ProblemException {
    var departures = new ArrayList<Departure>();
    var arrivals = new ArrayList<Arrival>();
    for (var one : replacements) {
      if (one.replacesRun() && one.begins()) {
        departures.add(departure(one.slot(), one.before(), Reason.CONFIG_CHANGED));
      }
      if (one.begins()) {
        // Until the commit the slot shows the new run of a graph that it does not have yet.
        var shown = one.added() ? one.after() : one.after().declaring(one.before().declared());
        arrivals.add(arrival(one.slot(), one.after(), () -> one.slot().show(shown)));
      }
    }
    removals.stream()
        .filter(Removal::early)
        .forEach(one -> departures.add(departure(one.slot(), one.before(), Reason.CONFIG_REMOVED)));
    var problems = set.handover().carryOut(departures, arrivals).problems();
    if (!problems.isEmpty()) {
      undo();
      var first = problems.getFirst();
      problems.stream().skip(1).forEach(first::addSuppressed);
      throw first;
    }
  }

  /// Makes the change the set. What was removed drains beside this, each pipeline on a thread of
  /// its own, so this takes no time.
  public void commit() {
    if (settled) {
      return;
    }
    settled = true;
    for (var one : replacements) {
      if (one.replacesRun() && !one.begins()) {
        sendAway(one.slot(), one.before(), Reason.CONFIG_CHANGED);
      }
      one.slot().show(one.after());
    }
    for (var one : removals) {
      one.slot().show(one.before().removedFromTheSet());
      if (!one.early()) {
        sendAway(one.slot(), one.before(), Reason.CONFIG_REMOVED);
      }
    }
    set.changed(order, this::release);
  }

  private void sendAway(Slot slot, Slot.View before, Reason reason) {
    var run = before.run();
    set.leaving()
        .send(
            slot.name(),
            before.graph(),
            run,
            () -> {
              if (!run.still()) {
                set.runs().end(run, before.graph(), reason);
              }
            });
  }

  /// Ends what the change began and begins anew what it ended, from where the sinks are.
  public void rollBack() {
    if (settled) {
      return;
    }
    settled = true;
    undo();
    set.unchanged(this::release);
  }

  void release() {
    replacements.stream().filter(one -> !one.added()).forEach(one -> one.slot().release());
    removals.forEach(one -> one.slot().release());
  }

  private void undo() {
    var departures = new ArrayList<Departure>();
    var arrivals = new ArrayList<Arrival>();
    for (var one : replacements) {
      if (one.begins()) {
        departures.add(departure(one.slot(), one.after(), Reason.CONFIG_CHANGED));
      }
      // One that is held does not begin, and what ran before still does until the hold reaches it.
      if (one.replacesRun() && one.begins()) {
        restore(one.slot(), one.before(), one.wasActive(), arrivals::add);
      }
    }
    for (var one : removals) {
      if (one.early()) {
        restore(one.slot(), one.before(), one.wasActive(), arrivals::add);
      }
    }
    for (var problem : set.handover().carryOut(departures, arrivals).problems()) {
      if (!set.runs().stopping()) {
        log.error("A change was taken back, and what ran before does not start again", problem);
      }
    }
  }

  /// The pipeline as it was: with a new run if the change has cut the old one off.
  private void restore(Slot slot, Slot.View before, boolean wasActive, Consumer<Arrival> arrivals) {
    if (wasActive && !set.allPaused()) {
      var fresh = set.runs().fresh(before.declared());
      var again = before.running(fresh, true, Reason.CONFIG_CHANGED);
      arrivals.accept(arrival(slot, again, () -> slot.show(again)));
    } else {
      slot.show(before);
    }
  }

  private static Departure departure(Slot slot, Slot.View view, Reason reason) {
    return new Departure(slot.name(), view.graph(), view.run(), reason);
  }

  private static Arrival arrival(Slot slot, Slot.View view, Runnable show) {
    return new Arrival(slot.name(), view.graph(), view.run(), view.reason(), show);
  }

  private static Replacement addition(PipelineSet set, NamedGraph next) {
    var run = set.runs().fresh(next);
    var view = new Slot.View(next, next.autostart(), false, run, Reason.CONFIG_ADDED, false);
    return new Replacement(
        new Slot(view), view, view, next.autostart() && !set.allPaused(), true, false);
  }

  /// With the permit of the slot.
  private static Replacement replacement(PipelineSet set, Slot slot, NamedGraph next) {
    var before = slot.view();
    var run = before.run();
    boolean held = before.paused() || set.allPaused();
    boolean flipped = before.declared().autostart() != next.autostart();
    boolean startsNow = flipped && next.autostart() && run.idle() && !before.wanted();
    if (Likeness.runAlike(before.graph(), next.graph()) && !startsNow) {
      boolean wanted = (run.idle() && flipped) ? next.autostart() : before.wanted();
      var after = before.declaring(next).wanting(wanted);
      return new Replacement(slot, before, after, false, false, run.active());
    }
    boolean busy = run.active() || run.failed() || run.stopped();
    boolean wanted = busy || next.autostart() || (run.idle() && before.wanted());
    var fresh = set.runs().fresh(next);
    var after = before.declaring(next).running(fresh, wanted, Reason.CONFIG_CHANGED);
    return new Replacement(slot, before, after, wanted && !held, false, run.active());
  }
}
