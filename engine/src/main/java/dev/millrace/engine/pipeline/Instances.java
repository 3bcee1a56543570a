package dev.millrace.engine.pipeline;

import dev.millrace.core.node.Node;
import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.Problem;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.engine.flow.NodeFailure;
import dev.millrace.engine.graph.GraphNode;

/// Makes the instances of a graph's nodes, and says whose fault it is when that goes wrong.
final class Instances {
  private Instances() {}

  static Node make(String pipeline, GraphNode node) throws ProblemException {
    try {
      return node.fresh().get();
    } catch (RuntimeException | LinkageError failure) {
      throw new ProblemException(
          Problem.error(
              "E_NODE_CREATE",
              Location.of("pipeline " + pipeline),
              "node " + node.id() + " could not be made: " + NodeFailure.reason(failure),
              null),
          failure);
    }
  }

  /// What is said of a node that failed to open.
  static Problem notOpened(String pipeline, GraphNode node, Throwable failure) {
    if (failure instanceof ProblemException named) {
      var problem = named.problem();
      return new Problem(
          problem.severity(),
          problem.code(),
          problem.location(),
          "node " + node.id() + ": " + problem.what(),
          problem.fix());
    }
    return Problem.error(
        "E_NODE_OPEN",
        Location.of("pipeline " + pipeline),
        "node " + node.id() + " could not be opened: " + NodeFailure.reason(failure),
        null);
  }
}
