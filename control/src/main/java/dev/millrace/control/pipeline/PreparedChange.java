package dev.millrace.control.pipeline;

import dev.millrace.control.pipeline.Handover.Arrival;
import dev.millrace.control.pipeline.Handover.Departure;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.engine.graph.Alike;
import dev.millrace.engine.pipeline.PipelineState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A change of the set, on its way: what it starts runs, runs that go on have their other graphs,
/// what it replaces has ended, and nobody else may touch the pipelines concerned until [#commit] or
/// [#rollBack]. Exactly one of these is called, from any one thread; a second call does nothing.
/// Neither throws.
///
/// Runs get other graphs before any run ends, because that is taken back in the same way, by the
/// old graph, and costs nobody a run.
public final class PreparedChange {
  private static final Logger log = LoggerFactory.getLogger(PreparedChange.class);

  private final PipelineSet set;
  private final List<Slot> order;
  private final List<Removal> removals;

  // Confined to whoever prepares the change, and then to whoever commits or rolls back.
  private final List<Replacement> replacements;
  private final List<PipelineChange> changes = new ArrayList<>();
  private boolean handedOver;
  private boolean settled;

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
        replacements.add(Replacement.addition(set, next));
        order.add(replacements.getLast().slot());
      } else {
        order.add(slot);
        if (!slot.view().declared().sameAs(next)) {
          acquire.accept(slot);
          replacements.add(Replacement.change(set, slot, next));
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
                .anyMatch(one -> Alike.shareASink(slot.view().graph(), one.after().graph()));
        removals.add(new Removal(slot, slot.view(), early, slot.view().run().active()));
      }
    }
    return new PreparedChange(set, List.copyOf(order), replacements, List.copyOf(removals));
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

  /// How pipelines that were running came to other graphs.
  public List<PipelineChange> changes() {
    return List.copyOf(changes);
  }

  /// Changes what can be changed in place, then ends what must end and begins what must begin; what
  /// cannot be undoes all of it.
  void carryOut() throws ProblemException {
    var problems = moveInPlace();
    if (problems.isEmpty()) {
      handedOver = true;
      problems = handOver();
    }
    if (!problems.isEmpty()) {
      undo();
      var first = problems.getFirst();
      problems.stream().skip(1).forEach(first::addSuppressed);
      throw first;
    }
  }

  private List<ProblemException> moveInPlace() {
    var at = new ArrayList<Integer>();
    for (int i = 0; i < replacements.size(); i++) {
      var one = replacements.get(i);
      if (one.goesOn() && clashes(one)) {
        changes.add(
            new PipelineChange.NewRun(
                one.slot().name(), "another pipeline that changes writes to where it will"));
      } else if (one.goesOn()) {
        at.add(i);
      }
    }
    var outcomes =
        set.inPlace().together(at.stream().map(i -> replacements.get(i).move()).toList());
    var problems = new ArrayList<ProblemException>();
    for (int i = 0; i < outcomes.size(); i++) {
      var one = replacements.get(at.get(i));
      var name = one.slot().name();
      switch (outcomes.get(i)) {
        case InPlace.Outcome.Moved(var nodes) -> {
          changes.add(new PipelineChange.InPlace(name, nodes));
          replacements.set(at.get(i), one.inPlace());
        }
        case InPlace.Outcome.Same() -> replacements.set(at.get(i), one.declared());
        case InPlace.Outcome.NewRun(var why) -> changes.add(new PipelineChange.NewRun(name, why));
        case InPlace.Outcome.Refused(var problem) -> problems.add(new ProblemException(problem));
        case InPlace.Outcome.CalledOff() -> {}
      }
    }
    return problems;
  }

  /// Whether a sink that comes with `one` writes to where another pipeline does that changes too,
  /// so that its turn is to be waited for.
  private boolean clashes(Replacement one) {
    var sinks = Alike.newSinks(one.before().graph(), one.after().graph());
    return !sinks.isEmpty()
        && (removals.stream().anyMatch(gone -> Alike.anyWritesTo(sinks, gone.before().graph()))
            || replacements.stream()
                .filter(other -> other.slot() != one.slot())
                .anyMatch(
                    other ->
                        Alike.anyWritesTo(sinks, other.before().graph())
                            || Alike.anyWritesTo(sinks, other.after().graph())));
  }

  private List<ProblemException> handOver() {
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
    return set.handover().carryOut(departures, arrivals).problems();
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
              if (reason == Reason.CONFIG_REMOVED && !before.declared().configured()) {
                run.pipeline().close();
                run.pipeline().forgetCheckpoints(); // a namesake is another pipeline
              }
            });
  }

  /// Ends what the change began, gives runs that went on their old graphs back, and begins anew
  /// what it ended, from where the sinks are.
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
    if (handedOver) {
      endWhatBegan();
    }
    var departures = new ArrayList<Departure>();
    var arrivals = new ArrayList<Arrival>();
    for (var one : notMovedBack()) {
      departures.add(departure(one.slot(), one.before(), Reason.CONFIG_CHANGED));
      restore(one.slot(), one.before(), one.wasActive(), arrivals);
    }
    if (handedOver) {
      // One that is held does not begin, and what ran before still does until the hold reaches it.
      replacements.stream()
          .filter(one -> one.replacesRun() && one.begins())
          .forEach(one -> restore(one.slot(), one.before(), one.wasActive(), arrivals));
      removals.stream()
          .filter(Removal::early)
          .forEach(one -> restore(one.slot(), one.before(), one.wasActive(), arrivals));
    }
    report(set.handover().carryOut(departures, arrivals).problems());
  }

  private void endWhatBegan() {
    var departures =
        replacements.stream()
            .filter(Replacement::begins)
            .map(one -> departure(one.slot(), one.after(), Reason.CONFIG_CHANGED))
            .toList();
    report(set.handover().carryOut(departures, List.of()).problems());
  }

  /// Gives runs their old graphs back.
  ///
  /// @return those that take another run for it
  private List<Replacement> notMovedBack() {
    var moved = replacements.stream().filter(Replacement::moved).toList();
    var outcomes = set.inPlace().eachByItself(moved.stream().map(Replacement::moveBack).toList());
    var left = new ArrayList<Replacement>();
    for (int i = 0; i < moved.size(); i++) {
      var name = moved.get(i).slot().name();
      if (moved.get(i).before().run().state() instanceof PipelineState.Completed) {
        continue; // it came to its end, and has nothing to go back for
      }
      switch (outcomes.get(i)) {
        case InPlace.Outcome.Moved _, InPlace.Outcome.Same _, InPlace.Outcome.CalledOff _ -> {}
        case InPlace.Outcome.NewRun(var why) -> {
          log.info("{} goes back to its old graph with a new run: {}", name, why);
          left.add(moved.get(i));
        }
        case InPlace.Outcome.Refused(var problem) -> {
          log.warn("{} goes back to its old graph with a new run: {}", name, problem);
          left.add(moved.get(i));
        }
      }
    }
    return left;
  }

  private void report(List<ProblemException> problems) {
    for (var problem : problems) {
      if (!set.runs().stopping()) {
        log.error("A change was taken back, and what ran before does not start again", problem);
      }
    }
  }

  /// The pipeline as it was: with a new run if the change has cut the old one off.
  private void restore(Slot slot, Slot.View before, boolean wasActive, List<Arrival> arrivals) {
    if (wasActive && !set.allPaused()) {
      var fresh = set.runs().fresh(before.declared());
      var again = before.running(fresh, true, Reason.CONFIG_CHANGED);
      arrivals.add(arrival(slot, again, () -> slot.show(again)));
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
}
