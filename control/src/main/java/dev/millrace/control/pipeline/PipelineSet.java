package dev.millrace.control.pipeline;

import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.Problem;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.problem.Suggestion;
import dev.millrace.engine.graph.Graph;
import dev.millrace.engine.pipeline.DrainReport;
import dev.millrace.engine.pipeline.Pipeline;
import dev.millrace.engine.pipeline.PipelineServices;
import dev.millrace.engine.schedule.EngineRuntime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The pipelines of the process: what the configuration says, less what operators hold.
///
/// Every pipeline has a permit of its own, so that one that drains slowly delays only what is
/// wanted of itself; changes of the configuration are further taken one at a time. What is not
/// concerned by a change or a command is not touched. A run begins only after everything has ended
/// that bears its name or writes to where it writes, so it goes on from the position that its
/// durable sinks have committed.
///
/// Safe from any thread. [#running], [#find] and [#statuses] never wait.
public final class PipelineSet implements AutoCloseable {
  // Pipelines that were removed and still drain; beyond it a change is refused.
  private static final int MOST_LEAVING = 1_000;

  // Beyond the longest drain: what nodes that do not come back may cost, and their opening.
  private static final Duration MARGIN = Duration.ofSeconds(15);

  private final Supplier<Duration> longestDrain;
  private final Bell bell = new Bell();
  private final Runs runs;
  private final Leaving leaving = new Leaving();
  private final Handover handover;
  private final InPlace inPlace;
  private final Semaphore changing = new Semaphore(1, true); // a change, from prepare to its end

  // In the order of the configuration. Written by whoever holds `changing`.
  private volatile List<Slot> slots = List.of();

  // Run already, and are not in the set yet. Written by whoever holds `changing`.
  private volatile List<Slot> arriving = List.of();

  private volatile boolean opened; // written once
  private volatile boolean allPaused; // written by commands; whoever begins a run looks

  /// What a pipeline came to when the process stopped.
  public record Stopped(String name, DrainReport report) {}

  /// No drain takes longer than `longestDrain`, whatever a graph says; it is asked each time.
  public PipelineSet(
      EngineRuntime engine, PipelineServices services, Supplier<Duration> longestDrain) {
    this.longestDrain = longestDrain;
    this.runs = new Runs(engine, services, longestDrain, bell);
    this.handover = new Handover(runs, leaving);
    this.inPlace = new InPlace(runs, leaving);
    services.metrics().gauge(PipelineMetric.LEAVING, leaving::count);
    services
        .metrics()
        .gauge(
            PipelineMetric.PAUSED,
            () -> statuses().stream().filter(PipelineStatus::paused).count());
  }

  /// Starts the pipelines of the first configuration, all at the same time. They can be seen before
  /// they run.
  ///
  /// @throws ProblemException if one cannot start, further ones as suppressed; everything that was
  ///     started is closed again
  public void open(List<NamedGraph> initial) throws ProblemException {
    if (opened || !changing.tryAcquire()) {
      throw new IllegalStateException("a set of pipelines is opened once");
    }
    try {
      var change = PreparedChange.between(this, initial, slot -> {});
      slots = change.added();
      try {
        change.carryOut();
        opened = true;
      } finally {
        if (!opened) {
          slots = List.of();
        }
      }
    } finally {
      changing.release();
    }
  }

  /// Makes everything ready that a new configuration wants: what is new is started, what is other
  /// than before goes on with its new graph, or is drained and started anew where that cannot be,
  /// all at the same time. What is gone goes on until [PreparedChange#commit], and drains beside
  /// whoever commits.
  ///
  /// Takes as long as the slowest change in place, and then the slowest drain and start together;
  /// waits as long as that for an earlier change or a command to end that concerns the same
  /// pipelines.
  ///
  /// @throws ProblemException if it cannot be, further problems as suppressed; everything is then
  ///     as it was before, with new runs where old ones had been drained
  public PreparedChange prepare(List<NamedGraph> after) throws ProblemException {
    return prepare(Wish.configured(after));
  }

  /// Adds a pipeline that no configuration has, and starts it if it is to run by itself. Blocks as
  /// [#prepare] does.
  ///
  /// @throws ProblemException with `E_DUPLICATE_PIPELINE` if there is one of that name, `E_LIMIT`
  ///     if there are too many, or if it cannot start
  public void add(NamedGraph made) throws ProblemException {
    prepare(Wish.adding(made)).commit();
  }

