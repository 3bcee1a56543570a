package dev.millrace.engine.graph;

import dev.millrace.core.node.NodeType;
import dev.millrace.core.node.Palette;
import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.Problem;
import dev.millrace.core.problem.Problems;
import dev.millrace.engine.graph.NodeReader.Declared;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What may be meant in a graph whose parts are sound, and probably is not.
///
/// A transform without an edge into it is no mistake: triggers enter there. Nor is a node that only
/// gets dead letters.
final class Lint {
  private final List<Declared> nodes;
  private final Topology topology;
  private final Problems problems;

  Lint(List<Declared> nodes, Topology topology, Problems problems) {
    this.nodes = nodes;
    this.topology = topology;
    this.problems = problems;
  }

  void check() {
    boolean anySink = false;
    for (var node : nodes) {
      var type = node.type();
      if (type != null) {
        anySink |= node.terminal() || type.palette().category() == Palette.Category.SINKS;
        isolated(node, type);
        interleaved(node, type);
      }
      if (node.supervision().breakerIsUseless()) {
        warn(
            "W_BREAKER_USELESS",
            node.at("restart"),
            node,
            "the circuit breaker of " + node.id() + " never acts: the first failure ends the graph",
            "Set error_policy to SkipFrame or UseDefault.");
      }
    }
    if (!nodes.isEmpty() && !anySink) {
      warn(
          "W_NO_SINK",
          nodes.getFirst().location(),
          null,
          "no node takes frames in the end",
          "Add a sink and connect it.");
    }
  }

  private void isolated(Declared node, NodeType<?> type) {
    boolean source = type.role() == NodeType.Role.SOURCE;
    if (topology.next(node.index()).length > 0 || topology.previous(node.index()).length > 0) {
      return;
    }
    warn(
        "W_ISOLATED",
        node.location(),
        node,
        source
            ? "nothing takes the frames of " + node.id()
            : type.role() == NodeType.Role.SINK
                ? "nothing leads to " + node.id() + ", so it never gets a frame"
                : node.id() + " is connected to nothing",
        "Connect it, or remove it.");
  }

  private void interleaved(Declared node, NodeType<?> type) {
    long inputs = Arrays.stream(topology.previous(node.index())).distinct().count();
    if (inputs > 1 && type.palette().category() != Palette.Category.CONTROL) {
      warn(
          "W_FANIN_INTERLEAVE",
          node.location(),
          node,
          node.id() + " gets the frames of " + inputs + " nodes one by one, in no common order",
          "That is fine where each frame stands for itself; to join them put a Merge in front.");
    }
  }

  private void warn(String code, Location at, @Nullable Declared node, String what, String fix) {
    var ids = node == null ? List.<String>of() : List.of(node.id());
    problems.add(Problem.warning(code, at, what, fix).about(ids));
  }
}
