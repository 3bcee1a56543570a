package dev.millrace.engine.graph;

import dev.millrace.core.node.DataType;
import dev.millrace.core.node.NodeType;
import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.Problem;
import dev.millrace.core.problem.Problems;
import dev.millrace.engine.graph.NodeReader.Declared;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Whether an edge joins nodes that may have it: the first hands frames on, the second takes some,
/// and they speak of the same data. A generator takes triggers, and nothing else.
final class Ports {
  private Ports() {}

  static void check(Location at, Declared from, Declared to, Problems problems) {
    var type = from.type();
    if (type != null && from.terminal()) {
      error(
          problems,
          at,
          List.of(from, to),
          from.id() + " is a sink (" + type.name() + ") and has nothing to give",
          "Connect the node in front of it to " + to.id() + ".");
    } else if (takes(at, from, to, problems) && type != null) {
      types(at, from, type.palette().out(), "gives", to, problems);
    }
  }

  /// Of the way of dead letters: `to` gets the frames that `from` failed on.
  static void checkLetters(Location at, Declared from, Declared to, Problems problems) {
    if (takes(at, from, to, problems) && from.type() != null) {
      types(at, from, from.type().palette().in(), "takes, and may fail on,", to, problems);
    }
  }

  private static boolean takes(Location at, Declared from, Declared to, Problems problems) {
    var type = to.type();
    if (type == null || type.role() != NodeType.Role.SOURCE) {
      return true;
    }
    error(
        problems,
        at,
        List.of(from, to),
        to.id() + " is a source (" + type.name() + ") and takes nothing in",
        "Turn the connection round or remove it.");
    return false;
  }

  private static void types(
      Location at,
      Declared from,
      @Nullable DataType given,
      String verb,
      Declared to,
      Problems problems) {
    var wanted = to.type() == null ? null : to.type().palette().in();
    if (given == null || wanted == null || given.fits(wanted)) {
      return;
    }
    error(
        problems,
        at,
        List.of(from, to),
        from.id()
            + " "
            + verb
            + " "
            + given.label()
            + ", and "
            + to.id()
            + " takes "
            + wanted.label(),
        wanted == DataType.TRIGGER
            ? "Only triggers clock a generator; remove the connection."
            : "Put a node between them that makes " + wanted.label() + ", or remove it.");
  }

  private static void error(
      Problems problems, Location at, List<Declared> nodes, String what, String fix) {
    problems.add(
        Problem.error("E_PORT", at, what, fix).about(nodes.stream().map(Declared::id).toList()));
  }
}
