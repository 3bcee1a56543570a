package dev.millrace.engine.pipeline;

import dev.millrace.core.problem.ProblemException;
import dev.millrace.engine.graph.GraphNode;
import dev.millrace.engine.schedule.OwnThread;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/// Opens the nodes of an assembly, each on the thread it will run on if it has one of its own.
/// Confined to the thread that starts or changes the pipeline, except [#openedNodes].
final class Opening {
  private final Assembly parts;

  // Written by the starting thread, read by whoever looks at its progress.
  private final AtomicInteger openedNodes = new AtomicInteger();

  Opening(Assembly parts) {
    this.parts = parts;
  }

  /// Nothing is left to be opened.
  void allOpen() {
    openedNodes.set(parts.graph().nodes().size());
  }

  /// Opens those of the nodes that are new, sinks first: the sources or all the others.
  void openNew(boolean sources) throws ProblemException {
    for (var node : parts.graph().order().reversed()) {
      if (!parts.stays(node) && node.isSource() == sources) {
        openOne(node);
      }
    }
  }

  /// Opens every node, the last of the graph first, each on the thread it will run on if it has one
  /// of its own; stops when `wanted` says that nobody wants the run any more.
  void open(BooleanSupplier wanted) throws ProblemException {
    for (var node : parts.graph().order().reversed()) {
      if (!wanted.getAsBoolean()) {
        return;
      }
      openOne(node);
      openedNodes.incrementAndGet();
    }
  }

  private void openOne(GraphNode node) throws ProblemException {
    var stage = parts.stage(node);
    var context = parts.context(node);
    Callable<Boolean> opening =
        () -> {
          stage.open(context);
          return true;
        };
    try {
      if (parts.host(node) instanceof OwnThread own) {
        own.call(opening);
      } else {
        opening.call();
      }
    } catch (Throwable failure) {
      if (failure instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      var problem = Instances.notOpened(parts.around().pipeline(), node, failure);
      context.fail(problem.what());
      throw new ProblemException(problem, failure);
    }
  }

  /// How many nodes are open, of all.
  int openedNodes() {
    return openedNodes.get();
  }
}