  /// Gives a pipeline another graph from the network, as a changed configuration would. One of the
  /// configuration is what the file says again when that is next taken over. Blocks as [#prepare]
  /// does.
  ///
  /// @return how, if it was running
  /// @throws ProblemException with `E_UNKNOWN_PIPELINE` if there is none of that name, or if it
  ///     cannot start; then everything is as before
  public Optional<PipelineChange> change(String name, Graph graph) throws ProblemException {
    var change = prepare(Wish.changing(name, graph));
    change.commit();
    return change.changes().stream().findFirst();
  }

  /// Ends and forgets a pipeline that was made over the network; it drains beside the caller.
  ///
  /// @throws ProblemException with `E_UNKNOWN_PIPELINE` if there is none of that name,
  ///     `E_CONFIGURED` if the configuration has it
  public void remove(String name) throws ProblemException {
    prepare(Wish.removing(name)).commit();
  }

  /// Whether the configuration has a pipeline of that name.
  boolean configured(String name) {
    return slot(name).map(slot -> slot.view().declared().configured()).orElse(false);
  }

  /// Who wrote the graph that a pipeline has.
  public NamedGraph.Origin origin(String name) {
    return slot(name).map(slot -> slot.view().declared().origin()).orElse(NamedGraph.Origin.CONFIG);
  }

  private PreparedChange prepare(Wish wish) throws ProblemException {
    if (!opened || runs.stopping()) {
      throw refusal(
          "E_NOT_SERVING", "the process is starting or stopping", "Try again when it is ready.");
    }
    if (leaving.count() >= MOST_LEAVING) {
      throw refusal(
          "E_BUSY", leaving.count() + " removed pipelines still drain", "Try again later.");
    }
    if (!acquired(changing::tryAcquire)) {
      throw refusal("E_BUSY", "another change of the pipelines is under way", "Try again.");
    }
    var permits = new ArrayList<Slot>();
    boolean prepared = false;
    try {
      var change = PreparedChange.between(this, wish.of(declared()), slot -> take(slot, permits));
      arriving = change.added();
      change.carryOut();
      prepared = true;
      return change;
    } finally {
      if (!prepared) {
        unchanged(() -> permits.forEach(Slot::release));
      }
    }
  }

  /// All pipelines in the order of the configuration, each with its current or last run.
  public List<Pipeline> running() {
    return slots.stream().map(slot -> slot.view().run().pipeline()).toList();
  }

  public Optional<Pipeline> find(String name) {
    return slot(name).map(slot -> slot.view().run().pipeline());
  }

  /// Whether another run is about to take the place of this one, which somebody has ended.
  public boolean isReplaced(Pipeline ended) {
    return !runs.stopping()
        && slot(ended.name())
            .map(Slot::view)
            .filter(view -> view.wanted() && !view.paused() && !allPaused)
            .filter(view -> !view.run().pipeline().equals(ended) || view.run().stopped())
            .isPresent();
  }

  /// How the pipelines are, in the order of the configuration.
  public List<PipelineStatus> statuses() {
    boolean held = allPaused;
    return slots.stream().map(slot -> PipelineStatus.of(slot.view(), held)).toList();
  }

  /// Waits until every pipeline has ended by itself. One that is held, drained for a change or
  /// being started has not; one that nobody has started is not waited for. Returns at once without
  /// pipelines, and when the process stops.
  public void awaitAll() throws InterruptedException {
    bell.awaitUntil(() -> runs.stopping() || slots.stream().allMatch(slot -> slot.view().over()));
  }

