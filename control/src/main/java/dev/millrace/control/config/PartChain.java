package dev.millrace.control.config;

import dev.millrace.core.json.Json;
import dev.millrace.core.metric.Metrics;
import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.problem.Problems;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/// The parts that follow a configuration, as one. Confined to the reloader's thread.
final class PartChain<C> {
  private static final Logger log = LoggerFactory.getLogger(PartChain.class);

  private final List<ConfigPart<C>> parts;
  private final Metrics metrics;

  PartChain(List<ConfigPart<C>> parts, Metrics metrics) {
    this.parts = parts;
    this.metrics = metrics;
  }

  /// Prepares every part, in order; if one refuses, undoes those before it, newest first, and
  /// returns empty with the reason in `problems`.
  Optional<Prepared> prepare(C before, C after, Problems problems) {
    return prepare(part -> part.prepare(before, after), problems);
  }

  /// The same for a dry run.
  Optional<Prepared> rehearse(C before, C after, Problems problems) {
    return prepare(part -> part.rehearse(before, after), problems);
  }

  /// How a part is made ready.
  @FunctionalInterface
  private interface Preparation<C> {
    ConfigPart.Change of(ConfigPart<C> part) throws ProblemException;
  }

  private Optional<Prepared> prepare(Preparation<C> preparation, Problems problems) {
    var ready = new ArrayList<Ready>();
    for (var part : parts) {
      try {
        ready.add(new Ready(part.name(), preparation.of(part)));
        continue;
      } catch (ProblemException refused) {
        problems.add(refused.problem());
        for (var more : refused.getSuppressed()) {
          if (more instanceof ProblemException further) {
            problems.add(further.problem());
          }
        }
      } catch (RuntimeException defect) {
        log.error("{} failed while it prepared a change", part.name(), defect);
        problems.error(
            "E_PART_FAILED",
            Location.of(part.name()),
            part.name() + " failed while it prepared the change: " + defect.getClass().getName(),
            "The log has the details.");
      }
      new Prepared(ready).rollBack();
      return Optional.empty();
    }
    return Optional.of(new Prepared(ready));
  }

  private record Ready(String name, ConfigPart.Change change) {}

  /// Changes of all parts, ready to be made.
  final class Prepared {
    private final List<Ready> ready;

    private Prepared(List<Ready> ready) {
      this.ready = ready;
    }

    /// Makes every change; what fails is a warning, and the rest goes on.
    void commit(Problems problems) {
      for (var one : ready) {
        if (!survives(one.name(), one.change()::commit)) {
          problems.warning(
              "W_PART_FAILED",
              Location.of(one.name()),
              one.name() + " has not taken up the change: it failed at the last step",
              "The log has the details; a restart brings it in line.");
        }
      }
    }

    /// What the changes came to, all parts together.
    ObjectNode outcome() {
      var all = Json.mapper().createObjectNode();
      ready.forEach(one -> all.setAll(one.change().outcome()));
      return all;
    }

    void rollBack() {
      for (var one : ready.reversed()) {
        survives(one.name(), one.change()::rollBack);
      }
    }

    private boolean survives(String name, Runnable step) {
      try {
        step.run();
        return true;
      } catch (RuntimeException failure) {
        metrics.counter(ConfigMetric.PART_FAILURES, name).inc();
        log.error("{} failed in the middle of a change; the others go on", name, failure);
        return false;
      }
    }
  }
}
