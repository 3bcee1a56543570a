package dev.millrace.control.pipeline;

import dev.millrace.control.pipeline.NamedGraph.Origin;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.engine.graph.Graph;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/// What a change makes of the pipelines there are. Called when no other change is under way, so
/// that two changes at once do not undo one another.
@FunctionalInterface
interface Wish {
  /// Most pipelines that no configuration has.
  int MOST_MADE = 1_000;

  /// The pipelines there are to be, in their order.
  ///
  /// @throws ProblemException if that cannot be wished
  List<NamedGraph> of(List<NamedGraph> declared) throws ProblemException;

  /// What a configuration says. It says nothing about pipelines that were made over the network,
  /// unless it names one like them.
  static Wish configured(List<NamedGraph> after) {
    return declared -> {
      var names = new HashSet<String>();
      after.forEach(one -> names.add(one.name()));
      var all = new ArrayList<>(after);
      declared.stream()
          .filter(one -> isMade(one) && !one.configured() && names.add(one.name()))
          .forEach(all::add);
      return all;
    };
  }

  static Wish adding(NamedGraph made) {
    return declared -> {
      if (declared.stream().anyMatch(one -> one.name().equals(made.name()))) {
        throw PipelineSet.refusal(
            "E_DUPLICATE_PIPELINE",
            "there is a pipeline " + made.name() + " already",
            "Give this one another name, or change that one.");
      }
      if (declared.stream().filter(Wish::isMade).count() >= MOST_MADE) {
        throw PipelineSet.refusal(
            "E_LIMIT",
            "there are " + MOST_MADE + " pipelines already that no configuration has",
            "Delete one.");
      }
      var after = new ArrayList<>(declared);
      after.add(made);
      return after;
    };
  }

  static Wish changing(String name, Graph graph) {
    return declared -> {
      var after = new ArrayList<>(declared);
      int at = place(name, declared);
      after.set(at, declared.get(at).changedTo(graph));
      return after;
    };
  }

  static Wish removing(String name) {
    return declared -> {
      var after = new ArrayList<>(declared);
      if (after.remove(place(name, declared)).configured()) {
        throw PipelineSet.refusal(
            "E_CONFIGURED",
            "the pipeline " + name + " stands in the configuration",
            "Remove it there and reload, or stop it.");
      }
      return after;
    };
  }

  private static int place(String name, List<NamedGraph> declared) throws ProblemException {
    for (int at = 0; at < declared.size(); at++) {
      if (declared.get(at).name().equals(name)) {
        return at;
      }
    }
    throw PipelineSet.refusal(
        "E_UNKNOWN_PIPELINE", "there is no pipeline of that name", "List the pipelines.");
  }

  private static boolean isMade(NamedGraph declared) {
    return declared.origin() == Origin.API;
  }
}