  /// Drains all pipelines at the same time, those that were removed and still drain too, and starts
  /// none any more. What is left after `patience` is discarded and reported.
  ///
  /// @return one entry per pipeline, in the order of the configuration, removed ones last
  public List<Stopped> stopAll(Duration patience) throws InterruptedException {
    runs.stop();
    long deadline = runs.clock().nanoTime() + patience.toNanos();
    var drains = new ArrayList<Callable<Stopped>>();
    everySlot().forEach(slot -> drains.add(() -> stop(slot, deadline)));
    leaving
        .all()
        .forEach(
            leaver -> drains.add(() -> new Stopped(leaver.name(), stop(leaver.run(), deadline))));
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var stopped = new ArrayList<Stopped>();
      for (var drain : threads.invokeAll(drains)) {
        stopped.add(drain.get());
      }
      return stopped;
    } catch (ExecutionException defect) {
      throw new IllegalStateException("draining a pipeline failed", defect.getCause());
    }
  }

  /// Ends everything at once; what was not drained is discarded.
  @Override
  public void close() {
    runs.stop();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      everySlot().forEach(slot -> threads.execute(() -> slot.view().run().pipeline().close()));
      leaving.all().forEach(leaver -> threads.execute(() -> leaver.run().pipeline().close()));
    }
  }

  List<Slot> slots() {
    return slots;
  }

  Optional<Slot> slot(String name) {
    return slots.stream().filter(slot -> slot.name().equals(name)).findFirst();
  }

  private List<NamedGraph> declared() {
    return slots.stream().map(slot -> slot.view().declared()).toList();
  }

  Optional<String> suggestion(String name) {
    return Suggestion.closest(name, slots.stream().map(Slot::name).toList());
  }

  Runs runs() {
    return runs;
  }

  Leaving leaving() {
    return leaving;
  }

  InPlace inPlace() {
    return inPlace;
  }

  Handover handover() {
    return handover;
  }

  boolean allPaused() {
    return allPaused;
  }

  /// Sets the latch over all pipelines; says whether it was other before.
  boolean pauseAll(boolean now) {
    synchronized (changing) {
      boolean changed = allPaused != now;
      allPaused = now;
      return changed;
    }
  }

  /// How long a command waits for the permit of a pipeline.
  Duration patience() {
    return longestDrain.get().plus(MARGIN);
  }

  /// The end of a change that came about.
  void changed(List<Slot> order, Runnable release) {
    var fresh = arriving;
    slots = order;
    arriving = List.of();
    release.run();
    changing.release();
    bell.ring();
    if (allPaused) {
      // The latch fell after these had begun, and whoever let it fall did not see them.
      fresh.forEach(slot -> Thread.startVirtualThread(() -> holdLate(slot)));
    }
  }

  /// The end of a change that did not come about.
  void unchanged(Runnable release) {
    arriving = List.of();
    release.run();
    changing.release();
    bell.ring();
  }

  private void holdLate(Slot slot) {
    try {
      if (slot.acquire(patience())) {
        try {
          var view = slot.view();
          if (allPaused && !view.run().still()) {
            var _ = runs.end(view.run(), view.graph(), Reason.ADMIN_PAUSE);
          }
        } finally {
          slot.release();
        }
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private List<Slot> everySlot() {
    // In this order: a change becomes part of `slots` before it is no longer `arriving`.
    var fresh = arriving;
    var all = new ArrayList<>(slots);
    fresh.stream().filter(slot -> !all.contains(slot)).forEach(all::add);
    return all;
  }

  /// Drains what runs now, and then what somebody had just begun in its place.
  private Stopped stop(Slot slot, long deadline) throws InterruptedException {
    var first = slot.view().run();
    var report = stop(first, deadline);
    boolean acquired = slot.acquire(until(deadline));
    try {
      var last = slot.view().run();
      return new Stopped(slot.name(), last == first ? report : stop(last, deadline));
    } finally {
      if (acquired) {
        slot.release();
      }
    }
  }

  private DrainReport stop(Run run, long deadline) throws InterruptedException {
    boolean still = run.still();
    var previous = run.state().name();
    var report = run.pipeline().drain(until(deadline));
    if (!still) {
      var _ = runs.report(run, report, previous, Reason.ENGINE_SHUTDOWN);
    }
    return report;
  }

  private Duration until(long deadline) {
    return Duration.ofNanos(Math.max(0, deadline - runs.clock().nanoTime()));
  }

  private void take(Slot slot, List<Slot> permits) throws ProblemException {
    if (!acquired((time, unit) -> slot.acquire(Duration.of(time, unit.toChronoUnit())))) {
      throw refusal(
          "E_BUSY",
          "the pipeline " + slot.name() + " is being paused or started",
          "Try again when that is done.");
    }
    permits.add(slot);
  }

  /// An attempt to get a permit within a time.
  @FunctionalInterface
  private interface Attempt {
    boolean within(long time, TimeUnit unit) throws InterruptedException;
  }

  private boolean acquired(Attempt attempt) throws ProblemException {
    try {
      return attempt.within(patience().toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw refusal("E_INTERRUPTED", "the change was called off", null);
    }
  }

  static ProblemException refusal(String code, String what, @Nullable String fix) {
    return new ProblemException(Problem.error(code, Location.of("pipelines"), what, fix));
  }
}
