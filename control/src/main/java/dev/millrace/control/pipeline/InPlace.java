package dev.millrace.control.pipeline;

import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.Problem;
import dev.millrace.engine.graph.Alike;
import dev.millrace.engine.pipeline.Accord;
import dev.millrace.engine.pipeline.ApplyReport;
import dev.millrace.engine.pipeline.PipelineState;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Gives runs other graphs while they go on, all at the same time. Each takes as long as its nodes
/// need to get through their frames, at most a drain or 10 s.
final class InPlace {
  private static final Logger log = LoggerFactory.getLogger(InPlace.class);

  private final Runs runs;
  private final Leaving leaving;

  /// The run of `from` is to be one of `to`.
  record Move(Run run, NamedGraph from, NamedGraph to) {}

  /// What became of a move.
  sealed interface Outcome {
    /// The run is one of the new graph now.
    record Moved(ApplyReport.Applied nodes) implements Outcome {}

    /// It was one already.
    record Same() implements Outcome {}

    /// It takes another run; nothing has happened.
    record NewRun(String why) implements Outcome {}

    /// It cannot be; nothing has happened.
    record Refused(Problem problem) implements Outcome {}

    /// It could have been, if another had not been refused; nothing has happened.
    record CalledOff() implements Outcome {}
  }

  InPlace(Runs runs, Leaving leaving) {
    this.runs = runs;
    this.leaving = leaving;
  }

  /// All of them but those that take another run, or none. Outcomes in the order of `moves`.
  List<Outcome> together(List<Move> moves) {
    var accord = new Accord(moves.size());
    return carryOut(moves, () -> accord);
  }

  /// Each of them that can be. Outcomes in the order of `moves`.
  List<Outcome> eachByItself(List<Move> moves) {
    return carryOut(moves, () -> new Accord(1));
  }

  private List<Outcome> carryOut(List<Move> moves, Supplier<Accord> accords) {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var outcomes = new ArrayList<CompletableFuture<Outcome>>();
      for (var move : moves) {
        var accord = accords.get();
        outcomes.add(CompletableFuture.supplyAsync(() -> carryOut(move, accord), threads));
      }
      return outcomes.stream().map(CompletableFuture::join).toList();
    }
  }

  private Outcome carryOut(Move move, Accord accord) {
    var outcome = attempt(move, accord);
    switch (outcome) {
      case Outcome.NewRun _, Outcome.Same _ -> accord.leave();
      case Outcome.Refused _ -> accord.refuse();
      case Outcome.Moved _, Outcome.CalledOff _ -> {}
    }
    return outcome;
  }

  private Outcome attempt(Move move, Accord accord) {
    var run = move.run();
    if (!(run.state() instanceof PipelineState.Running)) {
      return new Outcome.NewRun("it was " + run.state().name());
    }
    if (leaving.writeWhere(Alike.newSinks(move.from().graph(), move.to().graph()))) {
      return new Outcome.NewRun("a pipeline that was removed still writes where a new sink will");
    }
    return switch (applied(move, accord)) {
      case ApplyReport.Applied nodes -> new Outcome.Moved(nodes);
      case ApplyReport.Unchanged() -> new Outcome.Same();
      case ApplyReport.Refused(var problem) ->
          problem.code().equals(ApplyReport.NEEDS_NEW_RUN)
                  || runs.stopping()
                  || !(run.state() instanceof PipelineState.Running)
              ? new Outcome.NewRun(problem.what())
              : problem.code().equals(ApplyReport.CALLED_OFF)
                  ? new Outcome.CalledOff()
                  : new Outcome.Refused(problem);
    };
  }

  private ApplyReport applied(Move move, Accord accord) {
    try {
      return runs.change(move.run(), move.to(), accord, Reason.CONFIG_CHANGED);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return refused("E_INTERRUPTED", move, "it was called off");
    } catch (RuntimeException defect) {
      // The others must still hear that this one was not changed.
      log.error("{} was to be changed, and that failed", move.to().name(), defect);
      return refused("E_CHANGE", move, defect.toString());
    }
  }

  private static ApplyReport refused(String code, Move move, String why) {
    var name = move.to().name();
    return new ApplyReport.Refused(
        Problem.error(
            code,
            Location.of("pipeline " + name),
            "the pipeline " + name + " was not changed: " + why,
            null));
  }
}
